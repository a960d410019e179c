package linetest

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// The one queue, and the one agent in it.
const (
	queue = "billing"
	agent = "anna"
)

// stranger takes times while the caller is still listening.
const stranger callback.Phone = "+358409999999"

// NewDesk opens a desk on an empty store, and brings it to the facts of a
// talk. Its clock stands still.
func NewDesk(t testing.TB, talk script.Talk) *callback.Desk {
	t.Helper()
	d, err := callback.New(config(talk))
	if err != nil {
		t.Fatal(err)
	}
	d.Store, d.Menus, d.Text = storetest.New(t), menus(t), sounds.Text
	d.Now = func() time.Time { return talk.Facts.Now }
	d.Boot, d.Host, d.Alone = "boot-1", "test", true
	d.Log = slog.New(slog.DiscardHandler)
	if len(talk.Prompts) > 0 {
		d.Studio = studio{talk}
	}
	if talk.Facts.Message > 0 {
		d.Mailbox = mailbox{}
	}
	furnish(t, d, talk)
	return d
}

// furnish has the agent at work or not, and the promise made that the talk begins
// with.
func furnish(t testing.TB, d *callback.Desk, talk script.Talk) {
	t.Helper()
	if err := d.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	state := callback.Available
	if talk.Facts.Idle == 0 {
		state = callback.OnBreak
	}
	if err := d.SetAgent(t.Context(), agent, state); err != nil {
		t.Fatal(err)
	}
	if talk.Facts.MayWait {
		line(t, d, talk)
	}
	if at := talk.Facts.Booking; !at.IsZero() {
		book(t, d, callback.Phone(talk.Facts.Caller.Phone), at)
	}
}

// line has the agent talk with somebody, and others stand in line.
func line(t testing.TB, d *callback.Desk, talk script.Talk) {
	t.Helper()
	write(t, d, func(tx callback.Tx) error {
		for n := range talk.Facts.Ahead {
			err := tx.PutWaiter(callback.Waiter{
				Talk: fmt.Sprint("stranger-", n), Queue: queue, Seen: talk.Facts.Now, Boot: d.Boot,
				Place: talk.Facts.Now.Add(-time.Minute), Came: talk.Facts.Now.Add(-time.Minute),
			})
			if err != nil {
				return err
			}
		}
		return does(tx, callback.OnCall, talk.Facts.Now)
	})
}

// does has the agent do something.
func does(tx callback.Tx, what callback.AgentState, since time.Time) error {
	s, err := tx.Status(agent)
	if err != nil {
		return err
	}
	s.State, s.Since, s.Ref = what, since, "elsewhere"
	return tx.PutStatus(s)
}

// free has the agent hang up, and the desk call up who is next.
func free(t testing.TB, d *callback.Desk) {
	t.Helper()
	write(t, d, func(tx callback.Tx) error { return does(tx, callback.Available, d.Now()) })
	if _, err := d.Claim(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, d *callback.Desk, do func(callback.Tx) error) {
	t.Helper()
	if err := d.Store.Update(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

// outlook is how long a caller waits at most: a desk finds that out by itself.
func outlook(t testing.TB, d *callback.Desk) time.Duration {
	t.Helper()
	o, err := d.Outlook(t.Context(), queue)
	if err != nil {
		t.Fatal(err)
	}
	return o.Bound
}

func book(t testing.TB, d *callback.Desk, phone callback.Phone, at time.Time) {
	t.Helper()
	_, err := d.Book(t.Context(), callback.Request{Queue: queue, Phone: phone, At: at, Actor: "operator"})
	if err != nil {
		t.Fatal(err)
	}
}

// steal books, for somebody else, the times that a talk says are taken.
func steal(t testing.TB, d *callback.Desk, talk script.Talk) {
	t.Helper()
	for _, at := range talk.Taken {
		book(t, d, stranger, at)
	}
}

func menus(t testing.TB) map[string]*ivr.Menu {
	t.Helper()
	all := map[string]*ivr.Menu{}
	for _, name := range []string{"main", "agent", "whisper", "customer", "desk", "survey"} {
		m, err := ivr.Default(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = m
	}
	return all
}

// config is a service whose free times are those of the talk.
func config(talk script.Talk) callback.Config {
	c := callback.Defaults()
	c.Zone = "UTC"
	c.Callbacks.Slot = callback.Span(slot)
	c.Callbacks.Permitted = "00:00-24:00"
	c.Survey.Consent = "assumed"
	if talk.Facts.MaySurvey {
		c.Survey.By = "keys"
	}
	c.Callbacks.AllowRegions = []string{"FI"}
	c.Numbers = map[callback.Phone]callback.Route{Number: {Menu: talk.Menu, Queue: queue}}
	c.Agents = map[string]callback.Agent{agent: {Name: "Anna", Phone: AgentAddr, PIN: pin, Prompts: len(talk.Prompts) > 0}}
	c.Queues = map[string]callback.QueueConfig{queue: {
		Agents: []string{agent}, CallerID: Number, Dialing: callback.AgentFirst, // as the written conversations have it
		Hours: map[string]string{"mon-sun": "00:00-00:01"}, Exceptions: hours(talk),
	}}
	q := c.Queues[queue]
	if talk.Facts.MayWait {
		q.Waiting = 10 + talk.Facts.Ahead
	}
	q.Voicemail = callback.Span(talk.Facts.Message)
	c.Queues[queue] = q
	return c
}

const slot = 15 * time.Minute

// hours has the queue open for the length of a slot at every time that is
// free, and at no other: so these are the times that the desk can promise.
func hours(talk script.Talk) map[string]string {
	f := talk.Facts
	all := slices.Clone(f.Slots)
	if !f.Booking.IsZero() {
		all = append(all, f.Booking)
	}
	if f.Open {
		all = append(all, f.Now) // too soon to be promised
	}
	slices.SortFunc(all, time.Time.Compare)
	days := map[string]string{}
	for n := range 14 {
		days[f.Now.AddDate(0, 0, n).Format(time.DateOnly)] = "closed"
	}
	for i := 0; i < len(all); {
		from, to := all[i], all[i].Add(slot)
		for i++; i < len(all) && all[i].Equal(to); i++ {
			to = to.Add(slot)
		}
		day := from.Format(time.DateOnly)
		span := fmt.Sprintf("%s-%s", from.Format("15:04"), to.Format("15:04"))
		if had := days[day]; had != "closed" {
			span = had + ", " + span
		}
		days[day] = span
	}
	return days
}
