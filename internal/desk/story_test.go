package desk

import (
	"html"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// TestRowTellsAll holds that a row has each thing that an agent chooses by, in
// its own cell.
func TestRowTellsAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(70*time.Minute), func(c *callback.Callback) {
		c.Name, c.Topic, c.Lang, c.Phone, c.Attempts, c.Owner = "Ελένη Παππά", "invoice", "el", "+447700900123", 2, "bo"
	})
	w.write(func(tx callback.Tx) error {
		if err := tx.PutAsked(callback.Asked{Talk: "s", Phone: c.Phone, At: noon}); err != nil {
			return err
		}
		return tx.PutScore(callback.Score{Talk: "s", Question: "csat", Value: 4, At: noon})
	})
	w.add(noon.Add(2*time.Hour), func(c *callback.Callback) { c.Topic = c.Queue })
	page := w.ask(anna, "/", nil).Body.String()
	if n := strings.Count(page, `<span class="q">`); n != 1 {
		t.Errorf("%d rows tell the queue beside the matter, want that of the invoice alone", n)
	}
	_, row, _ := strings.Cut(page, `id="r-`+c.ID+`"`)
	row, _, _ = strings.Cut(row, "</tr>")
	for what, want := range map[string]string{
		"promise, by the clock here": `<time>13:10</time>`, "countdown": `<span class="in">in 1 h 10 min</span>`,
		"name": ">Ελένη Παππά</a>", "last digits": `<span class="n">…123</span>`, "topic": `<td role="cell">invoice <span class="q">billing</span></td>`,
		"language, and the time there": `el <time class="there">10:00</time>`, "attempt": `<td role="cell" class="n">2</td>`,
		"last rating": ">4 of 5</td>", "owner": "waits · Bo</td>",
	} {
		if !strings.Contains(row, want) {
			t.Errorf("%s: no %q in %s", what, want, row)
		}
	}
}

// told fills a callback with all that can be known of it.
func (w *world) told() callback.Callback {
	w.Helper()
	c := w.add(noon.Add(time.Hour), func(c *callback.Callback) { c.Talk, c.Note = "talk", "wants a copy" })
	w.add(noon.Add(-72*time.Hour), func(e *callback.Callback) {
		e.Phone, e.State, e.Topic, e.Agent, e.Note = c.Phone, callback.Done, "delivery", "bo", "parcel was late"
	})
	w.write(func(tx callback.Tx) error {
		for _, err := range []error{
			tx.PutTalk(callback.Talk{
				ID: "talk", Line: "sip", Phone: c.Phone, Closed: true, BeganAt: noon.Add(-time.Hour), EndedAt: noon.Add(-59 * time.Minute),
				State: ivr.State{Path: []string{"main", "your_invoice"}, Data: map[string]string{"topic": "billing", "invoice_number": "8812"}},
			}),
			tx.Record(callback.Entry{At: noon, Kind: "desk.note", Callback: c.ID, Actor: "agent:bo", Value: "asked for Anna"}),
			tx.AddText(callback.InText{Line: "text", ID: "1", From: c.Phone, Body: "thanks so far"}, noon),
			tx.AddMessage(callback.Message{ID: "m", Kind: "text", To: string(c.Phone), Body: "we will call you", DoneAt: noon, Status: "sent"}),
			tx.AddMessage(callback.Message{ID: "m2", Kind: "text", Key: "2", To: string(c.Phone), Body: "we call later", DueAt: noon.Add(time.Minute), Tries: 3, Err: "no gateway"}),
			tx.AddMessage(callback.Message{ID: "m3", Kind: "text", Key: "3", To: string(c.Phone), Body: "how was it", DoneAt: noon, Tries: 9, Status: "expired", Err: "no answer"}),
			tx.AddMessage(callback.Message{ID: "m4", Kind: "text", Key: "4", To: string(c.Phone), Body: "never tried", DoneAt: noon, Status: "expired"}),
			tx.AddMessage(callback.Message{ID: "m5", Kind: "text", Key: "5", To: string(c.Phone), Body: "in a while", DueAt: noon.Add(time.Minute)}),
			tx.PutAsked(callback.Asked{Talk: "s", Phone: c.Phone, At: noon}),
			tx.PutScore(callback.Score{Talk: "s", Question: "csat", Value: 2, Words: "had to call twice", At: noon, Agent: "bo"}),
			tx.PutConsent(callback.Consent{Phone: c.Phone, Given: true, At: noon}),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	return c
}

// TestStoryTellsAll holds that the open row has the whole story, so that nobody
// has to tell it again.
func TestStoryTellsAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.told()
	page := html.UnescapeString(w.ask(anna, "/desk/"+c.ID+"?part=1", nil).Body.String())
	for what, want := range map[string]string{
		"whole number": `<dd class="n">` + string(c.Phone), "way through the menu": "<dt>Way</dt><dd>main › your invoice › billing</dd>",
		"what was keyed in": "<dt>invoice number</dt><dd>8812</dd>", "earlier promises": "delivery · kept · Bo</span><blockquote>parcel was late</blockquote>",
		"calls": "called us · billing · 1m0s", "notes": `<h3>Notes</h3><ul class="lines"><li><time>23 Nov 2026 12:00</time> <span>Bo</span><blockquote>asked for Anna</blockquote>`,
		"ratings": `2 of 5 · Bo</span><blockquote>had to call twice</blockquote>`, "texts to him": "<blockquote>we will call you</blockquote>",
		"a text that waits":     "not sent yet, and tried again: no gateway</span><blockquote>we call later</blockquote>",
		"one that was given up": "not sent: no answer</span><blockquote>how was it</blockquote>",
		"texts from him":        "from the customer</span><blockquote>thanks so far</blockquote>", "consent": "may be asked how it was (23 Nov 2026 12:00)",
		"articles": "<summary>When it is due</summary>", "checklist": `<ol class="checklist"><li>Ask for the number of the invoice.</li></ol>`,
		"local time, language": `<dd class="n">12:00, speaks fi</dd>`, "matter": "<dt>Matter</dt><dd>billing (billing)</dd>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s: no %q in\n%s", what, want, page)
		}
	}
	if strings.Contains(page, "never tried") || strings.Contains(page, "in a while") {
		t.Error("the story tells of texts that were not tried")
	}
	w.write(func(tx callback.Tx) error {
		return tx.PutConsent(callback.Consent{Phone: c.Phone, At: noon.Add(time.Minute)})
	})
	if page := w.ask(anna, "/desk/"+c.ID, nil).Body.String(); !strings.Contains(page, "does not wish to be asked how it was (23 Nov 2026 12:01)") {
		t.Error("the story does not tell that consent was taken back")
	}
	other := w.add(noon.Add(time.Hour))
	if page := w.ask(anna, "/desk/"+other.ID, nil).Body.String(); !strings.Contains(page, "was not asked whether we may ask how it was") {
		t.Error("the story does not tell that nobody asked for consent")
	}
}

// TestHandOverTellsWhoIsAway holds that nobody hands over to a colleague who has
// gone home without knowing it, and that owners have their names.
func TestHandOverTellsWhoIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(time.Hour), func(c *callback.Callback) { c.Owner = "bo" })
	for state, want := range map[callback.AgentState]string{callback.Available: "Bo", callback.OnBreak: "Bo, on a break", callback.Offline: "Bo, offline"} {
		if err := w.Desk.SetAgent(t.Context(), "bo", state); err != nil {
			t.Fatal(err)
		}
		page := w.ask(super, "/desk/"+c.ID, nil).Body.String()
		if !strings.Contains(page, `<option value="bo">`+want+`</option>`) || !strings.Contains(page, `<option value="">The team</option>`) || !strings.Contains(page, `<option value="anna">Anna</option>`) {
			t.Errorf("%s is not told as %q", state, want)
		}
	}
	if page := w.ask(anna, "/desk/"+c.ID, nil).Body.String(); !strings.Contains(page, "It belongs to Bo: only notes") || strings.Contains(page, "anna</option>") || strings.Contains(page, "/hand\"") {
		t.Error("anna may hand over what is Bo’s, or does not learn whose it is")
	}
}

// TestListAsCSV holds that an agent takes away what is his or anybody's today,
// and who sees every queue all of it; nobody what he may not see.
func TestListAsCSV(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, edit := range map[string]func(*callback.Callback){
		"Mine":      func(c *callback.Callback) { c.Owner = "anna" },
		"Anybody’s": func(*callback.Callback) {},
		"Bo’s":      func(c *callback.Callback) { c.Owner = "bo" },
		"=1+1":      func(c *callback.Callback) { c.Queue = "sales" },
		"Over":      func(c *callback.Callback) { c.State = callback.Done },
	} {
		w.add(noon.Add(time.Hour), func(c *callback.Callback) { c.Name = name }, edit)
	}
	for _, tt := range []struct {
		who  Person
		has  []string
		rows int
	}{
		{anna, []string{",Mine,", ",Anybody’s,", "2026-11-23T13:00:00+02:00,2026-11-23T13:15:00+02:00,", ",yours,"}, 2},
		{bo, []string{",Bo’s,", ",Anybody’s,"}, 2},
		{eve, []string{",'=1+1,"}, 1},
		{super, []string{",Mine,", ",Bo’s,", ",'=1+1,"}, 4},
		{Person{Name: "new"}, []string{"promised,until,name"}, 0},
	} {
		got := w.ask(tt.who, "/desk/list.csv", nil)
		body := got.Body.String()
		if got.Code != 200 || !strings.HasPrefix(got.Header().Get("Content-Type"), "text/csv") || strings.Count(body, "\r\n") != tt.rows+1 ||
			got.Header().Get("Content-Disposition") != `attachment; filename="callbacks-2026-11-23.csv"` {
			t.Errorf("%s: %d %s\n%s", tt.who.Name, got.Code, got.Header(), body)
		}
		for _, want := range tt.has {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %q in\n%s", tt.who.Name, want, body)
			}
		}
	}
	if page := w.ask(anna, "/", nil).Body.String(); !strings.Contains(page, `href="/desk/list.csv"`) {
		t.Error("no link leads there")
	}
}
