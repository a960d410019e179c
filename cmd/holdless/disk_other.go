//go:build !linux && !darwin

package main

import "errors"

// freeSpace is not told by this system.
func freeSpace(string) (int, error) { return 0, errors.ErrUnsupported }
