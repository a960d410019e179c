// Package limits bounds how often something may be done: so often at once, and
// then once in a while.
package limits

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// A Limit bounds how often somebody does one kind of thing.
type Limit struct {
	Kind   string // what is done: one of a few words of ours
	Of     string // who does it; "" for all together
	AtOnce int
	Every  time.Duration // one more is there
}

// A Book keeps what was taken. One that processes share lets them allow no more
// together than one of them would alone.
type Book interface {
	// Take takes one from each limit, or nothing when one of them has none left.
	Take(ctx context.Context, now time.Time, all ...Limit) (Left, error)
	// Give gives back what was taken and needed not to be.
	Give(ctx context.Context, now time.Time, all ...Limit) error
}

// Left is what a limit has left, or the tightest of several.
type Left struct {
	N    int           // at once
	Full time.Duration // until as many are there as at first
	Wait time.Duration // until one is there; 0 when one was taken
}

// And is what two limits together have left.
func (l Left) And(o Left) Left {
	return Left{N: min(l.N, o.N), Full: max(l.Full, o.Full), Wait: max(l.Wait, o.Wait)}
}

// burst is how long it takes until an empty limit is full.
func (l Limit) burst() time.Duration { return time.Duration(l.AtOnce) * l.Every }

// Room is how far ahead of now the instant may be at which a limit is full
// again, for one more to be taken.
func (l Limit) Room() time.Duration { return l.burst() - l.Every }

// Take takes one from a limit that is full at an instant, when it has one, and
// tells when it is full then. A limit is nothing but that instant (ITU-T
// I.371, the generic cell rate algorithm): time fills it, each one that is
// taken moves the instant on.
func (l Limit) Take(full, now time.Time) (time.Time, Left) {
	ahead := max(full.Sub(now), 0)
	if over := ahead - l.Room(); over > 0 {
		return full, Left{Full: ahead, Wait: over}
	}
	return now.Add(ahead + l.Every), l.After(ahead + l.Every)
}

// After is what a limit has left that is full in a while.
func (l Limit) After(full time.Duration) Left {
	return Left{N: int((l.burst() - full) / l.Every), Full: full}
}

// Name stands for the limit where it is kept. Nobody can read from it who it
// is of: people type passwords where names are asked for.
func (l Limit) Name() string {
	sum := sha256.Sum256([]byte(l.Kind + "\x00" + l.Of))
	return hex.EncodeToString(sum[:16])
}
