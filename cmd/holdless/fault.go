package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/holdless/holdless/internal/store"
)

// The exit codes of the contract.
const (
	exitDone   = 0
	exitWrong  = 1  // the thing asked about is wrong, or cannot be had just now
	exitUsage  = 2  // the command was not understood, or cannot be read
	exitConfig = 78 // configuration or data cannot be used (EX_CONFIG of sysexits)
)

// fault is an error that has its own exit code.
type fault struct {
	code int
	err  error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

func wrong(format string, args ...any) error { return &fault{exitWrong, fmt.Errorf(format, args...)} }

func usage(format string, args ...any) error { return &fault{exitUsage, fmt.Errorf(format, args...)} }

func unusable(format string, args ...any) error {
	return &fault{exitConfig, fmt.Errorf(format, args...)}
}

// codeOf is how the program ends after err. What cobra itself complains about
// is usage; all our own errors come as faults.
func codeOf(err error) int {
	var f *fault
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &f):
		return f.code
	}
	return exitUsage
}

// oneLine writes an error for a terminal and a log: errors that were joined
// stand behind one another.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// notStarted is the end of a service that could not start. Where something else is
// not there yet, or still is (a port, an address, room on the disk, PostgreSQL),
// the next try may do: whoever watches over the service is not told to leave it.
func notStarted(err error) error {
	for _, passing := range []error{syscall.EADDRINUSE, syscall.EADDRNOTAVAIL, syscall.ENOSPC} {
		if errors.Is(err, passing) {
			return &fault{exitWrong, err}
		}
	}
	if store.Passing(err) {
		return &fault{exitWrong, err}
	}
	return &fault{exitConfig, err}
}
