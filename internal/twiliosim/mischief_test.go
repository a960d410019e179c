package twiliosim_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/twiliosim"
)

// TestMischief: callbacks are doubled, dropped, late and out of order, as told.
func TestMischief(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		m     twiliosim.Mischief
		least int
		most  int
	}{
		{"none", twiliosim.Mischief{}, 800, 800},
		{"all doubled", twiliosim.Mischief{Double: 1}, 1600, 1600},
		{"all dropped", twiliosim.Mischief{Drop: 1}, 0, 0},
		{"half dropped", twiliosim.Mischief{Drop: 0.5}, 340, 460},
		{"all an hour late", twiliosim.Mischief{Delay: 1}, 800, 800},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, twiliosim.Config{Seed: 1, Mischief: tt.m}, map[string]string{"/out": doc(`<Hangup/>`)})
				began := time.Now()
				for i := range 200 {
					w.place(t, fmt.Sprintf("+3584000%05d", i))
				}
				if err := w.Settle(context.WithoutCancel(t.Context())); err != nil {
					t.Fatal(err)
				}
				told := w.app.hooks("/status")
				if len(told) < tt.least || len(told) > tt.most {
					t.Errorf("%d callbacks, want %d to %d", len(told), tt.least, tt.most)
				}
				if late := time.Since(began); (late >= 30*time.Minute) != (tt.m.Delay > 0) || late > time.Hour {
					t.Errorf("it took %v", late)
				}
				w.clean(t)
			})
		})
	}
}

// TestShuffle: with it, some calls are told of in the wrong order; without it,
// none. The same seed does the same.
func TestShuffle(t *testing.T) {
	t.Parallel()
	disorder := func(t *testing.T, seed uint64, p float64) (wrong []string) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, twiliosim.Config{Seed: seed, Mischief: twiliosim.Mischief{Shuffle: p}}, map[string]string{"/out": doc(`<Hangup/>`)})
			for range 50 {
				sid := w.place(t, customer)
				if _, err := w.Await(t.Context(), sid); err != nil {
					t.Fatal(err)
				}
				if err := w.Settle(t.Context()); err != nil {
					t.Fatal(err)
				}
				var numbers []string
				for _, f := range w.app.hooks("/status") {
					if f.Get("CallSid") == sid {
						numbers = append(numbers, f.Get("SequenceNumber"))
					}
				}
				if !slices.IsSorted(numbers) {
					wrong = append(wrong, sid+strings.Join(numbers, ""))
				}
			}
		})
		return wrong
	}
	if got := disorder(t, 1, 0); len(got) != 0 {
		t.Errorf("without mischief %q are out of order", got)
	}
	first := disorder(t, 1, 0.5)
	if len(first) < 10 {
		t.Errorf("only %d of 50 calls are out of order", len(first))
	}
	if again := disorder(t, 1, 0.5); !slices.Equal(first, again) {
		t.Errorf("the same seed does %q and then %q", first, again)
	}
}

// TestAskedTwice: a document that differs the second time is found.
func TestAskedTwice(t *testing.T) {
	t.Parallel()
	for _, stable := range []bool{true, false} {
		n := 0
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if !stable {
				n++
			}
			w.Header().Set("Content-Type", "text/xml")
			fmt.Fprintf(w, "<Response><Say>%d</Say></Response>", n)
		})
		s, err := twiliosim.New(twiliosim.Config{Public: public, App: twiliosim.Into(h), Mischief: twiliosim.Mischief{Double: 1}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		s.AddNumber(twiliosim.Number{Number: ours, VoiceURL: public + "/in"})
		if _, err := s.Await(t.Context(), s.Ring(customer, ours, twiliosim.Person{})); err != nil {
			t.Fatal(err)
		}
		if got := len(s.Problems()) == 0; got != stable {
			t.Errorf("stable %v: found %q", stable, s.Problems())
		}
	}
}
