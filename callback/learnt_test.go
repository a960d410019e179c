package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/ivr"
)

func (w *world) outlook() callback.Outlook {
	w.Helper()
	o, err := w.Outlook(w.Context(), "billing")
	if err != nil {
		w.Fatal(err)
	}
	return o
}

// How long callers wait is told by how soon those before them give up, and that
// is learnt of who hangs up, and of who is served and might have waited longer.
func TestPatienceIsLearnt(t *testing.T) {
	t.Parallel()
	w := lined(t)
	first := w.calls(aino).presses("0").hears("wait_most")
	for _, from := range []callback.Phone{"+358402220001", "+358402220002", "+358402220003"} {
		w.pass(time.Second)
		w.calls(from).presses("0").hears("wait_most")
	}
	before := w.outlook().Mean
	for range 20 {
		p := w.calls(eero).presses("0").hears("wait_most")
		w.pass(10 * time.Second)
		p.event(ivr.Event{Kind: ivr.Gone})
	}
	impatient := w.outlook()
	if impatient.Mean > before/2 {
		t.Errorf("twenty gave up after ten seconds each, and the next is told %s, before them %s", impatient.Mean, before)
	}
	w.pass(9 * time.Minute)
	w.frees("bo")
	w.rings(0)
	w.party(first.called(true).connect().Talk).presses("1")
	if now := w.outlook().Running.Gives.Patience(); now < impatient.Running.Gives.Patience()+20*time.Second {
		t.Errorf("one waited for nine minutes and was served: patience is %s, before it %s", now, impatient.Running.Gives.Patience())
	}
}

// How long an agent writes is learnt of how long he does, and counts as work;
// what he is free for does not.
func TestWritingIsLearnt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		q := c.Queues["billing"]
		q.WrapUp = callback.Span(4 * time.Minute)
		c.Queues["billing"] = q
	})
	if err := w.SetAgent(t.Context(), "bo", callback.Offline); err != nil {
		t.Fatal(err)
	}
	if err := w.SetAgent(t.Context(), "anna", callback.Available); err != nil {
		t.Fatal(err)
	}
	before := w.outlook().Running.Write.Mean
	for range 4 {
		w.pass(10 * time.Minute)
		caller := w.calls(aino).presses("0")
		w.party(caller.connect().Talk).presses("1")
		w.pass(5 * time.Minute)
		caller.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
		w.pass(time.Minute)
		if err := w.SetAgent(t.Context(), "anna", callback.Available); err != nil {
			t.Fatal(err)
		}
	}
	if after := w.outlook().Running.Write.Mean; after > before/2 {
		t.Errorf("he wrote for a minute each time, and %s are taken for granted, before it %s", after, before)
	}
	r := w.counts().Report(figures.Usual)
	if r.AHT != (6*time.Minute).Seconds() || r.Handled != 4 {
		t.Errorf("AHT is %.0f s of %d calls, want five minutes of talk and one of writing, of 4", r.AHT, r.Handled)
	}
	if want := 24.0 / 64; r.Occupancy < want-1e-9 || r.Occupancy > want+1e-9 {
		t.Errorf("occupancy is %.3f, want %.3f: of 64 minutes, 40 were free", r.Occupancy, want)
	}
}
