package reports

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

var noon = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) // a Monday; 12:00 in Helsinki

// A world is reports over a real store, asked by anna.
type world struct {
	testing.TB
	*Server
	now     time.Time
	batch   bool // measures are kept until they are written together
	pending []callback.Measure
}

func newWorld(t testing.TB, edit ...func(*callback.Config)) *world {
	t.Helper()
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	c := callback.Defaults()
	c.Zone = "Europe/Helsinki"
	c.Agents = map[string]callback.Agent{
		"anna": {Name: "Anna", Phone: "sip:anna@127.0.0.1"}, "bo": {Name: "Bo", Phone: "sip:bo@127.0.0.1"}, "eve": {Name: "Eve", Phone: "sip:eve@127.0.0.1"},
	}
	hours := map[string]string{"mon-sun": "08:00-20:00"}
	c.Queues = map[string]callback.QueueConfig{
		"billing": {Agents: []string{"anna", "bo"}, Hours: hours, CallerID: "+358912345678"},
		"sales":   {Agents: []string{"eve"}, Hours: hours, CallerID: "+358912345678"},
	}
	c.Pulse.Question = "How was the week?"
	for _, e := range edit {
		e(&c)
	}
	d, err := callback.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{TB: t, now: noon}
	d.Store, d.Boot, d.Alone, d.Log = storetest.New(t), "boot", true, slog.New(slog.DiscardHandler)
	d.Now, d.Menus = func() time.Time { return w.now }, map[string]*ivr.Menu{}
	w.Server = &Server{
		Desk: d, Zone: helsinki, Log: d.Log, Agent: func(context.Context) string { return "anna" },
		Worst: func(context.Context, time.Time, time.Time) string {
			return "main: of 40 who come to times, 9 (23%) hang up."
		},
		Topic: func(topic string) string { return strings.ToUpper(topic[:1]) + topic[1:] },
	}
	return w
}

func (w *world) write(fn func(callback.Tx) error) {
	w.Helper()
	if err := w.Desk.Store.Update(context.Background(), fn); err != nil {
		w.Fatal(err)
	}
}

// measure counts something of billing on a day of Helsinki, so many days ago.
func (w *world) measure(ago int, name string, n int, took time.Duration, parts map[string]string) {
	w.Helper()
	y, m, d := noon.In(w.Zone).AddDate(0, 0, -ago).Date()
	w.pending = append(w.pending, callback.Measure{
		Queue: "billing", Since: time.Date(y, m, d, 0, 0, 0, 0, w.Zone), Count: figures.Count{Name: name, N: n, Time: took}, Parts: parts,
	})
	if w.batch {
		return
	}
	w.write(func(tx callback.Tx) error {
		for _, m := range w.pending {
			if err := tx.Measure(m); err != nil {
				return err
			}
		}
		return nil
	})
	w.pending = nil
}

// callback puts one into the store, with what was promised.
func (w *world) callback(id, name string, until time.Time) callback.Callback {
	w.Helper()
	c := callback.Callback{
		ID: id, Queue: "billing", Phone: callback.Phone(fmt.Sprintf("+35840%07d", 1000000+len(id)*31+int(id[len(id)-1]))), Name: name, State: callback.Done,
		Agent: "anna", At: until.Add(-15 * time.Minute), DueAt: until, Until: until, CreatedAt: until, UpdatedAt: until,
	}
	w.write(func(tx callback.Tx) error {
		if err := tx.PutTold(callback.Told{ID: id, Queue: "billing", At: until.Add(-time.Hour), Until: until, EndedAt: until.Add(5 * time.Minute), How: figures.Late}); err != nil {
			return err
		}
		return tx.AddCallback(c)
	})
	return c
}

// missed has a promise not kept, and why.
func (w *world) missed(c callback.Callback, why string) {
	w.Helper()
	w.write(func(tx callback.Tx) error {
		return tx.Record(callback.Entry{At: c.Until, Kind: "promise.missed", Callback: c.ID, Queue: c.Queue, Phone: c.Phone, Actor: "desk", Name: figures.Late, Value: why})
	})
}

// unhappy has a customer say that he is not satisfied.
func (w *world) unhappy(c callback.Callback, words string) {
	w.Helper()
	talk := "s-" + c.ID
	w.write(func(tx callback.Tx) error {
		if err := tx.PutAsked(callback.Asked{Talk: talk, Callback: c.ID, Phone: c.Phone, Queue: c.Queue, At: c.Until}); err != nil {
			return err
		}
		if err := tx.PutScore(callback.Score{Talk: talk, Question: "csat", Value: 2, Words: words, At: c.Until}); err != nil {
			return err
		}
		return tx.Record(callback.Entry{
			At: c.Until.Add(time.Minute), Kind: "task", Talk: talk, Callback: c.ID, Queue: c.Queue, Phone: c.Phone, Actor: "desk", Name: "unhappy customer", Value: "2 agent:anna",
		})
	})
}

// month fills the last thirty days.
func (w *world) month() {
	w.Helper()
	w.batch = true
	for ago := range 30 {
		busy := 20 + 7*ago%13
		for agent, n := range map[string]int{"anna": busy, "bo": busy / 2} {
			who := map[string]string{figures.ByAgent: agent}
			w.measure(ago, figures.Talking, n, time.Duration(n)*4*time.Minute, who)
			w.measure(ago, figures.Writing, n, time.Duration(n)*time.Minute, who)
			w.measure(ago, figures.Available, 1, 3*time.Hour, who)
		}
		about := map[string]string{figures.ByTopic: "invoice", figures.ByLang: "fi"}
		for name, n := range map[string]int{
			figures.Calls: 2 * busy, figures.Keys: 4 * busy, figures.Answered: busy, figures.AnsweredWithin(12 * time.Second): busy - 3,
			figures.AnsweredWithin(70 * time.Second): 3, figures.Deferred: 5, figures.FunnelOffered: 9, figures.FunnelAccepted: 6, figures.FunnelDialed: 6,
			figures.FunnelAnswered: 5, figures.FunnelConnected: 5, figures.Told: 9, figures.Held: 8,
		} {
			w.measure(ago, name, n, time.Duration(n)*14*time.Second, about)
		}
		w.measure(ago, figures.Kept, 5, 0, map[string]string{figures.ByAgent: "anna", figures.ByTopic: "invoice", figures.ByLang: "fi"})
		w.measure(ago, figures.PunctualWithin(-8*time.Minute), 5, 0, map[string]string{figures.ByAgent: "anna", figures.ByTopic: "invoice", figures.ByLang: "fi"})
		w.measure(ago, figures.Talking, 2, 10*time.Minute, map[string]string{figures.ByTopic: "invoice", figures.ByLang: "fi"})
		w.measure(ago, figures.Saved, 5, 40*time.Minute, nil)
		w.measure(ago, figures.Resolved, 8, 0, map[string]string{figures.ByAgent: "anna"})
		w.measure(ago, figures.Repeated, 1+ago%2, 0, map[string]string{figures.ByAgent: "anna"})
		w.measure(ago, figures.Said("csat", 5), 2+ago%3, 0, map[string]string{figures.ByAgent: "anna"})
		w.measure(ago, figures.Said("csat", 2), ago%2, 0, map[string]string{figures.ByAgent: "bo"})
		w.measure(ago, figures.Said("nps", 9), 1, 0, nil)
		for hour := 8; hour < 20; hour++ {
			w.measure(ago, figures.Offered, 1+(hour*ago)%5, 0, map[string]string{figures.ByHour: strconv.Itoa(hour), figures.ByTopic: "invoice", figures.ByLang: "fi"})
		}
		w.measure(ago, figures.Abandoned, 2, time.Minute, map[string]string{figures.ByHour: "12", figures.ByTopic: "invoice"})
	}
	w.measure(3, figures.Late, 1, 0, map[string]string{figures.ByAgent: "anna"})
	w.batch = false
	w.measure(3, figures.Why+"nobody was free in time", 1, 0, nil)
}

// people adds those whom we let down.
func (w *world) people() {
	w.Helper()
	w.missed(w.callback("late1", "Jana Nováková", noon.Add(-70*time.Hour)), "nobody was free in time")
	w.unhappy(w.callback("sad1", "Aino Virtanen", noon.Add(-20*time.Hour)), "had to call twice")
}

// team has five agents say how they are, two weeks ago.
func (w *world) team(words string) {
	w.Helper()
	monday := time.Date(2026, 11, 9, 0, 0, 0, 0, w.Zone)
	w.write(func(tx callback.Tx) error {
		for _, score := range []int{2, 3, 4, 4, 5} {
			if err := tx.AddMood(monday, score, words); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *world) get(path string) (int, string) {
	w.Helper()
	got := w.ask(httptest.NewRequest(http.MethodGet, path, nil))
	return got.Code, got.Body.String()
}

func (w *world) post(path string, form url.Values) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.ask(r)
}

func (w *world) ask(r *http.Request) *httptest.ResponseRecorder {
	got := httptest.NewRecorder()
	w.Handler().ServeHTTP(got, r)
	return got
}
