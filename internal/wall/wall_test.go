package wall

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

var noon = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) // a Monday; 12:00 in Helsinki

// A world is a wall over a real store.
type world struct {
	*testing.T
	*Server
}

func newWorld(t *testing.T, edit ...func(*callback.Config)) *world {
	t.Helper()
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	c := callback.Defaults()
	c.Zone = "Europe/Helsinki"
	c.Agents = map[string]callback.Agent{"anna": {Name: "Anna", Phone: "sip:anna@127.0.0.1"}, "bo": {Name: "Bo", Phone: "sip:bo@127.0.0.1"}}
	c.Queues = map[string]callback.QueueConfig{"billing": {
		Agents: []string{"anna", "bo"}, Hours: map[string]string{"mon-sun": "08:00-14:00"}, CallerID: "+358912345678",
	}}
	for _, e := range edit {
		e(&c)
	}
	d, err := callback.New(c)
	if err != nil {
		t.Fatal(err)
	}
	d.Store, d.Boot, d.Alone, d.Log = storetest.New(t), "boot", true, slog.New(slog.DiscardHandler)
	d.Now, d.Menus = func() time.Time { return noon }, map[string]*ivr.Menu{}
	return &world{t, &Server{
		Desk: d, Worst: func(context.Context) string { return "main: of 40 who come to times, 9 (23%) hang up." },
		Alarms: func(context.Context) []string { return nil }, Zone: func(string) *time.Location { return helsinki }, Log: d.Log,
	}}
}

func (w *world) write(fn func(callback.Tx) error) {
	w.Helper()
	if err := w.Desk.Store.Update(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

// add puts a callback into the store.
func (w *world) add(id string, state callback.State, at time.Time, name string) callback.Callback {
	w.Helper()
	c := callback.Callback{
		ID: id, Queue: "billing", Phone: callback.Phone(fmt.Sprintf("+35840%07d", 1000000+len(id)*31+int(id[len(id)-1]))), Name: name, State: state,
		At: at, DueAt: at, Until: at.Add(15 * time.Minute), CreatedAt: noon, UpdatedAt: at,
	}
	w.write(func(tx callback.Tx) error { return tx.AddCallback(c) })
	return c
}

// measure counts something n times on the day of an instant.
func (w *world) measure(at time.Time, name string, n int) {
	w.Helper()
	w.counts("billing", at, figures.Count{Name: name, N: n})
}

// counts counts on the day of an instant where a queue is, as the desk does.
func (w *world) counts(queue string, at time.Time, all ...figures.Count) {
	w.Helper()
	zone := w.Desk.Queues[queue].Zone
	since := opening.DayOf(at.In(zone)).Begins(zone)
	w.write(func(tx callback.Tx) error {
		for _, c := range all {
			if err := tx.Measure(callback.Measure{Queue: queue, Since: since, Count: c}); err != nil {
				return err
			}
		}
		return nil
	})
}

// unhappy has a customer say that he is not satisfied.
func (w *world) unhappy(c callback.Callback, words string, at time.Time) {
	w.Helper()
	w.write(func(tx callback.Tx) error {
		talk := "s-" + c.ID
		for _, err := range []error{
			tx.PutAsked(callback.Asked{Talk: talk, Callback: c.ID, Phone: c.Phone, Queue: c.Queue, At: at}),
			tx.PutScore(callback.Score{Talk: talk, Question: "csat", Value: 2, Words: words, At: at}),
			tx.Record(callback.Entry{At: at, Kind: "task", Talk: talk, Callback: c.ID, Queue: c.Queue, Phone: c.Phone, Actor: "desk", Name: "unhappy customer", Value: "2 agent:anna"}),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// day fills the wall with a day like others.
func (w *world) day() {
	w.measure(noon.Add(-time.Hour), figures.Kept, 41)
	w.measure(noon.Add(-time.Hour), figures.Late, 1)
	w.measure(noon.Add(-time.Hour), figures.Why+"nobody was free in time", 1)
	w.measure(noon.Add(-48*time.Hour), figures.Broken, 7) // not today
	w.measure(noon.Add(-time.Hour), figures.Said("csat", 5), 31)
	w.measure(noon.AddDate(0, 0, -20), figures.Said("csat", 2), 9)
	w.measure(noon.AddDate(0, 0, -40), figures.Said("csat", 1), 500) // long ago
	w.measure(noon.Add(-time.Hour), figures.Said("nps", 10), 30)
	w.measure(noon.Add(-time.Hour), figures.Said("nps", 3), 10)
	w.measure(noon.Add(-time.Hour), figures.Said("ces", 6), 4)
	w.measure(noon.AddDate(0, 0, -9), figures.Resolved, 50)
	w.measure(noon.AddDate(0, 0, -9), figures.Repeated, 10)
	w.work()
	w.counts("billing", noon, figures.Count{Name: figures.Saved, N: 9, Time: 95 * time.Minute})
	w.add("w1", callback.BookedState, noon.Add(-time.Hour), "")
	w.add("w2", callback.BookedState, noon.Add(30*time.Minute), "")
	w.add("w3", callback.BookedState, noon.Add(90*time.Minute), "")
	w.unhappy(w.add("u1", callback.Done, noon.Add(-20*time.Hour), "Aino Virtanen"), "had to call twice", noon.Add(-19*time.Hour))
	w.unhappy(w.add("u2", callback.Done, noon.Add(-20*time.Hour), "Answered by a note"), "", noon.Add(-19*time.Hour))
	w.write(func(tx callback.Tx) error {
		return tx.Record(callback.Entry{At: noon, Kind: "desk.note", Callback: "u2", Value: "spoke with him"})
	})
	w.unhappy(w.add("u3", callback.Done, noon.Add(-9*24*time.Hour), "Long ago"), "", noon.Add(-9*24*time.Hour))
	called := w.add("u4", callback.Done, noon.Add(-20*time.Hour), "Answered by a call")
	w.unhappy(called, "", noon.Add(-19*time.Hour))
	again := called
	again.ID, again.UpdatedAt = "u4-again", noon
	w.write(func(tx callback.Tx) error { return tx.AddCallback(again) })
}

// work has agents answer 20 callers, 16 of them in time, and be busy for three
// hours of four.
func (w *world) work() {
	w.counts("billing", noon, []figures.Count{
		{Name: figures.Offered, N: 20},
		{Name: figures.Answered, N: 20, Time: 20 * 75 * time.Second},
		{Name: figures.AnsweredWithin(9 * time.Second), N: 16},
		{Name: figures.AnsweredWithin(5 * time.Minute), N: 4},
		{Name: figures.Talking, N: 20, Time: 3 * time.Hour},
		{Name: figures.Available, N: 20, Time: time.Hour},
		{Name: figures.Told, N: 10},
		{Name: figures.Held, N: 9},
		{Name: figures.Over, N: 6, Time: 6 * time.Minute},
		{Name: figures.Less, N: 3, Time: 3 * time.Minute},
	}...)
}

func (w *world) get(path string) (int, string) {
	w.Helper()
	got := httptest.NewRecorder()
	w.Handler().ServeHTTP(got, httptest.NewRequest(http.MethodGet, path, nil))
	return got.Code, got.Body.String()
}

func TestWall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if code, body := w.get("/wall"); code != 200 || strings.Contains(body, "on hold saved") || strings.Contains(body, "were told today") || !strings.Contains(body, "–</p>") || !strings.Contains(body, "Nobody.") {
		t.Errorf("an empty day: %d %s", code, body)
	}
	w.day()
	code, body := w.get("/wall")
	for _, want := range []string{
		"97 %", "About 1 h 35 min on hold saved today by calling back, an estimate", "41 of 42", "1 late", "1 × nobody was free in time", "3 still to be kept", "1 past the promised time",
		"Aino Virtanen …", "2 of 5", "had to call twice", "Anna", "at once", "<p>Agents: 2 free", "9 (23%) hang up",
		"Of 10 callers who were told today how long at most, 90 % waited no longer; the forecast was 1:00 off on average.",
		`>Service level</a></dt><dd class="value">80 %</dd><dd>within 20 s, of 20 today</dd>`,
		`>ASA</a></dt><dd class="value">1:15</dd><dd>until an agent answered, 20 today</dd>`,
		`>Occupancy</a></dt><dd class="value">75 %</dd>`,
		`>CSAT</a></dt><dd class="value">78 %</dd><dd>62–88 %, 40 answers in 30 days</dd>`,
		`>NPS</a></dt><dd class="value">&#43;50</dd><dd>&#43;21 to &#43;72, 40 answers in 30 days</dd>`,
		`>CES</a></dt><dd class="value">–</dd><dd>4 answers in 30 days: too few</dd>`,
		`>FCR</a></dt><dd class="value">80 %</dd><dd>67–89 %, 50 calls in 30 days</dd>`,
		`href="/reports?period=30d&amp;by=topic#said"`, `href="/reports?period=today#service"`,
		`<th scope="row">12:00</th><td>1</td><td>8</td>`, `<th scope="row">13:00</th><td>1</td><td>8</td>`, `<th scope="row">14:00</th><td>0</td><td>0</td>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the wall lacks %q", want)
		}
	}
	if got := few(1, "answers"); got != "1 answer in 30 days: too few" {
		t.Errorf("of one answer the wall says %q", got)
	}
	for _, never := range []string{"broken by us", "Answered by", "Long ago", "+35840", " style="} {
		if strings.Contains(body, never) {
			t.Errorf("the wall has %q", never)
		}
	}
	if _, part := w.get("/wall?part=1"); code != 200 || strings.Contains(part, "<html") || !strings.Contains(part, "97 %") {
		t.Errorf("the inside is %s", part)
	}
}

func TestCanaries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	evil := `"><script>alert(1)</script>` + "\u202e"
	w.unhappy(w.add("x", callback.Done, noon.Add(-time.Hour), evil), evil, noon.Add(-time.Hour))
	w.Worst = func(context.Context) string { return evil }
	w.Alarms = func(context.Context) []string { return []string{evil} }
	_, body := w.get("/wall")
	if strings.Contains(body, "<script>") || strings.Count(body, "alert(1)") != 4 {
		t.Errorf("%d canaries, or one that lives: %s", strings.Count(body, "alert(1)"), body)
	}
}

// TestWallIsForEverybody looks at the wall, light and dark, wide and narrow; it
// reads itself anew.
func TestWallIsForEverybody(t *testing.T) {
	t.Parallel()
	judge, ctx := pagetest.NewJudge(t), pagetest.Browser(t)
	w := newWorld(t)
	w.day()
	site := httptest.NewServer(w.Handler())
	t.Cleanup(site.Close)
	pagetest.Drive(ctx, t, "wall", chromedp.Navigate(site.URL+"/wall"), pagetest.Shows("#wall", "97 %"))
	for _, window := range pagetest.Windows() {
		pagetest.Drive(ctx, t, "wall", window.Open())
		judge.Look(ctx, t, "wall", window)
		pagetest.Picture(ctx, t, fmt.Sprintf("wall-%s-%d.png", window.Scheme, window.Width), "wall-light-1280.png")
	}
	w.measure(noon, figures.Broken, 1)
	pagetest.Drive(ctx, t, "a change", pagetest.Shows("#wall", "1 broken by us"))
}
