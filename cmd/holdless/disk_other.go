//go:build !linux && !darwin

package main

import "errors"

// freeSpace is not told by this system.
func freeSpace(string) (free, size uint64, err error) { return 0, 0, errors.ErrUnsupported }
