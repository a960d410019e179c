package callback_test

import (
	"crypto/rand"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

const (
	service = callback.Phone("+358912345678")
	aino    = callback.Phone("+358401234567")
	eero    = callback.Phone("+358407654321")
)

// A world is a desk over a real store, with a clock that the test sets.
type world struct {
	*testing.T
	*callback.Desk
	now time.Time
}

// helsinki is where the queue of a world works, from nine to five on weekdays.
func helsinki(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// config is a queue with two agents who work from nine to five on weekdays.
func config() callback.Config {
	c := callback.Defaults()
	c.Zone = "Europe/Helsinki"
	c.Numbers = map[callback.Phone]callback.Route{service: {Menu: "main", Queue: "billing"}}
	c.Agents = map[string]callback.Agent{
		"anna": {Name: "Anna", Phone: "sip:anna@127.0.0.1"},
		"bo":   {Name: "Bo", Phone: "sip:bo@127.0.0.1"},
	}
	c.Queues = map[string]callback.QueueConfig{"billing": {
		Agents: []string{"anna", "bo"}, Hours: map[string]string{"mon-fri": "09:00-17:00"}, CallerID: service,
		Dialing: callback.AgentFirst,
	}}
	c.Callbacks.Permitted, c.Callbacks.Reminder = "08:00-21:00", 0
	c.Survey.Consent, c.Survey.Talked = "assumed", 0
	return c
}

// newWorld opens a world on Monday, the first of June 2026, at noon.
func newWorld(t *testing.T, edit ...func(*callback.Config)) *world {
	t.Helper()
	return worldOn(t, storetest.New(t), "boot-1", edit...)
}

// worldOn is a process of its own over a store that others use.
func worldOn(t *testing.T, s callback.Store, boot string, edit ...func(*callback.Config)) *world {
	t.Helper()
	c := config()
	for _, e := range edit {
		e(&c)
	}
	d, err := callback.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, Desk: d, now: time.Date(2026, 6, 1, 12, 0, 0, 0, helsinki(t))}
	d.Store, d.Boot, d.Alone = s, boot, true
	d.Now = func() time.Time { return w.now }
	d.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	d.Text = func(_ string, p ivr.Prompt) string {
		s := p.Name + p.Text
		if !p.At.IsZero() {
			s += " " + p.At.Format("Mon 15:04")
		}
		return s
	}
	d.Menus = map[string]*ivr.Menu{}
	for _, name := range []string{"main", "agent", "whisper", "customer", "desk", "survey", "survey_solved"} {
		if d.Menus[name], err = ivr.Default(name); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// at sets the clock to a time of day, on the next day when that is over.
func (w *world) at(clock string) {
	w.Helper()
	c, err := time.Parse("15:04", clock)
	if err != nil {
		w.Fatal(err)
	}
	z := helsinki(w.T)
	y, m, d := w.now.In(z).Date()
	next := time.Date(y, m, d, c.Hour(), c.Minute(), 0, 0, z)
	if !next.After(w.now) {
		next = next.AddDate(0, 0, 1)
	}
	w.now = next
}

// A party is one side of a talk.
type party struct {
	w    *world
	talk string
	turn ivr.Turn
}

func (w *world) calls(from callback.Phone) *party {
	w.Helper()
	id := rand.Text()
	turn, err := w.Answer(w.Context(), callback.Inbound{Talk: id, Line: "test", From: from, To: service})
	if err != nil {
		w.Fatal(err)
	}
	return &party{w, id, turn}
}

// party begins a talk that the desk has set up.
func (w *world) party(talk string) *party {
	w.Helper()
	p := &party{w: w, talk: talk}
	return p.event(ivr.Event{Kind: ivr.Begin})
}

func (p *party) event(e ivr.Event) *party {
	p.w.Helper()
	turn, err := p.w.Next(p.w.Context(), p.talk, p.turn.No, e)
	if err != nil {
		p.w.Fatal(err)
	}
	p.turn = turn
	return p
}

// presses presses keys, one after the other.
func (p *party) presses(keys ...string) *party {
	p.w.Helper()
	for _, k := range keys {
		p.event(ivr.Event{Kind: ivr.Heard, Text: k})
	}
	return p
}

// hears checks that the last turn said something.
func (p *party) hears(names ...string) *party {
	p.w.Helper()
	for _, name := range names {
		if !strings.Contains(said(p.turn), name) {
			p.w.Errorf("heard %q, want %q", said(p.turn), name)
		}
	}
	return p
}

func said(t ivr.Turn) string {
	var all []string
	for _, s := range t.Say {
		all = append(all, s.Name+s.Text)
	}
	return strings.Join(all, " ")
}

// connect returns whom the line is to ring now.
func (p *party) connect() ivr.Connect {
	p.w.Helper()
	if p.turn.Connect == nil {
		p.w.Fatalf("turn %+v connects nobody", p.turn)
	}
	return *p.turn.Connect
}

// books lets a caller book the soonest time.
func (w *world) books(from callback.Phone) callback.Callback {
	w.Helper()
	w.calls(from).presses("1", "1", "1").hears("booked")
	return w.open(from)
}

// open returns the open callback of a number.
func (w *world) open(p callback.Phone) callback.Callback {
	w.Helper()
	var c callback.Callback
	w.view(func(tx callback.Tx) (err error) {
		c, err = tx.OpenCallback("billing", p)
		return err
	})
	return c
}

func (w *world) view(fn func(callback.Tx) error) {
	w.Helper()
	if err := w.Store.View(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

// state checks how far a callback has come.
func (w *world) state(id string, want callback.State) callback.Callback {
	w.Helper()
	c, _, err := w.Show(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	if c.State != want {
		w.Errorf("callback is %s, want %s", c.State, want)
	}
	return c
}

// rings claims what is due, and wants so many rings.
func (w *world) rings(want int) []callback.Ring {
	w.Helper()
	all, err := w.Claim(w.Context(), 10)
	if err != nil {
		w.Fatal(err)
	}
	if len(all) != want {
		w.Fatalf("%d rings, want %d", len(all), want)
	}
	return all
}

// texts sends what is due, and returns the words.
func (w *world) texts() []string {
	w.Helper()
	due, err := w.ClaimMessages(w.Context(), 100)
	if err != nil {
		w.Fatal(err)
	}
	var all []string
	for _, m := range due {
		all = append(all, m.Body)
		if err := w.Delivered(w.Context(), m, callback.Delivered, nil); err != nil {
			w.Error(err)
		}
	}
	return all
}

// wantTexts checks which texts leave now.
func (w *world) wantTexts(want ...string) {
	w.Helper()
	got := w.texts()
	if len(got) != len(want) {
		w.Fatalf("texts %q, want %q", got, want)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			w.Errorf("text %q, want %q", got[i], want[i])
		}
	}
}

// reply answers by text.
func (w *world) reply(from callback.Phone, id, body string) bool {
	w.Helper()
	ok, err := w.Reply(w.Context(), callback.InText{Line: "text", ID: id, From: from, To: service, Body: body})
	if err != nil {
		w.Fatal(err)
	}
	return ok
}

// dials lets a due callback come as far as the customer's phone, and returns
// the talk with the agent, and whom the line rings.
func (w *world) dials(r callback.Ring) (*party, ivr.Connect) {
	w.Helper()
	if err := w.Sent(w.Context(), r.Ref); err != nil {
		w.Fatal(err)
	}
	p := w.party(r.Talk).hears("callback_due").presses("1")
	return p, p.connect()
}

// journalled counts the lines of the journal of a kind.
func (w *world) journalled(kind, name string) int {
	w.Helper()
	n := 0
	w.view(func(tx callback.Tx) error {
		all, err := tx.Entries(0, 10_000)
		for _, e := range all {
			if (kind == "" || e.Kind == kind) && (name == "" || e.Name == name) {
				n++
			}
		}
		return err
	})
	return n
}

// agent checks what an agent does now.
func (w *world) agent(name string, want callback.AgentState) {
	w.Helper()
	all, err := w.Team(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	for _, s := range all {
		if s.Agent == name && s.State != want {
			w.Errorf("%s is %s, want %s", name, s.State, want)
		}
	}
}
