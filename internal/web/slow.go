package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// whole reads what a client sends before anything is done with it, and says so
// when that is too much, or does not arrive in time: a form that broke off is
// no form that was left empty.
func whole(most int64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		if r.ContentLength > most {
			tooMuch(w)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
		_, large := errors.AsType[*http.MaxBytesError](err)
		switch {
		case large:
			tooMuch(w)
		case errors.Is(err, os.ErrDeadlineExceeded):
			w.Header().Set("Connection", "close")
			plain(w, http.StatusRequestTimeout, tooSlow)
		case err != nil: // it broke off, or was not written as HTTP asks
			w.Header().Set("Connection", "close")
			plain(w, http.StatusBadRequest, "The request broke off.\n")
		default:
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
		}
	})
}

// bounded refuses what is said to be too much, and lets no more be read.
func bounded(most int64, next http.Handler) http.Handler {
	inside := http.MaxBytesHandler(next, most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > most {
			tooMuch(w)
			return
		}
		inside.ServeHTTP(w, r)
	})
}

const tooSlow = "The request did not arrive in time.\n"

func tooMuch(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	plain(w, http.StatusRequestEntityTooLarge, "That is larger than anything that is meant here.\n")
}

// patient accepts connections that know when their client was too slow.
type patient struct{ net.Listener }

// Accept implements [net.Listener].
func (l patient) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &awaited{TCPConn: tcp}, nil
	}
	return conn, err
}

// An awaited connection knows whether the time to read from it was over.
type awaited struct {
	*net.TCPConn
	late atomic.Bool
}

// Read implements [net.Conn].
func (c *awaited) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	c.late.Store(errors.Is(err, os.ErrDeadlineExceeded))
	return n, err
}

// tellLate tells a client whose request has begun, and did not arrive in time,
// which the server itself would leave without a word (RFC 9110, 15.5.9).
func tellLate(conn net.Conn, state http.ConnState) {
	c, ok := conn.(*awaited)
	switch {
	case !ok:
	case state == http.StateIdle: // between requests the server ends reads by their deadline itself
		c.late.Store(false)
	case state == http.StateActive && c.late.Load():
		_ = c.SetWriteDeadline(time.Now().Add(time.Second)) // the client may have gone
		_, _ = fmt.Fprintf(c.TCPConn, "HTTP/1.1 408 Request Timeout\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
			len(tooSlow), tooSlow)
	}
}
