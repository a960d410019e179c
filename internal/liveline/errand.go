package liveline

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
)

// What an agent asks for at the desk of one process reaches his call in another: the
// first leaves it as an errand, and waits for what comes of it; the other looks for
// errands for as long as it carries calls that are joined.

// Errands is where processes leave each other word. The desk is one.
type Errands interface {
	Ask(ctx context.Context, e callback.Errand) (id string, err error)
	Answered(ctx context.Context, id string) (over bool, err error)
	Withdraw(ctx context.Context, id string) error

	TakeErrands(ctx context.Context) ([]callback.Errand, error)
	EndErrand(ctx context.Context, id string, how error) error
}

var _ Errands = (*callback.Desk)(nil)

const (
	errandsEvery  = 200 * time.Millisecond // how often a process looks what it is asked for
	answersEvery  = 100 * time.Millisecond // how often it is looked what came of it
	reachedWithin = 3 * time.Second        // from then on an errand that nobody took is withdrawn
	clearWithin   = 12 * time.Second       // and what came of one that was taken is not waited for
)

// Elsewhere does with calls of other processes what a [Holder] does with those of its
// own.
type Elsewhere struct{ Errands Errands }

// PutThrough is [Holder.PutThrough] with a call that another process carries. Beside
// its errors there are [callback.ErrUnreached] and [callback.ErrUnclear].
func (e Elsewhere) PutThrough(ctx context.Context, s callback.SendOn) error {
	do := callback.PutThrough
	if s.Consult {
		do = callback.SpeakFirst
	}
	return e.have(ctx, callback.Errand{Agent: s.Agent, Do: do, To: s.To})
}

// Join is [Holder.Join], likewise.
func (e Elsewhere) Join(ctx context.Context, agent string) error {
	return e.have(ctx, callback.Errand{Agent: agent, Do: callback.JoinBoth})
}

// TakeBack is [Holder.TakeBack], likewise.
func (e Elsewhere) TakeBack(ctx context.Context, agent string) error {
	return e.have(ctx, callback.Errand{Agent: agent, Do: callback.TakeBack})
}

// have has an errand done, and returns when it is, or when it is certain that it is
// not, or that nobody knows.
func (e Elsewhere) have(ctx context.Context, errand callback.Errand) error {
	id, err := e.Errands.Ask(ctx, errand)
	if err != nil {
		return err
	}
	for began := time.Now(); rest(ctx, answersEvery); {
		over, how := e.Errands.Answered(ctx, id) // it may be done while nobody can read that
		switch waited := time.Since(began); {
		case over:
			return how
		case waited >= clearWithin:
			return errors.Join(callback.ErrUnclear, how)
		case waited >= reachedWithin:
			_ = e.Errands.Withdraw(ctx, id) // unless it was taken; and it is looked again
		}
	}
	return ctx.Err()
}

// rest waits; false when ctx is done.
func rest(ctx context.Context, d time.Duration) bool {
	late := time.NewTimer(d)
	defer late.Stop()
	select {
	case <-late.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// RunErrands does what other processes ask for in the calls of this line, until ctx is
// done. It returns when nothing is being done any more.
func (h *Holder) RunErrands(ctx context.Context, from Errands) error {
	var crew sync.WaitGroup
	defer crew.Wait()
	for rest(ctx, errandsEvery) {
		if h.pairs.none() {
			continue
		}
		all, err := from.TakeErrands(ctx)
		if err != nil && ctx.Err() == nil {
			h.Log.Warn("errands not looked for", "line", h.Name, "err", err)
		}
		for _, e := range all {
			crew.Go(func() { h.run(ctx, from, e) })
		}
	}
	return nil
}

// run does one errand, and tells how it ended.
func (h *Holder) run(ctx context.Context, from Errands, e callback.Errand) {
	err := h.guard(ctx, e)
	h.Log.Info("errand done", "line", h.Name, "order", e.ID, "do", string(e.Do), "err", err)
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer stop()
	if err := from.EndErrand(ctx, e.ID, err); err != nil {
		h.Log.Error("end of an errand not stored", "order", e.ID, "err", err)
	}
}

// guard keeps a panic within the errand.
func (h *Holder) guard(ctx context.Context, e callback.Errand) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v, at %s", p, debug.Stack())
		}
	}()
	d, known := deeds[e.Do]
	if !known {
		return fmt.Errorf("a deed that this version does not know: %q", e.Do)
	}
	o := newOrder(d, e.To)
	o.keeps = e.Talk
	return h.order(ctx, e.Agent, o)
}
