//go:build !race

package number

// raced says that the race detector is on.
const raced = false
