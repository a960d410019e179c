package liveline_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
)

// postbox is where two processes leave each other word.
type postbox struct {
	mu    sync.Mutex
	all   []callback.Errand
	ends  map[string]error
	lost  bool // nobody can read it
	holds bool // what was taken has no end
}

func (b *postbox) Ask(_ context.Context, e callback.Errand) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e.ID, e.Talk = "e1", "near"
	b.all = append(b.all, e)
	return e.ID, nil
}

func (b *postbox) Answered(_ context.Context, id string) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.lost {
		return false, errors.New("the database is away")
	}
	err, over := b.ends[id]
	return over, err
}

func (b *postbox) Withdraw(_ context.Context, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.lost || len(b.all) == 0 {
		return nil // taken
	}
	b.all = nil
	b.ends[id] = callback.ErrUnreached
	return nil
}

func (b *postbox) TakeErrands(context.Context) (all []callback.Errand, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	all, b.all = b.all, nil
	return all, nil
}

func (b *postbox) EndErrand(_ context.Context, id string, how error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.holds {
		b.ends[id] = how
	}
	return nil
}

// TestElsewhere holds that what an agent asks for at another process is done in his
// call, and that he is told soon what came of it, whatever becomes of that process.
func TestElsewhere(t *testing.T) {
	for _, tt := range []struct {
		name   string
		box    *postbox
		works  bool // the process that carries the call looks for errands
		steps  []string
		ask    func(ctx context.Context, e liveline.Elsewhere) error
		want   error
		within time.Duration
	}{
		{"put through", &postbox{}, true, nil, putThroughElsewhere("third", false), nil, 400 * time.Millisecond},
		{"speaks first", &postbox{}, true, nil, putThroughElsewhere("third", true), nil, 400 * time.Millisecond},
		{"refused", &postbox{}, true, nil, putThroughElsewhere("stranger", false), callback.ErrForbidden, 400 * time.Millisecond},
		{"joins nobody", &postbox{}, true, nil, joinsElsewhere, callback.ErrNoCall, 400 * time.Millisecond},
		{"joins", &postbox{}, true, []string{"speaks first", "third answers"}, joinsElsewhere, nil, 400 * time.Millisecond},
		{"takes back", &postbox{}, true, []string{"speaks first"}, takesBackElsewhere, nil, 400 * time.Millisecond},
		{"nobody hears it", &postbox{}, false, nil, joinsElsewhere, callback.ErrUnreached, 3200 * time.Millisecond},
		{"nobody tells how it ended", &postbox{holds: true}, true, nil, putThroughElsewhere("third", false), callback.ErrUnclear, 12200 * time.Millisecond},
		{"nobody can read how it ended", &postbox{lost: true}, true, nil, putThroughElsewhere("third", false), callback.ErrUnclear, 12200 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCounter(t, "near")
				c.does(tt.steps...)
				tt.box.ends = map[string]error{}
				ctx, stop := context.WithCancel(t.Context())
				ran := make(chan error, 1)
				if tt.works {
					go func() { ran <- c.h.RunErrands(ctx, tt.box) }()
				}
				began := time.Now()
				if err := tt.ask(t.Context(), liveline.Elsewhere{Errands: tt.box}); !errors.Is(err, tt.want) {
					t.Errorf("%v, want %v", err, tt.want)
				}
				if took := time.Since(began); took > tt.within {
					t.Errorf("told after %v", took)
				}
				stop()
				if tt.works {
					if err := <-ran; err != nil {
						t.Error(err)
					}
				}
				c.does("person leaves", "asker leaves")
				if slices.Contains(tt.steps, "third answers") {
					c.does("third leaves")
				}
				if err := <-c.over; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func putThroughElsewhere(to string, first bool) func(context.Context, liveline.Elsewhere) error {
	return func(ctx context.Context, e liveline.Elsewhere) error {
		return e.PutThrough(ctx, callback.SendOn{Agent: "anna", To: to, Consult: first})
	}
}

func joinsElsewhere(ctx context.Context, e liveline.Elsewhere) error { return e.Join(ctx, "anna") }

func takesBackElsewhere(ctx context.Context, e liveline.Elsewhere) error {
	return e.TakeBack(ctx, "anna")
}

// TestErrandOfAnotherCall holds that what was meant for a call that is over is not
// done in the next one, nor what only a later version understands; and that nothing is
// looked for while nobody speaks.
func TestErrandOfAnotherCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, "near")
		box := &postbox{ends: map[string]error{}, all: []callback.Errand{
			{ID: "old", Agent: "anna", Talk: "before", Do: callback.PutThrough, To: "third"},
			{ID: "new", Agent: "anna", Talk: "near", Do: "record", To: "third"},
		}}
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- c.h.RunErrands(ctx, box) }()
		<-time.After(time.Second)
		synctest.Wait()
		if err := box.ends["old"]; !errors.Is(err, callback.ErrNoCall) {
			t.Errorf("for the call before: %v", err)
		}
		if err, over := box.ends["new"]; !over || err == nil {
			t.Errorf("a deed that nobody knows: %v", err)
		}
		c.does("person leaves")
		if err := <-c.over; err != nil {
			t.Error(err)
		}
		if _, err := box.Ask(t.Context(), callback.Errand{Agent: "anna", Do: callback.JoinBoth}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Second)
		if len(box.all) != 1 {
			t.Error("looked for though nobody speaks")
		}
		stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
}
