package twilioapi_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/internal/twiliosim"
)

// lost places a call that is lost, and returns what is known of it.
func lost(t *testing.T, w *world, n twilioapi.NewCall, f twiliosim.Fault) twilioapi.Lost {
	t.Helper()
	w.sim.Fail(f)
	_, err := w.PlaceCall(t.Context(), n)
	var e *twilioapi.Error
	if !asError(err, &e) || e.Class != twilioapi.Unknown {
		t.Fatalf("got %v, want unknown", err)
	}
	return twilioapi.Lost{Token: n.Token, From: n.From, To: n.To, Sent: e.Sent}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fault  twiliosim.Fault
		sim    twiliosim.Config
		placed bool
		within time.Duration // from the request
	}{
		{"callback tells", twiliosim.Fault{Status: 500, After: true}, twiliosim.Config{}, true, 0},
		{
			"callbacks are lost, list tells",
			twiliosim.Fault{Status: 500, After: true},
			twiliosim.Config{Mischief: twiliosim.Mischief{Drop: 1}},
			true, 15 * time.Second,
		},
		{"still in the queue", twiliosim.Fault{Hang: true, After: true}, twiliosim.Config{Queue: time.Hour}, true, 15 * time.Second},
		{"never arrived", twiliosim.Fault{Status: 500}, twiliosim.Config{}, false, 15 * time.Second},
		{"timed out, never arrived", twiliosim.Fault{Hang: true}, twiliosim.Config{}, false, 15 * time.Second},
	}
	for _, tt := range tests {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/restart %v", tt.name, restart), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, tt.sim, nil)
					began := time.Now()
					l := lost(t, w, order(), tt.fault)
					if restart {
						w.Client = newClient(t, w.sim, nil)
					}
					found, err := w.Resolve(t.Context(), l)
					if tt.placed != (err == nil) || !tt.placed && !errors.Is(err, twilioapi.ErrNotPlaced) {
						t.Fatalf("got %v, want placed %v", err, tt.placed)
					}
					if tt.placed && found.SID != w.sim.Calls()[0].SID {
						t.Errorf("found %s", found.SID)
					}
					if d := time.Since(began); !restart && d != tt.within {
						t.Errorf("it took %v, want %v", d, tt.within)
					}
					want := 0
					if tt.placed {
						want = 1
					}
					if n := created(w.sim); n != want {
						t.Errorf("%d were created, want %d", n, want)
					}
					if n := w.Live(); n != want {
						t.Errorf("%d live calls, want %d", n, want)
					}
					w.clean(t)
				})
			})
		}
	}
}

// TestResolveTellsApart: another call to the same number at that time is not
// taken for the lost one.
func TestResolveTellsApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{Mischief: twiliosim.Mischief{Drop: 1}}, nil)
		if _, err := w.PlaceCall(t.Context(), numbered(1)); err != nil {
			t.Fatal(err)
		}
		l := lost(t, w, numbered(2), twiliosim.Fault{Status: 500})
		if found, err := w.Resolve(t.Context(), l); !errors.Is(err, twilioapi.ErrNotPlaced) {
			t.Errorf("got %s, %v, want it never placed", found.SID, err)
		}
		l = lost(t, w, numbered(3), twiliosim.Fault{Status: 500, After: true})
		found, err := w.Resolve(t.Context(), l)
		if err != nil || found.SID != w.sim.Calls()[1].SID {
			t.Errorf("got %s, %v, want the second call", found.SID, err)
		}
	})
}

// TestResolveOld: a call of five minutes ago to the same number is not the lost
// one, whether it rang or still waits in the queue.
func TestResolveOld(t *testing.T) {
	t.Parallel()
	for _, queue := range []time.Duration{0, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, twiliosim.Config{Queue: queue}, nil)
			if _, err := w.PlaceCall(t.Context(), numbered(1)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Minute) //nolint:forbidigo // the time of the bubble
			l := lost(t, w, numbered(2), twiliosim.Fault{Status: 500})
			w.Client = newClient(t, w.sim, nil)
			if found, err := w.Resolve(t.Context(), l); !errors.Is(err, twilioapi.ErrNotPlaced) {
				t.Errorf("got %s, %v, want it never placed", found.SID, err)
			}
		})
	}
}

// TestOneToken: a call keeps the token by which it was known first.
func TestOneToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, nil)
		call, err := w.PlaceCall(t.Context(), order())
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // until all callbacks have told
		w.Heard(twilioapi.News{Token: "another", SID: call.SID, Status: twilioapi.InProgress})
		began := time.Now()
		found, err := w.Resolve(t.Context(), twilioapi.Lost{Token: token, From: ours, To: customer, Sent: began})
		if err != nil || found.SID != call.SID || time.Since(began) != 0 {
			t.Errorf("got %s, %v after %v, want the call at once", found.SID, err, time.Since(began))
		}
	})
}

// TestResolveNearest: of two calls to one number, after a restart, the one
// that began with the request is taken.
func TestResolveNearest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, nil)
		if _, err := w.PlaceCall(t.Context(), numbered(1)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second) //nolint:forbidigo // the time of the bubble
		l := lost(t, w, numbered(2), twiliosim.Fault{Status: 500, After: true})
		time.Sleep(20 * time.Second) //nolint:forbidigo // the time of the bubble
		if _, err := w.PlaceCall(t.Context(), numbered(3)); err != nil {
			t.Fatal(err)
		}
		w.Client = newClient(t, w.sim, nil)
		found, err := w.Resolve(t.Context(), l)
		if err != nil || found.SID != w.sim.Calls()[1].SID {
			t.Errorf("got %s, %v, want the second of %d calls", found.SID, err, len(w.sim.Calls()))
		}
	})
}

// TestResolveIsAsked: while Twilio cannot be asked, nothing is known.
func TestResolveIsAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, nil)
		l := lost(t, w, order(), twiliosim.Fault{Status: 500})
		w.sim.Fail(twiliosim.Fault{Status: 503, HTML: true, Read: true})
		_, err := w.Resolve(t.Context(), l)
		if errors.Is(err, twilioapi.ErrNotPlaced) || twilioapi.ClassOf(err) != twilioapi.Retryable {
			t.Errorf("got %v, want it retryable", err)
		}
		if n := w.Live(); n != 1 {
			t.Errorf("%d live calls: a lost one counts", n)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		l.Sent = time.Now()
		if _, err := w.Resolve(ctx, l); errors.Is(err, twilioapi.ErrNotPlaced) || twilioapi.ClassOf(err) != twilioapi.Retryable {
			t.Errorf("got %v, want it retryable", err)
		}
		if _, err := w.Resolve(t.Context(), l); !errors.Is(err, twilioapi.ErrNotPlaced) || w.Live() != 0 {
			t.Errorf("got %v with %d live calls, want it never placed", err, w.Live())
		}
	})
}

func TestResolveMessage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		arrived bool
		queue   time.Duration
	}{{true, 0}, {true, time.Hour}, {false, 0}}
	for _, tt := range tests {
		arrived := tt.arrived
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, twiliosim.Config{Queue: tt.queue}, nil)
			other := text()
			other.Body = "Something else."
			if _, err := w.Send(t.Context(), other); err != nil {
				t.Fatal(err)
			}
			w.sim.Fail(twiliosim.Fault{Hang: true, After: arrived})
			_, err := w.Send(t.Context(), text())
			var e *twilioapi.Error
			if !asError(err, &e) || e.Class != twilioapi.Unknown {
				t.Fatalf("got %v, want unknown", err)
			}
			m, err := w.ResolveMessage(t.Context(), text(), e.Sent)
			if arrived && (err != nil || m.Body != text().Body) {
				t.Errorf("got %+v, %v, want the message", m, err)
			}
			if !arrived && !errors.Is(err, twilioapi.ErrNotPlaced) {
				t.Errorf("got %+v, %v, want it never sent", m, err)
			}
			w.clean(t)
		})
	}
}

// TestNeverTwice: through 300 requests of which every other goes wrong in some
// way, and a caller who does what the outcome says, each person is rung once.
func TestNeverTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{Seed: 7, Mischief: twiliosim.Mischief{Double: 0.3, Shuffle: 0.3, Drop: 0.3}}, nil)
		faults := []twiliosim.Fault{
			{Status: 500, After: true},
			{Hang: true, After: true},
			{Cut: true, After: true},
			{Status: 503, HTML: true},
			{Status: 429, RetryAfter: time.Second},
			{Refuse: true},
		}
		for i := range 300 {
			n := numbered(i)
			n.To = fmt.Sprintf("+3584055%05d", i)
			if i%2 == 0 {
				w.sim.Fail(faults[i/2%len(faults)])
			}
			ring(t, w, n)
		}
		rung := map[string]int{}
		for _, c := range w.sim.Calls() {
			rung[c.To]++
		}
		for to, n := range rung {
			if n != 1 {
				t.Errorf("%s was rung %d times", to, n)
			}
		}
		if len(rung) != 300 {
			t.Errorf("%d people were rung, want 300", len(rung))
		}
		w.clean(t)
	})
}

// ring does what each outcome says.
func ring(t *testing.T, w *world, n twilioapi.NewCall) {
	t.Helper()
	for range 3 {
		_, err := w.PlaceCall(t.Context(), n)
		var e *twilioapi.Error
		if err == nil || !asError(err, &e) {
			return
		}
		if e.Class == twilioapi.Unknown {
			_, err = w.Resolve(t.Context(), twilioapi.Lost{Token: n.Token, From: n.From, To: n.To, Sent: e.Sent})
		}
		if err == nil {
			return
		}
		if e.Class != twilioapi.Retryable && !errors.Is(err, twilioapi.ErrNotPlaced) {
			t.Fatal(err)
		}
	}
	t.Errorf("%s was never rung", n.To)
}

// TestResolveMessageAsTwilioWritesIt: the text is known again when Twilio has
// written it in its own way.
func TestResolveMessageAsTwilioWritesIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		sent, listed string
		known        bool
	}{
		{"We call you at 15:10.", "Sent from your Twilio trial account - We call you at 15:10.", true},
		{"“15:10” — we call you…", `"15:10" - we call you...`, true},
		{"We call you at 15:10.", "We call you at 15:40.", false},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, twiliosim.Config{}, nil)
			other := text()
			other.Body = tt.listed
			if _, err := w.Send(t.Context(), other); err != nil {
				t.Fatal(err)
			}
			order := text()
			order.Body = tt.sent
			_, err := w.ResolveMessage(t.Context(), order, time.Now())
			if (err == nil) != tt.known {
				t.Errorf("%q, listed as %q: %v", tt.sent, tt.listed, err)
			}
		})
	}
}
