package callback_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

// Callers stand in one line though two processes have their calls: whichever
// looks first, the one who came first is called up, once, and nobody is lost.
func TestLineOfTwoProcesses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, lineOfTwo)
}

func lineOfTwo(t *testing.T, s *store.Store) {
	const callers = 8
	two := []*world{worldOn(t, s, "boot-a", withLine), worldOn(t, s, "boot-b", withLine)}
	for _, w := range two {
		w.Alone = false
		if err := w.Beat(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	two[0].takesOver("anna")
	two[0].takesOver("bo")
	var line []*party
	for i := range callers {
		line = append(line, two[i/2%2].calls(callback.Phone(fmt.Sprintf("+35840123%04d", i))).presses("0").hears("wait_most"))
		for _, w := range two {
			w.pass(time.Second)
		}
	}
	for i, p := range line {
		two[0].frees("bo")
		for range 2 {
			claimBoth(t, two)
		}
		for _, behind := range line[i+1:] {
			behind.called(false)
		}
		dial := p.called(true).connect()
		p.w.party(dial.Talk).presses("1")
		p.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
		two[0].takesOver("bo")
	}
	if n := two[0].journalled("line.served", "seconds"); n != callers {
		t.Errorf("%d of %d were served", n, callers)
	}
	two[0].view(func(tx callback.Tx) error {
		left, err := tx.Waiters("")
		if len(left) > 0 {
			t.Errorf("still in line: %+v", left)
		}
		return err
	})
}

// claimBoth has both processes look at the same time who is served.
func claimBoth(t *testing.T, two []*world) {
	t.Helper()
	var crew sync.WaitGroup
	for _, w := range two {
		crew.Go(func() {
			if rings, err := w.Claim(t.Context(), 10); err != nil || len(rings) > 0 {
				t.Errorf("%d rings, %v", len(rings), err)
			}
		})
	}
	crew.Wait()
}

// Who hangs up after the wait that he was told was told too little; who hangs up
// before says nothing of it.
func TestForecastOfWhoHangsUp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		waits time.Duration
		told  int
	}{{time.Minute, 0}, {3 * time.Hour, 1}} {
		w := lined(t)
		p := w.calls(aino).presses("0").hears("wait_most")
		before := w.counts()[figures.Told].N
		w.pass(tt.waits)
		p.event(ivr.Event{Kind: ivr.Gone})
		if got := w.counts()[figures.Told].N - before; got != tt.told {
			t.Errorf("after %s %d count as told, want %d", tt.waits, got, tt.told)
		}
	}
}
