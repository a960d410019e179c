//go:build linux || darwin

package main

import "golang.org/x/sys/unix"

// freeSpace is how much of the disk of a directory is free, in percent.
func freeSpace(dir string) (int, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	return int(100 * fs.Bavail / max(fs.Blocks, 1)), nil
}
