package desk

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/internal/articles"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
)

var noon = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) // a Monday; 12:00 in Helsinki

// A world is a desk with two queues: billing has anna and bo, sales has eve.
type world struct {
	testing.TB
	*Server
	now  time.Time
	zone *time.Location
	n    int
}

func newWorld(t testing.TB) *world {
	t.Helper()
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	c := callback.Defaults()
	c.Zone, c.Callbacks.AllowRegions = "Europe/Helsinki", []string{"FI", "GR"}
	c.Agents = map[string]callback.Agent{
		"anna": {Name: "Anna", Phone: "sip:anna@127.0.0.1"}, "bo": {Name: "Bo", Phone: "sip:bo@127.0.0.1"},
		"eve": {Name: "Eve", Phone: "sip:eve@127.0.0.1"},
	}
	hours := map[string]string{"mon-sun": "08:00-20:00"}
	c.Queues = map[string]callback.QueueConfig{
		"billing": {Agents: []string{"anna", "bo"}, Hours: hours, CallerID: "+358912345678", Dialing: callback.AgentFirst},
		"sales":   {Agents: []string{"eve"}, Hours: hours, CallerID: "+358912345678"},
	}
	d, err := callback.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{TB: t, now: noon, zone: helsinki}
	d.Store, d.Boot, d.Alone, d.Log = storetest.New(t), "boot", true, slog.New(slog.DiscardHandler)
	d.Now, d.Menus = func() time.Time { return w.now }, map[string]*ivr.Menu{}
	d.Text = func(_ string, p ivr.Prompt) string { return p.Name + " " + p.Text }
	w.Server = &Server{
		Desk: d, Who: asked, Label: func(topic string) string { return topic }, Log: d.Log,
		Alarms: func(context.Context) []string { return nil }, Links: func(context.Context) []Link { return nil },
		Zone: func(string) *time.Location { return helsinki }, Langs: []string{"en", "fi", "el"},
		Book: articles.Book{
			Checklists: map[string][]string{"billing": {"Ask for the number of the invoice."}},
			Articles:   map[string]articles.Article{"due": {Title: "When it is due", Topics: []string{"billing"}, Tags: []string{"lasku", "přehled"}, Text: "Two weeks."}},
		},
	}
	return w
}

type asKey struct{}

// asked is the person whom a test asks as.
func asked(ctx context.Context) (Person, bool) {
	p, ok := ctx.Value(asKey{}).(Person)
	return p, ok
}

var (
	anna  = Person{Name: "anna", Agent: "anna"}
	bo    = Person{Name: "bo", Agent: "bo"}
	eve   = Person{Name: "eve", Agent: "eve"}
	super = Person{Name: "sam", All: true}
)

// add promises a callback, whatever its time.
func (w *world) add(at time.Time, edit ...func(*callback.Callback)) callback.Callback {
	w.Helper()
	w.n++
	c := callback.Callback{
		ID: fmt.Sprintf("CB%024d", w.n), Queue: "billing", Phone: callback.Phone(fmt.Sprintf("+35840%07d", 1234000+w.n)),
		Name: fmt.Sprintf("Aino Virtanen %d", w.n), Topic: "billing", Lang: "fi", State: callback.BookedState,
		At: at, DueAt: at, Until: at.Add(15 * time.Minute), Wall: opening.Wall(at.In(w.zone)), Zone: "Europe/Helsinki",
		CreatedAt: w.now, UpdatedAt: w.now,
	}
	for _, e := range edit {
		e(&c)
	}
	w.write(func(tx callback.Tx) error { return tx.AddCallback(c) })
	return c
}

func (w *world) write(fn func(callback.Tx) error) {
	w.Helper()
	if err := w.Desk.Store.Update(context.Background(), fn); err != nil {
		w.Fatal(err)
	}
}

// ask makes a request as somebody; a script when it has a form.
func (w *world) ask(p Person, path string, form url.Values, edit ...func(*http.Request)) *httptest.ResponseRecorder {
	w.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if form != nil {
		r.Header.Set("Accept", "application/json")
	}
	for _, e := range edit {
		e(r)
	}
	got := httptest.NewRecorder()
	w.Handler().ServeHTTP(got, r.WithContext(context.WithValue(r.Context(), asKey{}, p)))
	return got
}

// do does one deed, and returns what the page tells.
func (w *world) do(p Person, c callback.Callback, deed string, form url.Values) (int, string) {
	w.Helper()
	now, _, err := w.Desk.Show(context.Background(), c.ID)
	if err != nil {
		w.Fatal(err)
	}
	if form == nil {
		form = url.Values{}
	}
	form.Set("v", fmt.Sprint(now.Version))
	got := w.ask(p, "/desk/"+c.ID+"/"+deed, form)
	return got.Code, got.Body.String()
}

// rows promises many callbacks, no two of which are alike.
func (w *world) rows(n int) {
	w.Helper()
	w.write(func(tx callback.Tx) error {
		for i := range n {
			at := noon.Add(time.Duration(i) * time.Minute)
			id := fmt.Sprintf("%026X", uint64(i+1)*0x9E3779B97F4A7C15)
			c := callback.Callback{
				ID: id, Queue: "billing", Phone: callback.Phone(fmt.Sprintf("+35840%07d", i*7919%10000000)), Name: id[10:18] + " " + id[18:],
				Topic: "billing", Lang: "fi", State: callback.BookedState, At: at, DueAt: at, Until: at, CreatedAt: noon, UpdatedAt: noon,
			}
			if err := tx.AddCallback(c); err != nil {
				return err
			}
		}
		return nil
	})
}
