package main

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestPast has the demo begin in the middle of something: promises that were
// kept, one that was late and one that was called off, an unhappy customer who
// waits for an answer, and enough answers for a figure.
func TestPast(t *testing.T) {
	t.Parallel()
	st, err := newStage(t.Context(), t.Output(), demoOptions{speed: 1, sip: anyPort, http: anyPort, guest: true, cue: patience, log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	begins := st.clock.now()
	if err := st.live(t.Context()); err != nil {
		t.Fatal(err)
	}
	if off := st.clock.now().Sub(begins); off < 0 || off > 10*time.Minute {
		t.Errorf("the demo begins at %s, and the past is over %s after that", begins, off)
	}
	if err := st.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	err = st.during(t.Context(), func(serving context.Context) error {
		v := visitor{T: t, site: "http://" + st.service.http.Addr().String(), client: http.DefaultClient}
		for path, words := range map[string][]string{
			"/wall":               {"2 of 2", "6 still to be kept today", "Paul (example)", "had to call twice", "82 %"},
			"/reports?period=30d": {"10 of 11", "nobody was free in time", "1 taken back", "Paul (example)"},
			"/?view=done":         {"Olga (example)", "5 of 5", "2 of 5"},
		} {
			_, _, body := v.open(http.MethodGet, path)
			for _, w := range words {
				if !strings.Contains(strings.Join(strings.Fields(body), " "), w) {
					t.Errorf("%s has no %q", path, w)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestComeAgain leaves the demo alone until the others of the day are over: some
// of them book again, by day.
func TestComeAgain(t *testing.T) {
	t.Parallel()
	st, err := newStage(t.Context(), t.Output(), demoOptions{speed: 1, sip: anyPort, http: anyPort, guest: true, cue: patience, log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	st.clock.jump(st.clock.now().Add(10 * time.Hour))
	err = st.during(t.Context(), func(serving context.Context) error {
		alone, enough := context.WithCancel(serving)
		defer enough()
		var crowds sync.WaitGroup
		crowds.Go(func() { st.comeAgain(alone) })
		eventually(t, "some book again", func() bool {
			open, err := st.service.desk.List(serving, callback.Filter{States: openStates})
			if slices.ContainsFunc(open, func(c callback.Callback) bool { return c.At.In(st.clock.now().Location()).Hour() < 9 }) {
				t.Errorf("somebody wants a call at night: %+v", open)
			}
			return err == nil && len(open) == waitersLeast
		})
		enough()
		crowds.Wait()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestEndedInACall ends the demo while somebody telephones: at once, without a
// fault, and nothing is left of it.
func TestEndedInACall(t *testing.T) {
	t.Parallel()
	st, err := newStage(t.Context(), t.Output(), demoOptions{speed: 1, sip: anyPort, http: anyPort, guest: true, cue: patience, log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	err = st.during(t.Context(), func(context.Context) error {
		res, err := http.PostForm("http://"+st.service.http.Addr().String()+"/phone/call", nil)
		if err != nil {
			return err
		}
		eventually(t, "somebody telephones", func() bool { return st.service.line.Calls() > 0 })
		return res.Body.Close()
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(st.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", st.dir, err)
	}
}
