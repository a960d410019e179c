//go:build !portable

package media

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A pacer is a timer of the kernel that is waited for through the runtime's
// poller. The runtime's own timers are a millisecond late at times.
type pacer struct {
	file  *os.File
	conn  syscall.RawConn
	spec  unix.ItimerSpec
	armed bool
	err   error
	turn  func(fd uintptr) bool // p.arm, made once
}

func newPacer() (*pacer, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	p := &pacer{file: os.NewFile(uintptr(fd), "timerfd")}
	p.turn = p.arm
	if p.conn, err = p.file.SyscallConn(); err != nil {
		_ = p.file.Close()
		return nil, err
	}
	return p, nil
}

// wait returns at a time, not before it.
func (p *pacer) wait(until time.Time) error {
	left := time.Until(until)
	if left <= 0 {
		return nil
	}
	p.armed, p.spec.Value = false, unix.NsecToTimespec(left.Nanoseconds())
	if err := p.conn.Read(p.turn); err != nil {
		return err
	}
	return p.err
}

// arm sets the timer when the poller begins to wait, so that it cannot miss
// the moment, and is content when it is asked again: then that has come. What
// the timer has counted is never read, as setting it anew forgets it.
func (p *pacer) arm(fd uintptr) bool {
	if p.armed {
		return true
	}
	p.armed = true
	p.err = os.NewSyscallError("timerfd_settime", unix.TimerfdSettime(int(fd), 0, &p.spec, nil))
	return p.err != nil
}

// close ends a wait.
func (p *pacer) close() { _ = p.file.Close() }
