package twilioapi_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/internal/twiliosim"
)

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
