//go:build race

package simulation

// raced says that the race detector is on: all takes eight times as long, so
// that less is lived through.
const raced = true
