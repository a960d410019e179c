package sipline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// framed is a connection that hands over one whole message at a time, and
// only what the guard lets pass. Messages that come in pieces are put
// together here, so that no half of one is ever judged.
type framed struct {
	net.Conn
	guard *guard
	src   netip.AddrPort
	free  func()

	wait time.Duration // for the next message to begin
	buf  []byte        // what has come and was not handed over
	once sync.Once
}

func (s *streams) framed(conn net.Conn, free func()) *framed {
	return &framed{Conn: conn, guard: s.guard, src: addrPort(conn.RemoteAddr()), free: free, wait: streamIdle}
}

// errFraming means that nobody can say where the next message begins.
var errFraming = errors.New("no message boundary")

// Read returns one message.
func (f *framed) Read(b []byte) (int, error) {
	for {
		if err := f.pong(); err != nil {
			return 0, err
		}
		size, err := frame(f.buf)
		if err != nil {
			return 0, f.giveUp(err)
		}
		if size == 0 {
			if err := f.fill(); err != nil {
				return 0, err
			}
			continue
		}
		v := f.guard.judge(f.src, f.buf[:size])
		if v.pass && size <= len(b) {
			n := copy(b, f.buf[:size])
			f.drop(size)
			f.wait = streamIdle
			return n, nil
		}
		f.drop(size)
		if len(v.answer) > 0 {
			if _, err := f.Write(v.answer); err != nil {
				return 0, fmt.Errorf("answer: %w", err)
			}
		}
		if v.end {
			return 0, io.EOF
		}
	}
}

// pong answers a ping, and drops the blank lines between messages
// (RFC 5626, 4.4.1; RFC 3261, 7.5).
func (f *framed) pong() error {
	for bytes.HasPrefix(f.buf, []byte("\r\n")) {
		n := 2
		if bytes.HasPrefix(f.buf, []byte("\r\n\r\n")) {
			n = 4
			if _, err := f.Write([]byte("\r\n")); err != nil {
				return fmt.Errorf("answer keep-alive: %w", err)
			}
		}
		f.drop(n)
	}
	return nil
}

// giveUp answers a stream that cannot be read any further, and ends it: the
// next message might begin anywhere (RFC 4475, 3.3.9: smuggling).
func (f *framed) giveUp(cause error) error {
	f.guard.counts.malformed.Add(1)
	if listed, _ := f.guard.knows(f.src.Addr()); listed {
		if v := f.guard.refuse(f.src, f.buf, bad("Bad Request")); len(v.answer) > 0 {
			_, _ = f.Write(v.answer) // the connection ends either way
		}
	}
	return errors.Join(io.EOF, cause)
}

// fill reads more. Whoever has begun a message must finish it soon. While calls
// are up that came by this connection, or were placed by it, it may be silent:
// there may be no other way to the other side.
func (f *framed) fill() error {
	wait := f.wait
	if len(f.buf) > 0 {
		wait = streamMessage
	}
	if err := f.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return err
	}
	var chunk [4096]byte
	n, err := f.Conn.Read(chunk[:])
	f.buf = append(f.buf, chunk[:n]...)
	switch {
	case err == nil:
		return nil
	case len(f.buf) > 0 && !errors.Is(err, net.ErrClosed):
		return f.giveUp(err)
	case errors.Is(err, os.ErrDeadlineExceeded) && f.guard.carries(f.src):
		return nil
	}
	return errors.Join(io.EOF, err)
}

// Write implements [net.Conn]. Whoever does not read what we write would hold
// up a call for ever.
func (f *framed) Write(b []byte) (int, error) {
	if err := f.SetWriteDeadline(time.Now().Add(streamMessage)); err != nil {
		return 0, err
	}
	return f.Conn.Write(b)
}

func (f *framed) drop(n int) { f.buf = append(f.buf[:0], f.buf[n:]...) }

// Close implements [net.Conn].
func (f *framed) Close() error {
	f.once.Do(f.free)
	return f.Conn.Close()
}

// frame returns the size of the first message in buf, 0 while it is not
// complete.
func frame(buf []byte) (int, error) {
	head := bytes.Index(buf, []byte("\r\n\r\n"))
	if head < 0 {
		if len(buf) > maxMessage {
			return 0, errFraming
		}
		return 0, nil
	}
	length := -1
	for _, line := range headLines(buf[:head]) {
		name, value, _ := strings.Cut(line, ":")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "content-length", "l":
			n, err := strconv.Atoi(strings.TrimSpace(value))
			if err != nil || n < 0 || length >= 0 {
				return 0, errFraming
			}
			length = n
		}
	}
	// RFC 3261, 20.14: on a stream the field must be there.
	if length < 0 || head+4+length > maxMessage {
		return 0, errFraming
	}
	if len(buf) < head+4+length {
		return 0, nil
	}
	return head + 4 + length, nil
}
