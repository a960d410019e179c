package scheduler

import (
	"errors"
	"fmt"
	"time"
)

// Config says how closely the scheduler watches. The defaults are right for
// all but tests.
type Config struct {
	// Tick is how long it sleeps at most. It survives a clock that was set, a
	// machine that slept, and another node's booking.
	Tick time.Duration `yaml:"tick"`
	// Sweep is how often lapsed holds and overdue wrap-ups are looked for.
	Sweep time.Duration `yaml:"sweep"`
	// Beat is how often it tells the other nodes that it lives.
	Beat time.Duration `yaml:"beat"`
	// Fence is how long after the last good beat it takes nothing more in
	// hand. The other nodes must wait longer before they take over.
	Fence time.Duration `yaml:"fence"`
	// Patience is how long it waits for the database.
	Patience time.Duration `yaml:"patience"`
	// Grace is how long, when it is told to stop, what it has in hand may last.
	Grace time.Duration `yaml:"grace"`
	// Dials is how many calls may be begun at the same time.
	Dials int `yaml:"dials"`
	// Texts is how many messages may be sent at the same time.
	Texts int `yaml:"texts"`
}

// DefaultConfig returns what is right for all but tests.
func DefaultConfig() Config {
	return Config{
		Tick: time.Second, Sweep: time.Second, Beat: 5 * time.Second, Fence: 10 * time.Second,
		Patience: 4 * time.Second, Grace: 10 * time.Second, Dials: 64, Texts: 16,
	}
}

// check reports every mistake at once.
func (c Config) check() error {
	var all []error
	for _, d := range []struct {
		key string
		dur time.Duration
	}{
		{"tick", c.Tick},
		{"sweep", c.Sweep},
		{"beat", c.Beat},
		{"fence", c.Fence},
		{"patience", c.Patience},
		{"grace", c.Grace},
	} {
		if d.dur <= 0 {
			all = append(all, fmt.Errorf("scheduler.%s: must be more than 0", d.key))
		}
	}
	if c.Fence <= c.Beat {
		all = append(all, errors.New("scheduler.fence: must be longer than scheduler.beat"))
	}
	if c.Dials < 1 || c.Texts < 1 {
		all = append(all, errors.New("scheduler.dials and scheduler.texts: must be 1 or more"))
	}
	return errors.Join(all...)
}
