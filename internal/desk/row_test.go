package desk

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestRowsOfEachState holds for whom a row is in which views, what it says, and
// what can be done with it.
func TestRowsOfEachState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Label = strings.ToUpper
	is := func(state callback.State, owner, agent string) func(*callback.Callback) {
		return func(c *callback.Callback) { c.State, c.Owner, c.Agent = state, owner, agent }
	}
	retried := func(c *callback.Callback) {
		c.State, c.Agent, c.DueAt = callback.RetryWait, "anna", noon.Add(10*time.Minute)
	}
	for _, tt := range []struct {
		name    string
		who     Person
		in      time.Duration
		edit    func(*callback.Callback)
		views   string
		words   string // how far away it is, and how it stands
		buttons string
		mine    bool
	}{
		{"nobody's", anna, 30 * time.Minute, is(callback.BookedState, "", ""), "team next", "in 30 min; waits", "call claim", false},
		{"nobody's, seen by who is no agent", Person{Name: "new"}, 30 * time.Minute, is(callback.BookedState, "", ""), "team next", "in 30 min; waits", "call claim", false},
		{"hers, and late", anna, -20 * time.Minute, is(callback.BookedState, "anna", ""), "team my overdue", "20 min late; waits · Anna", "call", true},
		{"another's", anna, 30 * time.Minute, is(callback.BookedState, "bo", ""), "team next", "in 30 min; waits · Bo", "", false},
		{"another's, seen by a supervisor", super, 30 * time.Minute, is(callback.BookedState, "bo", ""), "team next", "in 30 min; waits · Bo", "call", false},
		{"she calls, late", anna, -5 * time.Minute, is(callback.CustomerDialing, "", "anna"), "team my", "; customer’s phone rings · Anna", "", true},
		{"she called, and it waits again", anna, -5 * time.Minute, retried, "team overdue", "5 min late; rings at 12:10", "call claim", false},
		{"she writes", anna, 30 * time.Minute, is(callback.Wrapup, "", "anna"), "team my next", "; being written up · Anna", "", true},
		{"cut off", anna, -5 * time.Minute, is(callback.Interrupted, "", "anna"), "team overdue", "5 min late; needs a decision", "call claim", false},
		{"kept before its time", anna, 30 * time.Minute, is(callback.Done, "", "anna"), "done", "; kept · Anna", "", false},
		{"hers, and over", anna, -5 * time.Minute, is(callback.CancelledState, "anna", ""), "done", "; cancelled", "", true},
	} {
		c := w.add(noon.Add(tt.in), func(c *callback.Callback) { c.Boot = "boot" }, tt.edit)
		r := w.row(c, 2, tt.who, noon)
		var in []string
		for _, v := range views {
			if v.has(r, noon) {
				in = append(in, v.Key)
			}
		}
		html, err := markup(r)
		var buttons []string
		for _, do := range []string{"call", "claim"} {
			if strings.Contains(string(html), `data-do="`+do+`"`) {
				buttons = append(buttons, do)
			}
		}
		if got := strings.Join(in, " "); err != nil || got != tt.views || r.In+"; "+r.State != tt.words || strings.Join(buttons, " ") != tt.buttons || r.Mine != tt.mine {
			t.Errorf("%s: in %q, %q, buttons %q, mine %t, %v", tt.name, got, r.In+"; "+r.State, buttons, r.Mine, err)
		}
		for what, on := range map[string]bool{`class="mine"`: tt.mine, "when late": strings.Contains(tt.words, "late"), ">BILLING</td>": true, "n low": true} {
			if strings.Contains(string(html), what) != on {
				t.Errorf("%s: %q is there: %t in %s", tt.name, what, !on, html)
			}
		}
	}
}

// TestOwnOfOtherQueues holds that who owns a callback, or is called for it, sees it
// whatever queue it is of.
func TestOwnOfOtherQueues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []callback.Callback{
		w.add(noon, func(c *callback.Callback) { c.Owner = "eve" }),
		w.add(noon, func(c *callback.Callback) { c.State, c.Agent, c.Boot = callback.AgentRinging, "eve", "boot" }),
	} {
		if body := w.ask(eve, "/", nil).Body.String(); !strings.Contains(body, c.ID) {
			t.Errorf("eve does not see what is hers: %+v", c)
		}
	}
}
