package twilioapi_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/limits"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/internal/twiliosim"
)

// numbered is the nth order.
func numbered(n int) twilioapi.NewCall {
	o := order()
	o.Token = fmt.Sprintf("token-%d-", n)
	o.StatusURL = public + "/s/" + o.Token
	return o
}

// TestBucket: twenty who want to call at once are let through one a second.
func TestBucket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, func(c *twilioapi.Config) { c.PerSecond = 1 })
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				if _, err := w.PlaceCall(t.Context(), numbered(i)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		reqs := w.sim.Requests()
		if len(reqs) != 20 {
			t.Fatalf("%d requests, want 20", len(reqs))
		}
		for i := range reqs[1:] {
			if d := reqs[i+1].At.Sub(reqs[i].At); d < 999*time.Millisecond {
				t.Errorf("request %d came %v after the one before", i+1, d)
			}
		}
		if d := reqs[19].At.Sub(reqs[0].At); d > 20*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// TestProcessesTogether: two processes begin no more calls in a second than one
// may, and one that cannot ask the other keeps to its own bucket.
func TestProcessesTogether(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		book limits.Book
		took time.Duration
	}{
		{"one book", &limits.Memory{}, 9 * time.Second},
		{"a book that cannot be read", unread{}, 4 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				shared := func(c *twilioapi.Config) { c.PerSecond, c.Shared = 1, tt.book }
				w := newWorld(t, twiliosim.Config{}, shared)
				other := newClient(t, w.sim, shared)
				var all sync.WaitGroup
				for i := range 10 {
					all.Go(func() {
						c := []*twilioapi.Client{w.Client, other}[i%2]
						if _, err := c.PlaceCall(t.Context(), numbered(i)); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				reqs := w.sim.Requests()
				if d := reqs[len(reqs)-1].At.Sub(reqs[0].At); len(reqs) != 10 || d.Round(100*time.Millisecond) != tt.took {
					t.Errorf("%d calls in %v, want %v", len(reqs), d, tt.took)
				}
			})
		})
	}
}

// TestLateAmongProcesses: who has not had his turn in time places no call.
func TestLateAmongProcesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		book := &limits.Memory{}
		shared := func(c *twilioapi.Config) { c.PerSecond, c.Shared = 0.1, book }
		w := newWorld(t, twiliosim.Config{}, shared)
		if _, err := newClient(t, w.sim, shared).PlaceCall(t.Context(), numbered(1)); err != nil {
			t.Fatal(err)
		}
		late := numbered(2)
		late.Before = time.Now().Add(5 * time.Second)
		if _, err := w.PlaceCall(t.Context(), late); !errors.Is(err, twilioapi.ErrLate) || twilioapi.ClassOf(err) != twilioapi.Retryable {
			t.Errorf("too late: %v", err)
		}
		if n := created(w.sim); n != 1 {
			t.Errorf("%d calls", n)
		}
	})
}

// unread is a book of which nothing is known.
type unread struct{}

var errUnread = errors.New("cannot be read")

func (unread) Take(context.Context, time.Time, ...limits.Limit) (limits.Left, error) {
	return limits.Left{}, errUnread
}
func (unread) Give(context.Context, time.Time, ...limits.Limit) error { return errUnread }

// TestOneCallPerToken: of one order that comes twice, one call is begun, even
// when the first was lost or is over. What never arrived may be ordered again.
func TestOneCallPerToken(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault twiliosim.Fault
		again bool
	}{
		{"begun", twiliosim.Fault{}, false},
		{"lost", twiliosim.Fault{Status: 500, After: true}, false},
		{"refused", twiliosim.Fault{Status: 400}, true},
		{"too many", twiliosim.Fault{Status: 429}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{}, nil)
			w.sim.Fail(tt.fault)
			w.PlaceCall(t.Context(), order())
			_, err := w.PlaceCall(t.Context(), order())
			if errors.Is(err, twilioapi.ErrKnown) == tt.again || (err == nil) != tt.again {
				t.Errorf("ordered again: %v", err)
			}
			if n := created(w.sim); n != 1 {
				t.Errorf("%d were created", n)
			}
		})
	}
}

// TestLostIsForgotten: a call of which nobody can say whether it was ever begun
// does not keep a line busy for ever. Should it be heard of after all, it counts
// again.
func TestLostIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{Mischief: twiliosim.Mischief{Drop: 1}}, func(c *twilioapi.Config) { c.MaxCalls = 1 })
		l := lost(t, w, numbered(1), twiliosim.Fault{Status: 500})
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
		defer stop()
		if _, err := w.PlaceCall(ctx, numbered(2)); !errors.Is(err, twilioapi.ErrFull) {
			t.Errorf("got %v, want that all lines are busy", err)
		}
		time.Sleep(6 * time.Minute) //nolint:forbidigo // the time of the bubble
		if _, err := w.PlaceCall(t.Context(), numbered(3)); err != nil {
			t.Errorf("after eleven minutes: %v", err)
		}
		w.Heard(twilioapi.News{Token: l.Token, SID: "CA1", Status: twilioapi.InProgress})
		if n := w.Live(); n != 2 {
			t.Errorf("%d live calls, want both", n)
		}
	})
}

// TestBefore sends nothing that is too late, and what was given up costs
// nothing.
func TestBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, func(c *twilioapi.Config) { c.PerSecond = 0.1 })
		if _, err := w.PlaceCall(t.Context(), numbered(1)); err != nil {
			t.Fatal(err)
		}
		late := numbered(2)
		late.Before = time.Now().Add(5 * time.Second)
		_, err := w.PlaceCall(t.Context(), late)
		if twilioapi.ClassOf(err) != twilioapi.Retryable || !errors.Is(err, twilioapi.ErrLate) {
			t.Errorf("got %v, want ErrLate", err)
		}
		late.Before = time.Now()
		if _, err = w.PlaceCall(t.Context(), late); !errors.Is(err, twilioapi.ErrLate) {
			t.Errorf("got %v, want ErrLate", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err = w.PlaceCall(ctx, numbered(3)); twilioapi.ClassOf(err) != twilioapi.Retryable || err == nil {
			t.Errorf("got %v, want it retryable", err)
		}
		if n := created(w.sim); n != 1 {
			t.Errorf("%d were created, want 1", n)
		}
		if n := w.Live(); n != 1 {
			t.Errorf("%d live calls, want 1", n)
		}
	})
}

// TestRetryAfter: while Twilio wants to be left in peace, nobody creates
// anything.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, nil)
		w.sim.Fail(twiliosim.Fault{Status: 429, RetryAfter: 7 * time.Second})
		if _, err := w.PlaceCall(t.Context(), numbered(1)); twilioapi.ClassOf(err) != twilioapi.Retryable || err == nil {
			t.Fatalf("got %v, want it retryable", err)
		}
		began := time.Now()
		if _, err := w.Send(t.Context(), text()); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d != 7*time.Second {
			t.Errorf("the next was sent after %v, want 7s", d)
		}
	})
}

// TestMaxCalls: a third call waits until one of two is over, in or out.
func TestMaxCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, func(c *twilioapi.Config) { c.MaxCalls = 2 })
		w.Heard(twilioapi.News{SID: "CAin", Status: twilioapi.InProgress}) // reached us
		first, err := w.PlaceCall(t.Context(), numbered(1))
		if err != nil {
			t.Fatal(err)
		}
		full := numbered(2)
		full.Before = time.Now().Add(time.Second)
		if _, err := w.PlaceCall(t.Context(), full); !errors.Is(err, twilioapi.ErrFull) {
			t.Errorf("got %v, want ErrFull", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		time.AfterFunc(30*time.Second, func() { w.sim.Hangup(first.SID) })
		if _, err := w.PlaceCall(ctx, numbered(3)); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d != 30*time.Second {
			t.Errorf("it waited %v, want 30s", d)
		}
		if n := w.Live(); n != 2 {
			t.Errorf("%d live calls, want 2", n)
		}
	})
}

// TestLateNews: callbacks that are old, doubled or out of order bring no call
// back to life.
func TestLateNews(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{}, nil)
	all := []twilioapi.Status{
		twilioapi.Ringing, twilioapi.Initiated, twilioapi.Ringing, twilioapi.Completed,
		twilioapi.InProgress, twilioapi.Completed, twilioapi.Busy, twilioapi.Queued, "unheard-of",
	}
	var fresh []twilioapi.Status
	for _, s := range all {
		if w.Heard(twilioapi.News{Token: token, SID: "CA1", Status: s}) {
			fresh = append(fresh, s)
		}
	}
	if want := []twilioapi.Status{twilioapi.Ringing, twilioapi.Completed}; !slices.Equal(fresh, want) {
		t.Errorf("new were %v, want %v", fresh, want)
	}
	if n := w.Live(); n != 0 {
		t.Errorf("%d live calls, want none", n)
	}
	if w.Heard(twilioapi.News{SID: "CA1", Status: twilioapi.Ringing}) || w.Live() != 0 {
		t.Error("without its token the call lives again")
	}
}

// TestForgotten: a call that nobody has told the end of holds its line no
// longer than a call can last.
func TestForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, func(c *twilioapi.Config) { c.MaxCalls = 1 })
		w.Heard(twilioapi.News{SID: "CA1", Status: twilioapi.InProgress}) // of which Twilio knows nothing
		ctx, stop := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() { w.Run(ctx) })
		began := time.Now()
		if _, err := w.PlaceCall(t.Context(), numbered(2)); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d < 4*time.Hour || d > 5*time.Hour {
			t.Errorf("it waited %v", d)
		}
		stop()
		run.Wait()
	})
}

// TestQueueStaysEmpty: who keeps to what Twilio dials in a second leaves
// nothing in its queue; who does not, waits there.
func TestQueueStaysEmpty(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ ours, longest float64 }{{1, 0}, {1000, 9}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, twiliosim.Config{PerSecond: 1}, func(c *twilioapi.Config) { c.PerSecond = tt.ours })
			var all sync.WaitGroup
			for i := range 10 {
				all.Go(func() { w.PlaceCall(t.Context(), numbered(i)) })
			}
			all.Wait()
			calls, err := w.Calls(t.Context(), twilioapi.CallFilter{})
			if err != nil || len(calls) != 10 {
				t.Fatalf("%d calls, %v", len(calls), err)
			}
			longest := time.Duration(0)
			for _, c := range calls {
				longest = max(longest, c.QueueTime)
			}
			if got := longest.Seconds(); got < tt.longest-0.1 || got > tt.longest+0.1 {
				t.Errorf("at %v a second the longest waited %v s in the queue, want %v", tt.ours, got, tt.longest)
			}
		})
	}
}

// TestStoodStill: a process that stood still between its turn and the request
// sends nothing too late.
func TestStoodStill(t *testing.T) {
	t.Parallel()
	began := time.Now()
	asked := 0
	w := newWorld(t, twiliosim.Config{}, func(c *twilioapi.Config) {
		c.Now = func() time.Time { asked++; return began.Add(time.Duration(asked) * time.Minute) }
	})
	late := order()
	late.Before = began.Add(4*time.Minute + time.Second)
	if _, err := w.PlaceCall(t.Context(), late); !errors.Is(err, twilioapi.ErrLate) {
		t.Errorf("got %v, want ErrLate", err)
	}
	if n := created(w.sim) + w.Live(); n != 0 {
		t.Errorf("%d were created or hold a line", n)
	}
	if asked < 5 {
		t.Errorf("the clock was asked %d times: it did not stand still in between", asked)
	}
}
