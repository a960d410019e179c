//go:build !race

package callback

// Raced says that the race detector is on.
const Raced = false
