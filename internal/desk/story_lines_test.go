package desk

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/articles"
	"github.com/holdless/holdless/ivr"
)

// written writes lines one after the other, with a mark before what is bad.
func written(all []line) string {
	var told []string
	for _, l := range all {
		words := l.What + ": " + l.Words
		if l.Bad {
			words = "! " + words
		}
		told = append(told, words)
	}
	return strings.Join(told, " | ")
}

// TestLinesOfAStory holds what of the past is told, in what order, and what is not.
func TestLinesOfAStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ago := func(minutes int) time.Time { return noon.Add(-time.Duration(minutes) * time.Minute) }
	text := func(body, status string, due, done time.Time) callback.Sent {
		return callback.Sent{Message: callback.Message{Body: body, Status: status, DueAt: due, DoneAt: done, Err: "no such number"}, Segments: 1}
	}
	unclear := func(body, status string, due, done time.Time) callback.Sent {
		m := text(body, status, due, done)
		m.Tries, m.Unclear, m.Err = 1, 1, "no answer"
		return m
	}
	st := callback.Story{
		Now: noon,
		Entries: []callback.Entry{
			{At: ago(50), Kind: "desk.note", Actor: "agent:anna", Value: "first"},
			{At: ago(49), Kind: "desk.note", Actor: "agent:bo", Value: "his"},
			{At: ago(48), Kind: "desk.note", Actor: "agent:anna", Value: "a slip"},
			{At: ago(47), Kind: "desk.note", Actor: "agent:bo", Value: "and more"},
			{At: ago(46), Kind: "desk.undo", Actor: "agent:anna", Name: "note"},
			{At: ago(45), Kind: "desk.outcome", Actor: "agent:bo", Name: "follow_up", Value: "sends it"},
			{At: ago(44), Kind: "desk.outcome", Actor: "agent:bo", Name: "solved"},
			{At: ago(43), Kind: "desk.hand", Actor: "agent:bo", Name: "anna"},
			{At: ago(42), Kind: "desk.hand", Actor: "agent:anna"},
		},
		Talks: []callback.Talk{
			{Line: "sip", Attempt: "a", Agent: "bo", BeganAt: ago(30), EndedAt: ago(28), State: ivr.State{Data: map[string]string{"topic": "billing"}}},
			{Line: "text", BeganAt: ago(31)},
			{Line: "twilio", BeganAt: ago(40)},
		},
		Ratings: []callback.Rating{
			{Score: callback.Score{Question: "csat", Value: 2, Words: "slow", At: ago(9), Agent: "bo"}},
			{Score: callback.Score{Question: "csat", Value: 3, At: ago(99)}},
			{Score: callback.Score{Question: "nps", Value: 9, At: ago(100)}},
		},
		Sent: []callback.Sent{
			text("held back", "", noon.Add(5*time.Second), time.Time{}), text("leaves now", "", ago(1), time.Time{}), text("undone", "expired", ago(3), ago(3)),
			text("sent", "sent", ago(20), ago(10)), text("lost", string(callback.Undelivered), ago(22), ago(21)),
			unclear("again", "", ago(24), time.Time{}), unclear("perhaps", string(callback.Unclear), ago(25), ago(25)),
		},
		Received: []callback.Text{{Body: "thanks", At: ago(15)}},
	}
	for what, lines := range map[string][2]string{
		"notes":   {written(w.notes(st, w.zone)), "Bo: sends it | Bo: and more | Bo: his | Anna: first"},
		"calls":   {written(w.calls(st, w.zone)), "was called · billing · 2m0s · Bo:  | called us: "},
		"ratings": {written(w.ratings(st, w.zone)), "! 2 of 5 · Bo: slow | 3 of 5:  | nps 9: "},
		"texts": {written(texts(st, w.zone)), "to the customer · 1 SMS: leaves now | to the customer · 1 SMS: sent | from the customer: thanks | ! not sent: no such number: lost" +
			" | ! may have been sent, and is sent again: no answer: again | ! may have been sent: no answer: perhaps"},
		"history": {written(w.history(st, w.zone)[:5]), "handed over to the team · Anna:  | handed over to Anna · Bo:  | written up: Solved · Bo:  | written up: I follow up · Bo: sends it | undone: noted · Anna: "},
	} {
		if lines[0] != lines[1] {
			t.Errorf("the %s are\n%s\nwant\n%s", what, lines[0], lines[1])
		}
	}
}

// TestChecklistAndArticlesAreOfTheMatter holds that a story has the checklist of its
// own matter, and the articles about it and about what is known, five at the most.
func TestChecklistAndArticlesAreOfTheMatter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		w.Book.Articles[name] = articles.Article{Title: "Parcels " + name, Topics: []string{"delivery"}, Tags: []string{"parcel"}, Text: "x"}
	}
	for what, tt := range map[string]struct {
		topic, note string
		steps, hits int
		first       string
	}{
		"of the matter":      {"billing", "", 1, 1, "When it is due"},
		"five at the most":   {"delivery", "", 0, 5, "Parcels a"},
		"of what he said":    {"delivery", "asks for lasku", 0, 5, "When it is due"},
		"of another matter":  {"other", "", 0, 0, ""},
		"of no matter known": {"", "přehled", 0, 1, "When it is due"},
	} {
		c := w.add(noon.Add(time.Hour), func(c *callback.Callback) { c.Topic, c.Note = tt.topic, tt.note })
		got := w.tale(w.storyOf(c), anna)
		if len(got.Checklist) != tt.steps || len(got.Articles) != tt.hits || tt.hits > 0 && got.Articles[0].Title != tt.first {
			t.Errorf("%s: %d steps, articles %+v", what, len(got.Checklist), got.Articles)
		}
		if tt.note != "" && (len(got.Told) != 1 || got.Told[0].Value != tt.note) {
			t.Errorf("%s: told %v", what, got.Told)
		}
	}
}

// TestFormsOfAStory holds who is shown the form for what came of a call, and who can
// do what with one that waits.
func TestFormsOfAStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	is := func(state callback.State, owner, agent string) callback.Callback {
		return w.add(noon.Add(-5*time.Minute), func(c *callback.Callback) {
			c.State, c.Owner, c.Agent, c.Boot, c.Attempts = state, owner, agent, "boot", 3
		})
	}
	writes, kept, cut := is(callback.Wrapup, "", "anna"), is(callback.Done, "", "anna"), is(callback.Interrupted, "", "anna")
	speaks, waits, hers, his := is(callback.Connected, "", "anna"), is(callback.BookedState, "", ""), is(callback.BookedState, "anna", ""), is(callback.BookedState, "bo", "")
	for _, tt := range []struct {
		name string
		c    callback.Callback
		who  Person
		want string
	}{
		{"she writes", writes, anna, "note outcome"},
		{"she writes, and another looks", writes, bo, "note"},
		{"she writes, and a supervisor looks", writes, super, "note outcome"},
		{"kept", kept, anna, "note outcome"},
		{"kept by another", kept, bo, "note"},
		{"cut off", cut, bo, "call cancel claim hand move note outcome snooze"},
		{"they speak", speaks, anna, "note"},
		{"it waits", waits, bo, "call cancel claim hand move note snooze"},
		{"it is his own", his, bo, "call cancel hand move note release snooze"},
		{"it is another's", hers, bo, "note"},
		{"it is another's, and a supervisor looks", hers, super, "call cancel hand move note release snooze"},
	} {
		page := w.ask(tt.who, "/desk/"+tt.c.ID+"?part=1", nil).Body.String()
		var forms []string
		for _, deed := range []string{"call", "cancel", "claim", "hand", "move", "note", "outcome", "release", "snooze", "undo"} {
			if strings.Contains(page, `action="/desk/`+tt.c.ID+"/"+deed+`"`) {
				forms = append(forms, deed)
			}
		}
		if got := strings.Join(forms, " "); got != tt.want {
			t.Errorf("%s: %s has forms %q, want %q", tt.name, tt.who.Name, got, tt.want)
		}
		moves := strings.Contains(tt.want, "move")
		if !strings.Contains(page, `<dt>Tries</dt><dd class="n">3</dd>`) || strings.Contains(page, `id="cancelwhy" name="words" required`) != moves || moves && strings.Count(page, `data-do="move"`) != 3 {
			t.Errorf("%s: tries, times or the reason are missing in %s", tt.name, page)
		}
		if outcome := strings.Contains(tt.want, "outcome"); strings.Count(page, "<option value=\"1") != 3 && outcome {
			t.Errorf("%s: no next call can be promised in %s", tt.name, page)
		}
	}
}

// TestUndoIsOnesOwn holds that an undo is offered to who did it, until something
// else happens.
func TestUndoIsOnesOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(time.Hour))
	offered := func(p Person) bool { return strings.Contains(w.ask(p, "/desk/"+c.ID, nil).Body.String(), "/undo\"") }
	w.do(anna, c, "claim", nil)
	if !offered(anna) || offered(bo) || offered(super) {
		t.Error("the undo is offered to another, or not to who did it")
	}
	w.comesTo(c, callback.Claimed, "anna")
	if offered(anna) {
		t.Error("an undo is offered of what has gone on")
	}
}
