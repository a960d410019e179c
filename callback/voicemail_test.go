package callback_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/ivr"
)

// A mailbox keeps what callers have said: seven seconds, unless it is told else.
type mailbox struct {
	length  time.Duration
	err     error
	dropped []string
}

func (m *mailbox) Keep(string) (time.Duration, error) { return m.length, m.err }

func (m *mailbox) Drop(name string) error {
	m.dropped = append(m.dropped, name)
	return nil
}

// unserved is a world in which nobody is at work and no time is free, at noon.
func unserved(t *testing.T, box callback.Mailbox, voicemail time.Duration) *world {
	t.Helper()
	w := newWorld(t, func(c *callback.Config) {
		q := c.Queues["billing"]
		q.Hours, q.Voicemail = map[string]string{"mon-fri": "09:00-12:10"}, callback.Span(voicemail)
		c.Queues["billing"] = q
		c.Callbacks.Horizon = callback.Span(20 * time.Hour)
	})
	w.Mailbox = box
	for _, agent := range []string{"anna", "bo"} {
		if err := w.SetAgent(t.Context(), agent, callback.OnBreak); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

const take = "ABCDEFGHIJKLMNOPQRSTUVWXY2"

// TestVoicemail holds that who finds neither a person nor a time leaves a message,
// and that a call is promised with it, as soon as somebody is at work.
func TestVoicemail(t *testing.T) {
	t.Parallel()
	box := &mailbox{length: 7 * time.Second}
	w := unserved(t, box, 2*time.Minute)
	p := w.calls(aino).presses("1").hears("nobody_free", "leave_message")
	if r := p.turn.Record; r == nil || r.Max != 2*time.Minute || r.Pause <= 0 || r.Finish != "#" {
		t.Fatalf("is taken down as %+v", p.turn)
	}
	p.event(ivr.Event{Kind: ivr.Recorded, Text: take}).hears("message_kept", "goodbye")
	if n := w.ended(walk.EndBooked); n != 1 {
		t.Errorf("%d talks ended with a promise, want 1", n)
	}
	c := w.open(aino)
	if at := c.At.In(helsinki(t)); c.State != callback.BookedState || at.Format("Mon 15:04") != "Tue 09:00" {
		t.Errorf("promised %s, %s", c.State, at)
	}
	st, err := w.Story(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := st.Voicemails(); len(got) != 1 || got[0].Name != take || got[0].Length != 7*time.Second {
		t.Errorf("with the promise: %+v", got)
	}
	w.wantTexts() // no time was told

	// A second message belongs to the same promise, and both go with the person.
	w.calls(aino).presses("1").event(ivr.Event{Kind: ivr.Gone})
	if _, err := w.Erase(t.Context(), aino, "operator"); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(box.dropped, []string{take}) {
		t.Errorf("erased with the person: %q", box.dropped)
	}
}

// ended is how many talks of callers ended in some way.
func (w *world) ended(how string) (n int) {
	w.view(func(tx callback.Tx) error {
		all, err := tx.Tallies(walk.Filter{Menu: "main"})
		for _, c := range all {
			if c.Way == walk.WayEnd+how {
				n += c.N
			}
		}
		return err
	})
	return n
}

// TestVoicemailWithheld holds that who withholds his number, or may not be called
// at it, leaves a message too, which waits for a person: with others of that day in
// one place, and no more of them than were promised to all of them.
func TestVoicemailWithheld(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from, to callback.Phone
		note     string
	}{
		{"", callback.Anonymous, "left a message and withheld his number"},
		{"+3587001234", "+3587001234", "left a message and may not be called at his number"},
	} {
		t.Run(string(tt.to), func(t *testing.T) {
			t.Parallel()
			w := unserved(t, &mailbox{length: 7 * time.Second}, 2*time.Minute)
			most := w.Limits.Withheld
			for range most {
				p := w.calls(tt.from).presses("1").hears("nobody_free", "number_or_say")
				p.event(ivr.Event{Kind: ivr.Silence}).hears("leave_message")
				p.event(ivr.Event{Kind: ivr.Recorded, Text: take}).hears("message_kept", "goodbye")
			}
			c := w.open(tt.to)
			if c.State != callback.Interrupted || c.Note != tt.note || c.At.In(helsinki(t)).Format("Mon 15:04") != "Tue 09:00" {
				t.Errorf("the message is %s, %q, for %s", c.State, c.Note, c.At)
			}
			st, err := w.Story(t.Context(), c.ID)
			if err != nil || len(st.Voicemails()) != most || len(st.Earlier) != 0 {
				t.Errorf("%d messages are with it, and %d earlier calls: %v", len(st.Voicemails()), len(st.Earlier), err)
			}
			if n := w.journalled("task", "message without a number"); n != 1 {
				t.Errorf("%d tasks, want 1", n)
			}
			p := w.calls(tt.from).presses("1").event(ivr.Event{Kind: ivr.Silence})
			p.event(ivr.Event{Kind: ivr.Recorded, Text: take}).hears("take_lost")
		})
	}
}

// TestVoicemailWaits: a message without a number waits for whoever is at work
// next, and a day more. Nobody can have its caller rung.
func TestVoicemailWaits(t *testing.T) {
	t.Parallel()
	w := unserved(t, &mailbox{length: 7 * time.Second}, 2*time.Minute)
	w.calls("").presses("1").event(ivr.Event{Kind: ivr.Silence}).event(ivr.Event{Kind: ivr.Recorded, Text: take})
	c := w.open(callback.Anonymous)
	for _, do := range []callback.Deed{callback.DoCall, callback.DoMove} {
		_, err := w.does("anna", do, c, func(a *callback.Act) { a.At = w.now.Add(24 * time.Hour) })
		if _, no := errors.AsType[*number.RefusalError](err); !no {
			t.Errorf("%s: %v", do, err)
		}
	}
	for _, tt := range []struct {
		after time.Duration
		want  callback.State
	}{{44 * time.Hour, callback.Interrupted}, {2 * time.Hour, callback.Failed}} { // it is Monday noon
		w.pass(tt.after)
		if err := w.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.state(c.ID, tt.want)
	}
}

// TestVoicemailKeyedIn holds that who withholds his number and keys one in is
// promised a call there, as anonymous callers may be.
func TestVoicemailKeyedIn(t *testing.T) {
	t.Parallel()
	w := unserved(t, &mailbox{length: 7 * time.Second}, 2*time.Minute)
	p := w.calls("").presses("1", "0401234567").hears("number_is").presses("1").hears("leave_message")
	p.event(ivr.Event{Kind: ivr.Recorded, Text: take}).hears("message_kept", "goodbye")
	if c := w.open("+358401234567"); c.State != callback.BookedState || c.Caller != callback.Anonymous {
		t.Errorf("promised %+v", c)
	}
	w.Limits.Withheld = 1
	w.calls("").presses("1", "0401234568").hears("number_or_say").event(ivr.Event{Kind: ivr.Silence}).hears("leave_message")
}

// TestNoVoicemail holds that nobody hears of a message where the queue takes none.
func TestNoVoicemail(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		box    callback.Mailbox
		longer time.Duration
		from   callback.Phone
	}{
		{"not configured", &mailbox{}, 0, aino},
		{"no mailbox", nil, time.Minute, aino},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := unserved(t, tt.box, tt.longer)
			if p := w.calls(tt.from).presses("1").hears("nobody_free", "goodbye"); p.turn.Record != nil || !p.turn.End {
				t.Errorf("got %+v", p.turn)
			}
		})
	}
}

// TestVoicemailNotKept holds that nobody is told that a message is kept which is not.
func TestVoicemailNotKept(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		box  *mailbox
		e    ivr.Event
		want string
	}{
		{"nothing said", &mailbox{}, ivr.Event{Kind: ivr.Silence}, "message_none"},
		{"nothing heard", &mailbox{}, ivr.Event{Kind: ivr.Recorded, Text: take}, "message_none"},
		{"the disk is full", &mailbox{err: errors.New("full")}, ivr.Event{Kind: ivr.Recorded, Text: take}, "take_lost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := unserved(t, tt.box, time.Minute)
			w.calls(aino).presses("1").event(tt.e).hears(tt.want, "goodbye")
			if n := w.journalled("voicemail.left", "") + w.journalled("callback.booked", ""); n != 0 {
				t.Errorf("%d lines in the journal", n)
			}
		})
	}
}

// TestVoicemailLate holds that what somebody has said is kept, and once, though it
// comes after he was found to be gone; and that it comes again when it cannot be.
func TestVoicemailLate(t *testing.T) {
	t.Parallel()
	box := &mailbox{err: errors.New("full")}
	w := unserved(t, box, 2*time.Minute)
	p := w.calls(aino).presses("1").hears("leave_message")
	no := p.turn.No
	p.event(ivr.Event{Kind: ivr.Gone})
	w.pass(time.Hour)
	late := ivr.Event{Kind: ivr.Recorded, Text: take}
	if _, err := w.Next(t.Context(), p.talk, no, late); err == nil {
		t.Error("nobody hears that the message was lost")
	}
	box.length, box.err = 7*time.Second, nil
	for range 2 {
		if _, err := w.Next(t.Context(), p.talk, no, late); err != nil {
			t.Error(err)
		}
	}
	if n := w.journalled("voicemail.left", ""); n != 1 || w.open(aino).State != callback.BookedState {
		t.Errorf("%d messages with a promise that is %s", n, w.open(aino).State)
	}
	other := w.calls("+358401234568").presses("1")
	other.event(ivr.Event{Kind: ivr.Recorded, Text: take}) // in time
	if _, err := w.Next(t.Context(), other.talk, other.turn.No-1, late); err != nil || w.journalled("voicemail.left", "") != 2 {
		t.Errorf("told twice, %v: %d messages", err, w.journalled("voicemail.left", ""))
	}
}
