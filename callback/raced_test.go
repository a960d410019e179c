//go:build race

package callback

// Raced says that the race detector is on: all takes eight times as long, so
// that long tables are gone through in part. They are whole without it.
const Raced = true
