package menus_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
)

// trialShare is how many of a hundred callers meet the words that are on trial.
func (w *world) trialShare(words string, share int) {
	w.Helper()
	r := w.Desk.Live().Trials["main"]
	switch {
	case share == 0 && r.Menu != nil:
		w.Errorf("%d%% meet %s, want no trial", r.Share, r.Menu.Source())
	case share > 0 && (r.Menu == nil || r.Share != share || r.Menu.Source() != says(words)):
		w.Errorf("on trial is %+v, want %d%% of %q", r, share, words)
	}
}

// reload reads the file as it is now, by hand.
func (w *world) reload(text string) {
	w.Helper()
	w.write(text)
	if wrong, err := w.Reload(w.Context(), "shell:anna"); err != nil || len(wrong) > 0 {
		w.Fatal(wrong, err)
	}
}

// A share of the callers meets what a file says under canary; the others what
// was there before, also after a restart.
func TestCanary(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.reload("canary: 10%\n" + says("two"))
	w.live("one")
	w.trialShare("two", 10)
	w.reload("canary: 25  # more\n" + says("two"))
	w.trialShare("two", 25)
	w.Keeper = w.keeper()
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.live("one")
	w.trialShare("two", 25)
	w.reload("canary: 25\n" + says("three"))
	w.live("one")
	w.trialShare("three", 25)
	w.reload(says("three"))
	w.live("three")
	w.trialShare("", 0)
	want := "promoted by shell:anna, live by shell:anna, trial by shell:anna, trial by shell:anna, trial by shell:anna, live by start"
	if got := w.changed(); got != want {
		t.Errorf("the journal has %s\nwant %s", got, want)
	}
	w.reload("canary: 5%\n" + says("three"))
	w.trialShare("", 0) // everybody meets it already
}

// However a trial in a file ends, the file has no canary any more, and says
// what callers hear.
func TestCanaryEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		end  func(w *world) error
		want string
	}{
		{"promoted", func(w *world) error { _, err := w.Promote(w.Context(), "main", "shell:anna"); return err }, "two"},
		{"withdrawn", func(w *world) error { _, err := w.Withdraw(w.Context(), "main", "shell:anna"); return err }, "one"},
		{"rolled back", func(w *world) error { _, _, err := w.Rollback(w.Context(), "", "", "shell:anna"); return err }, "one"},
		{"published", func(w *world) error { return w.Publish(w.Context(), "main", says("four"), "", "browser:anna") }, "four"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if err := w.Publish(t.Context(), "main", "canary: 10%\n"+says("two"), "", "browser:anna"); err != nil {
				t.Fatal(err)
			}
			w.trialShare("two", 10)
			if src, err := os.ReadFile(w.file); err != nil || !strings.HasPrefix(string(src), "canary: 10%") {
				t.Errorf("the file has %s, %v", src, err)
			}
			if err := tt.end(w); err != nil {
				t.Fatal(err)
			}
			w.trialShare("", 0)
			w.live(tt.want)
			w.inFile(tt.want)
			if _, err := w.Reload(t.Context(), "shell:anna"); err != nil {
				t.Fatal(err)
			}
			w.live(tt.want)
			w.trialShare("", 0)
		})
	}
}

// A service that has never run has nothing to try a menu against.
func TestCanaryFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("canary: 10%\n" + says("one"))
	w.Keeper = w.keeper()
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.live("one")
	w.trialShare("", 0)
}

// A menu whose tests fail never goes live, by whatever way.
func TestProve(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fails := ivr.Mistakes{{File: w.file, Line: 9, Text: `the test "night" fails`}}
	w.Prove = func(m *ivr.Menu) error {
		if strings.Contains(m.Source(), "two") {
			return fails
		}
		return nil
	}
	w.write(says("two"))
	if wrong, err := w.Reload(t.Context(), "shell:anna"); err != nil || len(wrong) != 1 {
		t.Errorf("reloaded: %v, %v", wrong, err)
	}
	w.live("one")
	if got := w.Faults(); len(got) != 1 || !strings.Contains(got[0], `the test "night" fails`) {
		t.Errorf("faults are %q", got)
	}
	w.Keeper = w.keeper()
	w.Prove = func(*ivr.Menu) error { return fails }
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.live("one") // from the store: it has been proved before
	if err := w.Publish(t.Context(), "main", says("three"), "", "browser:anna"); !errors.As(err, new(ivr.Mistakes)) {
		t.Errorf("published: %v", err)
	}
	if _, err := w.Trial(t.Context(), "main", says("three"), 10, "shell:anna"); err == nil {
		t.Error("the trial began")
	}
	w.live("one")
	if got, want := w.changed(), "refused by start, refused by shell:anna, live by start"; got != want {
		t.Errorf("the journal has %s, want %s", got, want)
	}
}

// TestCanaryWhileDown: what is done to the line and to the text while the
// service is down counts as if it ran. A trial that somebody began by hand
// goes on.
func TestCanaryWhileDown(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		byHand     bool
		live       string
		trial      string
		share      int
	}{
		{"the line is gone", says("two"), false, "two", "", 0},
		{"the line is gone, and the text is another", says("three"), false, "three", "", 0},
		{"the line is gone, and the text is the old one", says("one"), false, "one", "", 0},
		{"the share is another", "canary: 40%\n" + says("two"), false, "one", "two", 40},
		{"line and text are others", "canary: 40%\n" + says("three"), false, "one", "three", 40},
		{"another text, and a trial by hand", says("three"), true, "three", "two", 10},
		{"the text of a trial by hand", says("two"), true, "two", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if tt.byHand {
				if _, err := w.Trial(t.Context(), "main", says("two"), 10, "shell:anna"); err != nil {
					t.Fatal(err)
				}
			} else {
				w.reload("canary: 10%\n" + says("two"))
			}
			w.write(tt.text)
			w.Keeper = w.keeper()
			if err := w.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.live(tt.live)
			w.trialShare(tt.trial, tt.share)
			w.Keeper = w.keeper() // and it stays so
			if err := w.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.live(tt.live)
			w.trialShare(tt.trial, tt.share)
		})
	}
}
