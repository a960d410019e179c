//go:build race

package number

// raced says that the race detector is on: all takes eight times as long, so
// that long tables are gone through in part. They are whole without it.
const raced = true
