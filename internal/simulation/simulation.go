// Package simulation lives through months and years of callbacks in virtual
// time.
//
// The desk, the store, the scheduler and the line that holds talks are the
// real ones. Carriers and people are not: what they do follows from a seed,
// and what they saw is kept outside of the processes that crash, so that it
// can be held against what the store says. It is all in the tests.
package simulation
