//go:build !portable

package media

import (
	"encoding/binary"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A pacer is a periodic timer of the kernel that is read through the runtime's
// poller. It keeps its rate where a sleeping thread drifts under load.
type pacer struct{ timer *os.File }

func newPacer(step time.Duration) (*pacer, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	every := unix.NsecToTimespec(step.Nanoseconds())
	spec := unix.ItimerSpec{Interval: every, Value: every}
	if err := unix.TimerfdSettime(fd, 0, &spec, nil); err != nil {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("timerfd_settime", err)
	}
	return &pacer{os.NewFile(uintptr(fd), "timerfd")}, nil
}

// wait returns how many steps have passed since it was called last.
func (p *pacer) wait(due *[8]byte) (int, error) {
	if _, err := p.timer.Read(due[:]); err != nil {
		return 0, err
	}
	return int(binary.NativeEndian.Uint64(due[:])), nil
}

// close ends a wait.
func (p *pacer) close() { _ = p.timer.Close() }
