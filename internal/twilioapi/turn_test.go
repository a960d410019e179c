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

// TestStale: what still waits in Twilio's queue after 20 s is cancelled, and
// never rings.
func TestStale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rang := 0
		w := newWorld(t, twiliosim.Config{
			Queue:  24 * time.Hour,
			Person: func(string) twiliosim.Person { rang++; return twiliosim.Person{} },
		}, nil)
		ctx, stop := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() { w.Run(ctx) })
		call, err := w.PlaceCall(t.Context(), order())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(19 * time.Second) //nolint:forbidigo // the time of the bubble
		if c, _ := w.sim.Call(call.SID); c.Status != "queued" {
			t.Errorf("after 19 s it is %s", c.Status)
		}
		time.Sleep(3 * time.Second) //nolint:forbidigo // the time of the bubble
		if c, _ := w.sim.Call(call.SID); c.Status != "canceled" {
			t.Errorf("after 22 s it is %s", c.Status)
		}
		if n := w.Live(); n != 0 {
			t.Errorf("%d live calls, want none", n)
		}
		stop()
		run.Wait()
		w.clean(t)
	})
}

// TestMissed: the end of a call that no callback told is looked up.
func TestMissed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var missed []twilioapi.Status
		w := newWorld(t, twiliosim.Config{
			Mischief: twiliosim.Mischief{Drop: 1},
			Person: func(string) twiliosim.Person {
				return twiliosim.Person{Answer: func(context.Context, twiliosim.Call) twiliosim.Answer {
					return twiliosim.Answer{After: 3 * time.Second, Outcome: "busy"}
				}}
			},
		}, func(c *twilioapi.Config) {
			c.Missed = func(_ context.Context, tok string, call twilioapi.Call) {
				mu.Lock()
				defer mu.Unlock()
				if tok == token {
					missed = append(missed, call.Status)
				}
			}
		})
		ctx, stop := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() { w.Run(ctx) })
		if _, err := w.PlaceCall(t.Context(), order()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute) //nolint:forbidigo // the time of the bubble
		stop()
		run.Wait()
		if want := []twilioapi.Status{twilioapi.Busy}; !slices.Equal(missed, want) {
			t.Errorf("missed %v, want %v", missed, want)
		}
		if told := w.app.statuses(); len(told) != 0 {
			t.Errorf("callbacks told %v", told)
		}
	})
}

// TestNotStale: a call that rang in time is not cancelled, though no callback
// told that it did.
func TestNotStale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{Mischief: twiliosim.Mischief{Drop: 1}}, nil)
		ctx, stop := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() { w.Run(ctx) })
		call, err := w.PlaceCall(t.Context(), order())
		if err != nil {
			t.Fatal(err)
		}
		w.sim.Fail(twiliosim.Fault{Status: 503, HTML: true, Read: true}) // the first look
		time.Sleep(time.Minute)                                          //nolint:forbidigo // the time of the bubble
		if c, _ := w.sim.Call(call.SID); c.Status != "in-progress" {
			t.Errorf("after a minute it is %s", c.Status)
		}
		if n := w.Live(); n != 1 {
			t.Errorf("%d live calls, want 1", n)
		}
		stop()
		run.Wait()
	})
}

// TestMissedEnd: a call of which was heard that it was answered, and nothing
// since, is looked at.
func TestMissedEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan twilioapi.Status, 10)
		w := newWorld(t, twiliosim.Config{Mischief: twiliosim.Mischief{Drop: 1}}, func(c *twilioapi.Config) {
			c.Missed = func(_ context.Context, _ string, call twilioapi.Call) { ended <- call.Status }
		})
		ctx, stop := context.WithCancel(t.Context())
		var run sync.WaitGroup
		run.Go(func() { w.Run(ctx) })
		call, err := w.PlaceCall(t.Context(), order())
		if err != nil {
			t.Fatal(err)
		}
		w.Heard(twilioapi.News{Token: token, SID: call.SID, Status: twilioapi.InProgress})
		began := time.Now()
		time.AfterFunc(time.Minute, func() { w.sim.Hangup(call.SID) })
		if got := <-ended; got != twilioapi.Completed {
			t.Errorf("missed %s, want completed", got)
		}
		if d := time.Since(began); d > 3*time.Minute {
			t.Errorf("it took %v", d)
		}
		stop()
		run.Wait()
		if n := w.Live() + len(ended); n != 0 {
			t.Errorf("%d live calls or further news", n)
		}
	})
}

// TestOneCallOneLine: a call that is heard of first by its SID, and then by its
// token, is one call.
func TestOneCallOneLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{}, nil)
	for _, n := range []twilioapi.News{
		{SID: "CA1", Status: twilioapi.InProgress}, // joined a conference
		{Token: token, SID: "CA1", Status: twilioapi.Ringing},
		{SID: "CA1", Status: twilioapi.Ringing},
	} {
		w.Heard(n)
		if n := w.Live(); n != 1 {
			t.Fatalf("%d live calls, want 1", n)
		}
	}
	if !w.Heard(twilioapi.News{Token: token, SID: "CA1", Status: twilioapi.Completed}) || w.Live() != 0 {
		t.Error("the call does not end")
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

// TestLookedAtLater: while Twilio asks to be left in peace, calls of which nothing
// is heard are not looked at.
func TestLookedAtLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		began, told := time.Now(), make(chan time.Duration, 1)
		w := newWorld(t, twiliosim.Config{Mischief: twiliosim.Mischief{Drop: 1}, Person: func(string) twiliosim.Person {
			return twiliosim.Person{Answer: func(context.Context, twiliosim.Call) twiliosim.Answer {
				return twiliosim.Answer{Outcome: "busy"}
			}}
		}}, func(c *twilioapi.Config) {
			c.Missed = func(context.Context, string, twilioapi.Call) { told <- time.Since(began) }
		})
		if _, err := w.PlaceCall(t.Context(), order()); err != nil {
			t.Fatal(err)
		}
		w.sim.Fail(twiliosim.Fault{Status: 429, RetryAfter: time.Minute, Read: true})
		var run sync.WaitGroup
		run.Go(func() { w.Run(ctx) })
		if d := <-told; d < time.Minute+20*time.Second || d > time.Minute+25*time.Second {
			t.Errorf("the end was found after %v, want a minute after the first look, at 20 s", d)
		}
		stop()
		run.Wait()
	})
}
