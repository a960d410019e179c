package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// Who writes after a call is rung when the time for it is over, and not before,
// though nobody has swept since.
func TestWritingEndsByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.SetAgent(t.Context(), "bo", callback.Offline); err != nil {
		t.Fatal(err)
	}
	w.now = w.books(aino).At
	w.puts("anna", callback.WrappingUp, "")
	w.rings(0)
	w.pass(29 * time.Second)
	w.rings(0)
	w.pass(time.Second)
	w.rings(1)
}

// The reason of a break ends with it, and each change has its line in the journal.
func TestReasonEndsWithTheBreak(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, to := range []callback.AgentState{callback.Available, callback.Offline} {
		if err := w.SetDuty(t.Context(), callback.Duty{Agent: "anna", To: callback.OnBreak, Reason: "lunch"}); err != nil {
			t.Fatal(err)
		}
		if s := w.status("anna"); s.Reason != "lunch" || s.State != callback.OnBreak {
			t.Errorf("on the break: %+v", s)
		}
		if err := w.SetDuty(t.Context(), callback.Duty{Agent: "anna", To: to, Reason: "lunch"}); err != nil {
			t.Fatal(err)
		}
		if s := w.status("anna"); s.Reason != "" || s.State != to {
			t.Errorf("after the break: %+v", s)
		}
		if n := w.journalled("agent."+string(to), "anna"); n != 1 {
			t.Errorf("%s is %d times in the journal", to, n)
		}
	}
	if n := w.journalled("agent.break", "anna"); n != 2 {
		t.Errorf("%d breaks in the journal, want 2", n)
	}
}
