package menus_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/menus"
)

func TestTrial(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begin := func(words string) {
		t.Helper()
		if _, err := w.Trial(t.Context(), "main", says(words), 10, "shell:anna"); err != nil {
			t.Fatal(err)
		}
	}
	onTrial := func(k *menus.Keeper) string {
		s := k.States()[0]
		return fmt.Sprint(s.Trial != "", s.Share)
	}
	begin("two")
	w.live("one")
	if got := onTrial(w.Keeper); got != "true 10" {
		t.Errorf("on trial: %s", got)
	}
	w.Keeper = w.keeper()
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := onTrial(w.Keeper); got != "true 10" {
		t.Errorf("on trial after a restart: %s", got)
	}
	if _, err := w.Withdraw(t.Context(), "main", "shell:anna"); err != nil {
		t.Fatal(err)
	}
	begin("three")
	if _, err := w.Promote(t.Context(), "main", "shell:anna"); err != nil {
		t.Fatal(err)
	}
	w.live("three")
	w.inFile("three")
	for _, tt := range []struct {
		name  string
		share int
		text  string
	}{{"nobody", 0, says("x")}, {"everybody", 100, says("x")}, {"the same", 10, says("three")}, {"broken", 10, broken}} {
		if _, err := w.Trial(t.Context(), "main", tt.text, tt.share, "shell:anna"); err == nil {
			t.Errorf("%s: the trial began", tt.name)
		}
	}
	if _, err := w.Promote(t.Context(), "main", "shell:anna"); err == nil {
		t.Error("promoted, and nothing was on trial")
	}
	want := "promoted by shell:anna, live by shell:anna, trial by shell:anna, withdrawn by shell:anna, trial by shell:anna, live by start"
	if got := w.changed(); got != want {
		t.Errorf("the journal has %s\nwant %s", got, want)
	}
}

// A trial that one process begins is one in the others too.
func TestTrialInOtherProcesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		other := w.keeper()
		other.Others = true
		if err := other.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- other.Run(ctx) }()
		for _, share := range []int{10, 20} {
			if _, err := w.Trial(ctx, "main", says("two"), share, "shell:anna"); err != nil {
				t.Fatal(err)
			}
			<-time.After(2 * time.Second)
			synctest.Wait()
			if got := other.States()[0].Share; got != share {
				t.Errorf("the other process has a share of %d, want %d", got, share)
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
