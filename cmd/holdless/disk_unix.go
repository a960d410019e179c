//go:build linux || darwin

package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// freeSpace is how many bytes of the disk of a directory are free for us, and
// how many it has.
func freeSpace(dir string) (free, size uint64, err error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, 0, err
	}
	block := uint64(fs.Bsize) //nolint:gosec,unconvert // a size is never negative; its type differs between systems
	return fs.Bavail * block, fs.Blocks * block, nil
}

// ownFile reports whether a file belongs to whoever runs this.
func ownFile(f os.FileInfo) bool {
	stat, ok := f.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
