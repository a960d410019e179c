package callback_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// TestInvitations keeps the calendar of an agent right, whatever becomes of a
// callback of his own, and leaves alone who keeps none.
func TestInvitations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		anna := c.Agents["anna"]
		anna.Calendar, anna.Email = true, "anna@example.com"
		c.Agents["anna"] = anna
	})
	var got []string
	letters := func() {
		all, err := w.ClaimMessages(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if m.Kind == callback.MailKind {
				got = append(got, fmt.Sprint(m.Body, " ", m.To))
			}
			if err := w.Delivered(t.Context(), m, callback.Delivered, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	var ids []string
	for i, owner := range []string{"anna", "bo", ""} {
		phone := callback.Phone(fmt.Sprint("+35840123450", i))
		c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: phone, Owner: owner, At: w.now.Add(time.Hour)})
		if err != nil && i < 2 {
			t.Fatal(err)
		}
		ids = append(ids, c.ID)
	}
	letters()
	if _, err := w.Move(t.Context(), ids[0], w.now.Add(2*time.Hour), "operator"); err != nil {
		t.Fatal(err)
	}
	letters()
	for _, id := range ids[:2] {
		if err := w.Cancel(t.Context(), id, "operator"); err != nil {
			t.Fatal(err)
		}
	}
	letters()
	if want := []string{"invite anna", "invite anna", "revoke anna"}; !slices.Equal(got, want) {
		t.Errorf("got the letters %q, want %q", got, want)
	}
}

// calendars has letters go to all agents.
func calendars(c *callback.Config) {
	for name, a := range c.Agents {
		a.Calendar, a.Email = true, name+"@example.com"
		c.Agents[name] = a
	}
}

// letters are those that are due, which all leave.
func (w *world) letters() (all []string) {
	w.Helper()
	due, err := w.ClaimMessages(w.Context(), 50)
	if err != nil {
		w.Fatal(err)
	}
	for _, m := range due {
		if m.Kind == callback.MailKind {
			all = append(all, m.Body+" "+m.To)
		}
		if err := w.Delivered(w.Context(), m, callback.Delivered, nil); err != nil {
			w.Fatal(err)
		}
	}
	slices.Sort(all)
	return all
}

// TestInvitationsChangeHands takes an invitation back from who is rid of a
// callback, and invites who has it now, each in a version of its own.
func TestInvitationsChangeHands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, calendars)
	c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Owner: "anna", At: w.now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	want := func(what string, letters ...string) {
		t.Helper()
		if got := w.letters(); !slices.Equal(got, letters) {
			t.Errorf("%s: letters %q, want %q", what, got, letters)
		}
	}
	want("booked", "invite anna")
	handed, err := w.Act(t.Context(), callback.Act{Do: callback.DoHand, Callback: c.ID, Version: c.Version, Agent: "anna", Actor: "agent:anna", To: "bo"})
	if err != nil || handed.Version <= c.Version {
		t.Fatal(handed.Version, c.Version, err)
	}
	want("handed over", "invite bo", "revoke anna")
	if c, err = w.Undo(t.Context(), c.ID, "agent:anna"); err != nil || c.Version <= handed.Version {
		t.Fatal(c.Version, handed.Version, err)
	}
	want("undone", "invite anna", "revoke bo")
	if c, err = w.Act(t.Context(), callback.Act{Do: callback.DoHand, Callback: c.ID, Version: c.Version, Agent: "anna", Actor: "agent:anna"}); err != nil {
		t.Fatal(err)
	}
	want("to the team", "revoke anna")
	if _, err = w.Act(t.Context(), callback.Act{Do: callback.DoClaim, Callback: c.ID, Version: c.Version, Agent: "bo", Actor: "agent:bo"}); err != nil {
		t.Fatal(err)
	}
	want("claimed", "invite bo")
}

// TestInvitationsThatWereKeptBefore frees the time of a callback that was made
// before it.
func TestInvitationsThatWereKeptBefore(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		hangsUp time.Duration // after the agent has asked for the call
		want    []string
	}{
		"before its time": {time.Minute, []string{"revoke anna"}},
		"after it":        {2 * time.Hour, nil},
	} {
		w := newWorld(t, calendars)
		c, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, Owner: "anna", At: w.now.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		w.letters()
		if _, err := w.Act(t.Context(), callback.Act{Do: callback.DoCall, Callback: c.ID, Version: c.Version, Agent: "anna", Actor: "agent:anna"}); err != nil {
			t.Fatal(err)
		}
		agent, dial := w.dials(w.ring())
		w.party(dial.Talk).presses("1")
		w.pass(tt.hangsUp)
		agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
		if got := w.letters(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: letters %q, want %q", name, got, tt.want)
		}
	}
}

// away lets nothing leave for so long, and returns how often it was tried, and the
// longest time between two tries.
func (w *world) away(long time.Duration) (tries int, longest time.Duration) {
	w.Helper()
	for end := w.now.Add(long); w.now.Before(end); {
		due, err := w.ClaimMessages(w.Context(), 10)
		if err != nil {
			w.Fatal(err)
		}
		for _, m := range due {
			tries++
			if err := w.Delivered(w.Context(), m, callback.Postponed, errors.New("connection refused")); err != nil {
				w.Fatal(err)
			}
		}
		next, err := w.NextDue(w.Context(), w.now)
		if err != nil || next.IsZero() {
			w.Fatalf("after %d tries it is given up: %v", tries, err)
		}
		longest = max(longest, next.Sub(w.now))
		w.now = next
	}
	return tries, longest
}

// TestLettersOutliveTheirServer tries a letter as long as it means something,
// and sends it once.
func TestLettersOutliveTheirServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.Mail(t.Context(), "anna", "list:anna:1", callback.ListLetter, w.now.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	due := func() (letters []callback.Message) {
		t.Helper()
		all, err := w.ClaimMessages(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	tries, longest := w.away(5 * time.Hour)
	if tries < 20 || tries > 60 || longest > 11*time.Minute {
		t.Errorf("%d tries in five hours, up to %s apart", tries, longest)
	}
	back := due()
	if len(back) != 1 {
		t.Fatalf("%d letters", len(back))
	}
	if err := w.Delivered(t.Context(), back[0], callback.Delivered, nil); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	if again := due(); len(again) != 0 {
		t.Errorf("it leaves twice: %+v", again)
	}
	if err := w.Mail(t.Context(), "anna", "list:anna:2", callback.ListLetter, w.now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	if late := due(); len(late) != 0 {
		t.Errorf("it leaves when it means nothing any more: %+v", late)
	}
}

// TestMailOnce sends a letter once, however often it is asked for, and does
// not hold it against what a person may be texted.
func TestMailOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Callbacks.Texts = 1 })
	for range 3 {
		for _, day := range []string{"1", "2"} {
			if err := w.Mail(t.Context(), "anna", "list:anna:"+day, callback.ListLetter, w.now.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	all, err := w.ClaimMessages(t.Context(), 10)
	if err != nil || len(all) != 2 || !strings.HasPrefix(all[0].Key, "list:anna:") {
		t.Errorf("%d letters, %v", len(all), err)
	}
}
