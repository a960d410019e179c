package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A survey whose menu is gone ends with the reason, and keeps no other text.
func TestOneTextThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.speaks(aino)
	w.speaks(eero)
	w.calls("+358401111111").presses("1", "1", "1")
	w.pass(3 * time.Minute)
	delete(w.Menus, "survey")
	w.wantTexts("text_booked")
	w.view(func(tx callback.Tx) error {
		all, err := tx.MessagesTo(string(aino), 1)
		if len(all) != 1 || all[0].Status != "failed" || all[0].Err == "" {
			t.Errorf("kept %+v", all)
		}
		return err
	})
	if n := w.journalled("message.failed", "survey"); n != 2 {
		t.Errorf("%d lines in the journal", n)
	}
	w.wantTexts()
}

// cutOff lets a call be cut off, and the apology for it leave.
func (w *world) cutOff(c callback.Callback) {
	w.Helper()
	w.now = c.At
	for _, r := range w.rings(1) {
		w.dials(r)
	}
	w.pass(15 * time.Minute)
	w.sweep()
	w.state(c.ID, callback.Interrupted)
}

// A survey waits while another question is open: a 1 must mean one thing.
func TestSurveyWaitsForAnotherQuestion(t *testing.T) {
	t.Parallel()
	second := func(c *callback.Config) {
		q := c.Queues["billing"]
		q.Agents, q.CallerID = []string{"bo"}, ""
		c.Queues["sales"] = q
		q.Agents, q.CallerID = []string{"anna"}, service
		c.Queues["billing"] = q
	}
	apologised := func(t *testing.T) *world {
		t.Helper()
		w := newWorld(t, second)
		c, err := w.Book(t.Context(), callback.Request{Queue: "sales", Phone: aino, At: w.now.Add(15 * time.Minute), Actor: "operator"})
		if err != nil {
			t.Fatal(err)
		}
		kept, err := w.Book(t.Context(), callback.Request{Queue: "billing", Phone: aino, At: w.now.Add(time.Hour), Actor: "operator"})
		if err != nil {
			t.Fatal(err)
		}
		w.cutOff(c)
		w.texts()
		w.keeps(kept)
		return w
	}
	t.Run("answered", func(t *testing.T) {
		t.Parallel()
		w := apologised(t)
		w.pass(3 * time.Minute)
		w.wantTexts()
		if !w.reply(aino, "1", "1") {
			t.Error("the answer to the apology was not taken")
		}
		w.wantTexts("text_moved")
		w.reply(aino, "2", "1")
		w.wantTexts("text_kept")
		w.pass(5 * time.Minute)
		w.wantTexts("csat")
		w.reply(aino, "3", "5")
		w.wantTexts("thanks")
	})
	t.Run("lapsed", func(t *testing.T) {
		t.Parallel()
		w := apologised(t)
		w.pass(25 * time.Hour)
		w.wantTexts()
		if n := w.journalled("message.expired", "survey"); n != 1 {
			t.Errorf("%d surveys expired", n)
		}
	})
}

// Many texts that are due at once are as many as a person may get in a day.
func TestTooManyTextsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Callbacks.Texts = 3 })
	w.books(aino)
	for range 4 {
		w.calls(aino).presses("2", "2").hears("moved")
	}
	if got := w.texts(); len(got) != 3 {
		t.Errorf("%d texts left at once: %q", len(got), got)
	}
}

// A text that the carrier delivers twice is taken once; another with the same
// name from another carrier is another.
func TestTextTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asked(aino)
	in := callback.InText{Line: "kannel", ID: "7", From: aino, To: service, Body: "4 thanks"}
	for range 3 {
		if ok, err := w.Reply(t.Context(), in); !ok || err != nil {
			t.Errorf("got %t, %v", ok, err)
		}
	}
	w.wantTexts("thanks")
	if w.journalled("survey.score", "csat") != 1 || w.journalled("survey.comment", "csat_comment") != 1 {
		t.Error("taken twice")
	}
	in.Line, in.Body = "http", "2"
	if _, err := w.Reply(t.Context(), in); err != nil {
		t.Error(err)
	}
	if w.journalled("survey.score", "csat") != 2 {
		t.Error("the second thought was taken for the first")
	}
}

// Who wants no texts gets none: not to HELP, not to a reply, and not what was
// in the outbox when he said so.
func TestNoTextAfterStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asked(aino)
	w.books(aino)
	w.reply(aino, "1", "HELP")
	w.reply(aino, "2", "STOP")
	w.wantTexts()
	w.pass(25 * time.Hour)
	w.reply(aino, "3", "HELP")
	w.reply(aino, "4", "5")
	w.reply(aino, "5", "0")
	w.wantTexts()
}

// Where the number tells no place, it is quiet by the clock of the service, and
// not by that of the machine.
func TestQuietByTheClockOfTheService(t *testing.T) {
	t.Parallel()
	const anywhere = callback.Phone("+79161234567") // of eleven zones
	w := newWorld(t, func(c *callback.Config) {
		c.Callbacks.AllowRegions = []string{"FI", "RU"}
		c.Queues["billing"] = callback.QueueConfig{Agents: []string{"anna"}, Hours: map[string]string{"mon-sun": "00:00-24:00"}, Dialing: callback.AgentFirst}
	})
	w.Desk.Now = func() time.Time { return w.now.In(time.FixedZone("machine", -11*3600)) }
	w.now = time.Date(2026, 6, 1, 20, 30, 0, 0, helsinki(t))
	w.speaks(anywhere)
	w.pass(3 * time.Minute)
	w.wantTexts()
	w.at("09:00")
	w.wantTexts("csat")
}

// Nothing is begun in the last minute before the quiet hours: the carrier
// would still be trying within them.
func TestLastMinuteBeforeTheNight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		c.Queues["billing"] = callback.QueueConfig{Agents: []string{"anna"}, Hours: map[string]string{"mon-sun": "00:00-24:00"}, Dialing: callback.AgentFirst}
	})
	w.at("19:30")
	w.speaks(aino)
	w.at("19:59")
	w.pass(30 * time.Second)
	w.wantTexts()
	w.at("09:00")
	w.wantTexts("csat")
}

// keeps lets a promise be kept.
func (w *world) keeps(c callback.Callback) {
	w.Helper()
	w.now = c.At
	agent, dial := w.dials(w.ring())
	w.party(dial.Talk).presses("1")
	agent.event(ivr.Event{Kind: ivr.Spoke}).event(ivr.Event{Kind: ivr.Gone})
}

// What was due before the quiet hours, and could not leave then, does not leave
// in them: they are looked at when a text is sent, too.
func TestQuietHoursAtSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		c.Queues["billing"] = callback.QueueConfig{
			Agents: []string{"anna"}, Hours: map[string]string{"mon-sun": "00:00-24:00"}, Dialing: callback.AgentFirst,
		}
	})
	w.at("19:15")
	w.speaks(aino) // at 19:30, and is to be asked at 19:33
	w.at("20:30")  // nobody was there to send
	w.wantTexts()
	w.at("08:59")
	w.wantTexts()
	w.at("09:00")
	w.wantTexts("csat")
}
