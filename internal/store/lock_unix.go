//go:build unix

package store

import (
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// lockFile takes the file for this process alone. The kernel gives it back
// however the process ends.
func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}

// unlockFile gives the file back. Closing it is not enough while a program
// that is being started still has a copy.
func unlockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) }

// fileID tells a file from another one that takes its place.
func fileID(info os.FileInfo) string {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return strconv.FormatUint(s.Ino, 10)
	}
	return ""
}
