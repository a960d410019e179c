package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// letter is what anna fills in for somebody who wrote to her.
func (w *world) letter(more ...string) url.Values {
	w.Helper()
	free, err := w.Desk.Free(context.Background(), "billing")
	if err != nil {
		w.Fatal(err)
	}
	form := url.Values{
		"queue": {"billing"}, "phone": {"040 123 4567"}, "at": {fmt.Sprint(free[20].Unix())}, "name": {"Aino Virtanen"}, "lang": {"fi"}, "topic": {"billing"},
		"note": {"wrote about\ninvoice 8812"}, "key": {"K"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// asPage asks as the form does where there is no script.
func asPage(r *http.Request) { r.Header.Set("Accept", "text/html") }

// A reply is what the page tells after a deed, and of which callback.
type reply struct {
	Text, ID string
	Bad      bool
}

func (w *world) promises(p Person, form url.Values) (code int, t reply) {
	w.Helper()
	got := w.ask(p, "/desk/new", form)
	if err := json.Unmarshal(got.Body.Bytes(), &t); err != nil {
		w.Fatalf("%d %s: %v", got.Code, got.Body, err)
	}
	return got.Code, t
}

// fill takes all places of a time.
func (w *world) fill(queue string, at time.Time) {
	w.Helper()
	for i := range 20 {
		r := callback.Request{Queue: queue, Phone: callback.Phone(fmt.Sprintf("+35850%07d", (at.Unix()/30+int64(i))%1e7)), At: at}
		if _, err := w.Desk.Book(context.Background(), r); errors.Is(err, callback.ErrTaken) {
			return
		} else if err != nil {
			w.Fatal(err)
		}
	}
	w.Fatal("it is never full")
}

// TestNewCallback promises what somebody has asked for in a letter: as it was
// filled in, told by text, audited, and once, however often the form is sent.
func TestNewCallback(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.letter()
	code, told := w.promises(anna, form)
	c, _, err := w.Desk.Show(t.Context(), told.ID)
	if err != nil || code != http.StatusOK || told.Bad || !strings.Contains(told.Text, "told by text") {
		t.Fatalf("%d %+v, %v", code, told, err)
	}
	if c.Queue != "billing" || c.Phone != "+358401234567" || fmt.Sprint(c.At.Unix()) != form.Get("at") || c.Name != "Aino Virtanen" || c.Lang != "fi" || c.Topic != "billing" ||
		c.Note != "wrote about invoice 8812" || c.State != callback.BookedState || c.Owner != "" {
		t.Errorf("promised %+v", c)
	}
	story := w.storyOf(c)
	if !slices.ContainsFunc(story.Sent, func(m callback.Sent) bool { return m.What == "text_booked" && m.To == "+358401234567" }) {
		t.Errorf("the customer is told %+v", story.Sent)
	}
	if all := w.audited(); !slices.Contains(all, "callback.booked by agent:anna of "+c.ID) {
		t.Errorf("it is not in the audit:\n%s", strings.Join(all, "\n"))
	}
	if code, again := w.promises(anna, form); code != http.StatusOK || again.ID != c.ID {
		t.Errorf("sent twice, %d %+v", code, again)
	}
	if code, told := w.promises(super, w.letter("queue", "sales", "phone", "+306912345678", "lang", "xx", "name", "", "topic", "", "note", "")); code != http.StatusOK || w.storyOf(callback.Callback{ID: told.ID}).Lang != "" {
		t.Errorf("by a supervisor, with a number alone: %d %+v", code, told)
	}
	got := w.ask(anna, "/desk/new", w.letter("phone", "0401234568"), asPage)
	if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || !strings.HasSuffix(to, "?said=new") {
		t.Errorf("without a script: %d to %q", got.Code, to)
	} else if page := w.ask(anna, to, nil).Body.String(); !strings.Contains(page, "Promised.") || !strings.Contains(page, "401234568") || !strings.Contains(page, "wrote about invoice 8812") {
		t.Errorf("it leads to\n%s", page)
	}
}

// TestNewCallbackRefused says in words why nothing is promised, and which times can
// be; the form keeps what was filled in.
func TestNewCallbackRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Desk.Rules.Regions = append(w.Desk.Rules.Regions, "US")
	free, err := w.Desk.Free(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	w.fill("billing", free[3])
	at := func(at time.Time) string { return fmt.Sprint(at.Unix()) }
	morning := free[slices.IndexFunc(free, func(at time.Time) bool { return at.In(w.zone).Hour() == 8 })]
	w.write(func(tx callback.Tx) error { return tx.Block("+358407654321", callback.NoCalls, time.Time{}) })
	for range w.Desk.Policy.Bookings {
		w.add(noon.Add(-time.Hour), func(c *callback.Callback) { c.Phone, c.State = "+358408888888", callback.Done })
	}
	_, there := w.promises(anna, w.letter("phone", "0409999999"))
	w.now = noon.Add(8 * time.Minute) // 12:15 was free as the form was opened
	for name, tt := range map[string]struct {
		form url.Values
		code int
		want string
	}{
		"no number":          {w.letter("phone", "tomorrow"), 422, "that is no telephone number"},
		"nothing":            {w.letter("phone", ""), 422, "that is no telephone number"},
		"emergency":          {w.letter("phone", "112"), 422, "never called (emergency)"},
		"premium":            {w.letter("phone", "0600 12345"), 422, "never called (premium)"},
		"another country":    {w.letter("phone", "+46 8 123 456 78"), 422, "of that country"},
		"wants no calls":     {w.letter("phone", "0407654321"), 422, "wants no calls"},
		"too often":          {w.letter("phone", "0408888888"), 422, "another call today"},
		"no time":            {w.letter("at", ""), 422, "choose a time"},
		"a time of no clock": {w.letter("at", "soon"), 422, "choose a time"},
		"at night":           {w.letter("at", at(morning.Add(-3*time.Hour))), 409, "nobody calls for this queue. 12:30, 12:45, 13:15 can be promised."},
		"gone by":            {w.letter("at", at(noon.Add(-time.Hour))), 409, "it is too late for that time."},
		"written for long":   {w.letter("at", at(free[0])), 409, "it is too late for that time. 12:30, 12:45, 13:15 can be promised."},
		"taken":              {w.letter("at", at(free[3])), 409, "that time is taken. 12:30, 12:45, 13:15 can be promised."},
		"night over there":   {w.letter("at", at(morning), "phone", "+1 212 555 0123"), 409, "may not be called at this hour. 15:00, 15:15, 15:30 can be promised."},
		"open":               {w.letter("phone", "0409999999", "at", at(free[9])), 409, "has a promise of this queue already"},
	} {
		code, got := w.promises(anna, tt.form)
		if code != tt.code || !got.Bad || !strings.Contains(got.Text, tt.want) || (got.ID == there.ID) != (name == "open") {
			t.Errorf("%s: %d %+v, want %d %q", name, code, got, tt.code, tt.want)
		}
		page := w.ask(anna, "/desk/new", tt.form, asPage)
		body := html.UnescapeString(page.Body.String())
		kept := `name="phone" type="tel" required maxlength="30" autocomplete="off" value="` + tt.form.Get("phone") + `"`
		if page.Code != tt.code || !strings.Contains(body, got.Text) || !strings.Contains(body, kept) || !strings.Contains(body, `value="fi" selected`) || !strings.Contains(body, "invoice 8812</textarea>") {
			t.Errorf("%s, without a script: %d\n%s", name, page.Code, body)
		}
		if strings.Contains(body, `href="/desk/`+there.ID+`">The promise`) != (name == "open") {
			t.Errorf("%s: the open promise", name)
		}
	}
	all, err := w.Desk.List(t.Context(), callback.Filter{Phone: "+358407654321"})
	if err != nil || len(all) > 0 {
		t.Errorf("promised all the same: %+v, %v", all, err)
	}
}

// TestNewCallbackIsForTheTeam lets nobody promise anything for a queue that he does
// not work for, nor learn that there is one; nor does another site.
func TestNewCallbackIsForTheTeam(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	offers := func(p Person) (queues []string) {
		page := w.ask(p, "/desk/new", nil)
		for _, queue := range []string{"billing", "sales"} {
			if strings.Contains(page.Body.String(), "<option selected>"+queue+"<") || strings.Contains(page.Body.String(), "<option>"+queue+"<") {
				queues = append(queues, queue)
			}
		}
		if link := strings.Contains(w.ask(p, "/", nil).Body.String(), `href="/desk/new"`); link != (len(queues) > 0) || page.Code == http.StatusOK != link {
			t.Errorf("%s: %d, and the link is there: %t", p.Name, page.Code, link)
		}
		return queues
	}
	nobody := Person{Name: "new"}
	for _, tt := range []struct {
		who  Person
		want string
	}{{anna, "[billing]"}, {eve, "[sales]"}, {super, "[billing sales]"}, {nobody, "[]"}} {
		if got := fmt.Sprint(offers(tt.who)); got != tt.want {
			t.Errorf("%s is offered %s, want %s", tt.who.Name, got, tt.want)
		}
	}
	for _, p := range []Person{eve, nobody} {
		for _, queue := range []string{"billing", "nothing", ""} {
			post, look := w.ask(p, "/desk/new", w.letter("queue", queue)), w.ask(p, "/desk/new?queue=billing", nil)
			if post.Code != http.StatusNotFound || look.Code != http.StatusNotFound || post.Body.String() != look.Body.String() {
				t.Errorf("%s for %q: %d %s", p.Name, queue, post.Code, post.Body)
			}
		}
	}
	for name, edit := range map[string]func(*http.Request){
		"another site":         func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"another site's frame": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		if got := w.ask(anna, "/desk/new", w.letter(), edit); got.Code != http.StatusForbidden {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	if all, err := w.Desk.List(t.Context(), callback.Filter{}); err != nil || len(all) > 0 {
		t.Errorf("promised are %+v, %v", all, err)
	}
}

// TestFreeDays offers the free times of each day by the clock of the queue, none of
// them twice, and none that is full.
func TestFreeDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	free, err := w.Desk.Free(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	w.fill("billing", free[0])
	body := w.ask(anna, "/desk/new?part=1", nil).Body.String()
	if n := strings.Count(body, "<option value=\"1"); n != len(free)-1 || strings.Contains(body, fmt.Sprint(free[0].Unix())) {
		t.Errorf("%d of %d times are offered", n, len(free)-1)
	}
	for _, want := range []string{`<optgroup label="Mon 23 Nov">`, `<optgroup label="Tue 24 Nov"><option value="1795500000">08:00</option>`, `<option value="fi">Suomi`, `<datalist id="topics"><option value="billing">`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if strings.Contains(body, "<html") || strings.Contains(body, "Skip to") {
		t.Error("a script gets the whole page")
	}
}
