package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/articles"
	"github.com/holdless/holdless/internal/pagetest"
)

// hands is an agent who works at the desk with her keyboard alone.
type hands struct {
	*testing.T
	*stage
	tab context.Context
}

func (h hands) do(what string, do ...chromedp.Action) {
	h.Helper()
	pagetest.Drive(h.tab, h.T, what, do...)
}

// undone takes back what was just done.
func (h hands) undone() chromedp.Action {
	return chromedp.Tasks{pagetest.Keys("u"), pagetest.Shows("#said", "Undone.")}
}

// is reads a callback as the desk has it.
func (h hands) is(id string) callback.Callback {
	h.Helper()
	c, _, err := h.service.desk.Show(h.tab, id)
	if err != nil {
		h.Fatal(err)
	}
	return c
}

// focused waits until something has the focus.
func focused(what string) chromedp.Action {
	return pagetest.Holds("document.activeElement.matches(`" + what + "`)")
}

// TestKeysInBrowser is an agent who does with one key each what the desk offers:
// takes a promise, gives it back, moves it to one of three free times, snoozes
// it, writes a note, reads its history, looks something up, cancels with a
// reason, undoes; promises a call to somebody who wrote; calls a customer and writes up what came of it.
func TestKeysInBrowser(t *testing.T) {
	t.Parallel()
	st, err := newStage(t.Context(), t.Output(), demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", carrier: "127.0.0.1:0", cue: patience, log: quiet(), edit: func(c *config) {
			c.book = articles.Book{Articles: map[string]articles.Article{"due": {Title: "When an invoice is due", Tags: []string{"lasku"}, Text: "Two weeks."}}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	st.service.accounts.Guest = nil // people sign in
	st.clock.pace(0)                // undo is for ten seconds, which are long on a busy machine
	h := hands{t, st, pagetest.Browser(t)}
	all, late := context.WithTimeout(t.Context(), 6*time.Minute)
	defer late()
	err = st.during(all, func(serving context.Context) error {
		h.do("undo takes its time", pagetest.Still())
		st.comesIn(serving, h.tab, t, accounts.User{Name: "aino", Role: accounts.Agent, Agent: demoAgent})
		found, err := st.service.desk.List(serving, callback.Filter{Phone: crowd[0].number})
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		h.owns(found[0])
		h.moves(found[0])
		h.writes(found[0])
		h.cancels(found[0])
		h.promises()
		st.clock.pace(1)
		return h.callsAndWritesUp(serving)
	})
	if err != nil {
		t.Error(err)
	}
}

// owns takes a promise, and gives it back.
func (h hands) owns(c callback.Callback) {
	h.Helper()
	row := "#r-" + c.ID
	h.do("go to it", pagetest.Shows(row, "Maija"), pagetest.Keys("j"), focused(row+" a"), pagetest.Keys("j"), focused("#rows a:not("+row+" a)"), pagetest.Keys("k"), focused(row+" a"))
	h.do("take it", pagetest.Keys("t"), pagetest.Shows("#said", "It is yours."), pagetest.Shows(row, "Aino"))
	h.do("give it back", pagetest.Keys("g"), pagetest.Shows("#said", "It is the team’s again."), pagetest.Holds(`!document.querySelector("`+row+`.mine")`))
	if owner := h.is(c.ID).Owner; owner != "" {
		h.Errorf("it belongs to %q", owner)
	}
	h.do("undo that", h.undone(), pagetest.Holds(`document.querySelector("`+row+`.mine")`))
	if owner := h.is(c.ID).Owner; owner != demoAgent {
		h.Errorf("after undo it belongs to %q", owner)
	}
}

// moves promises the third of the three times that are free, and snoozes; both
// are undone.
func (h hands) moves(c callback.Callback) {
	h.Helper()
	var times []string
	h.do("three times are free", pagetest.Keys(kb.Enter), pagetest.Shows("#storyname", "Maija"),
		chromedp.Evaluate("[...document.querySelectorAll(`#story [data-do=move]`)].map(b => b.textContent)", &times))
	if len(times) != 3 {
		h.Fatalf("%v are free", times)
	}
	h.do("another time", pagetest.Keys("r"), focused("[data-do=move]"), pagetest.Keys("3"), pagetest.Shows("#said", "Another time is promised."), pagetest.Shows("#r-"+c.ID, last(times[2])))
	if moved := h.is(c.ID); moved.At.Equal(c.At) {
		h.Errorf("it is promised for %s still", moved.At)
	}
	h.do("undo that", h.undone(), pagetest.Shows("#r-"+c.ID, c.At.In(h.service.config.zoneOf("")).Format("15:04")))
	h.do("snooze", pagetest.Holds("document.querySelector(`#story [data-do=snooze]`)"), pagetest.Keys("z"), pagetest.Shows("#said", "The promise stands"), pagetest.Shows("#r-"+c.ID, "rings at"))
	if c1 := h.is(c.ID); !c1.At.Equal(c.At) || !c1.DueAt.After(c.DueAt) {
		h.Errorf("promised for %s, rings at %s", c1.At, c1.DueAt)
	}
	h.do("undo that", h.undone(), pagetest.Holds("!document.querySelector(`#r-"+c.ID+"`).textContent.includes(`rings at`)"))
}

// last is the last word: the time, without its day.
func last(words string) string {
	all := strings.Fields(words)
	return all[len(all)-1]
}

// writes notes something, reads the history, and looks something up.
func (h hands) writes(c callback.Callback) {
	h.Helper()
	h.do("note", pagetest.Keys("n"), focused("#notewords"), chromedp.KeyEvent("rang at home"), chromedp.KeyEvent(kb.Tab), focused("[data-do=note]"), chromedp.KeyEvent(kb.Enter),
		pagetest.Shows("#said", "Noted."), pagetest.Shows("#story .lines", "rang at home"))
	h.do("history", pagetest.Keys("i"), focused("#history[open] summary"), pagetest.Shows("#history", "Aino"))
	h.do("look something up", pagetest.Keys("/"), focused("#q"), chromedp.KeyEvent("LASKU"+kb.Enter), pagetest.Shows("#storyname", "Articles"), pagetest.Shows("#story", "When an invoice is due"))
	h.do("close it", focused("#storyname"), pagetest.Keys(kb.Escape), pagetest.Holds("document.getElementById(`story`).hidden"))
}

// cancels a promise, with a reason; undoes it, whereupon it is promised anew; and
// cancels that.
func (h hands) cancels(c callback.Callback) {
	h.Helper()
	reason := func(id string) chromedp.Tasks {
		row := "#r-" + id
		return chromedp.Tasks{
			pagetest.Focus(row + " a"), pagetest.Keys("x"), focused("#cancelwhy"), chromedp.KeyEvent("has paid by now" + kb.Enter), pagetest.Shows("#said", "Cancelled."),
			pagetest.Holds("document.querySelector(`" + row + "`).dataset.k === `d`"), chromedp.Evaluate("document.activeElement.blur()", nil),
		}
	}
	h.do("cancel", reason(c.ID))
	h.do("undo that", h.undone())
	again, err := h.service.desk.List(h.tab, callback.Filter{Phone: c.Phone, States: openStates})
	if err != nil || len(again) != 1 || !again[0].At.Equal(c.At) {
		h.Fatalf("promised are %+v, %v", again, err)
	}
	h.do("cancel after all", pagetest.Shows("#r-"+again[0].ID, "waits"), pagetest.Holds("document.querySelector(`#story form[action=\"/desk/"+again[0].ID+"/cancel\"]`)"), reason(again[0].ID))
	s, err := h.service.desk.Story(h.tab, again[0].ID)
	if err != nil || s.State != callback.CancelledState {
		h.Errorf("it is %s, %v", s.State, err)
	}
	for _, e := range s.Entries {
		if strings.Contains(e.Value+e.Name, "has paid by now") {
			return
		}
	}
	h.Errorf("nobody reads why: %+v", s.Entries)
}

// promises a call to somebody who wrote a letter, and who is told so by text.
func (h hands) promises() {
	h.Helper()
	h.do("fill it in", pagetest.Keys("b"), focused("#newphone"), chromedp.Evaluate("document.activeElement.value = ``", nil), // the driver types a key that the page has taken, as no keyboard does
		chromedp.KeyEvent("040 999 8877"+kb.Tab+"Kaisa (example)"+kb.Tab+kb.Tab), focused("#newat"), pagetest.Keys(kb.End), chromedp.KeyEvent(kb.Tab+kb.Tab+"billing"+kb.Tab+"wrote a letter"+kb.Tab), focused("[data-do=new]"))
	h.do("promise it", chromedp.KeyEvent(kb.Enter), pagetest.Shows("#said", "Promised."), pagetest.Shows("#storyname", "Kaisa"), pagetest.Shows("#story .card", "wrote a letter"))
	made, err := h.service.desk.List(h.tab, callback.Filter{Phone: "+358409998877", States: openStates})
	if err != nil || len(made) != 1 || made[0].Topic != "billing" || made[0].Lang != "en" {
		h.Fatalf("promised are %+v, %v", made, err)
	}
	if texts, err := h.service.desk.Texts(h.tab, made[0].ID); err != nil || len(texts) != 1 {
		h.Errorf("the customer is told %+v, %v", texts, err)
	}
}

// callsAndWritesUp has a customer called, speaks, and says what came of it.
func (h hands) callsAndWritesUp(serving context.Context) error {
	h.Helper()
	c, agent, customer := h.speakFromDesk(serving, h.tab, h.T)
	h.do("they hang up", doing(func() error { return h.hangUp(serving, customerPart, customer) }),
		doing(func() error { return h.pressWhenAsked(serving, agentPart, agent, "1") }), doing(func() error { return h.end(serving, agentPart, agent) }), pagetest.Shows("#story", "What came of it"))
	h.do("say what came of it", chromedp.Evaluate("document.activeElement.blur()", nil), pagetest.Keys("o"), focused("#outcomewords"), chromedp.KeyEvent("gets a new invoice"),
		chromedp.KeyEvent(kb.Tab), focused("#nextcall"), chromedp.KeyEvent(kb.Tab), focused("[data-do=outcome]"), chromedp.KeyEvent(kb.Enter),
		pagetest.Shows("#said", "Written up."), pagetest.Shows("#story .lines", "gets a new invoice"), h.comesTo(c.ID, callback.Done))
	return nil
}
