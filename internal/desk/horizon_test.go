package desk

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
)

// A watch is a clock that a test turns while others look at it.
type watch struct{ at atomic.Pointer[time.Time] }

func (c *watch) now() time.Time    { return *c.at.Load() }
func (c *watch) turn(to time.Time) { c.at.Store(&to) }

// watch gives the desk such a clock.
func (w *world) watch(at time.Time) *watch {
	c := &watch{}
	c.turn(at)
	w.now, w.Desk.Now = at, c.now
	return c
}

var night = time.Date(2026, 11, 23, 21, 30, 0, 0, time.UTC) // 23:30 in Helsinki

// What comes within two hours is on an open desk when it does, though nothing
// happens: told once, to those who may see it, and to who listens later.
func TestTimeAloneTells(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clock := w.watch(night)
	first, second := w.add(night.Add(125*time.Minute)), w.add(night.Add(140*time.Minute))
	site := w.open()
	a, e := w.listen(site, "anna", "0", 64), w.listen(site, "eve", "0", 64)
	a.hears(t, "time ")
	e.hears(t, "time ")
	e.not, a.not = "row", second.ID
	clock.turn(night.Add(6 * time.Minute))
	a.hears(t, "row <tr", first.ID, "Tue 24 Nov")
	late := w.listen(site, "bo", "0", 64)
	if got := late.hears(t, ""); !strings.Contains(got, first.ID) || strings.Contains(got, second.ID) {
		t.Errorf("who listens later hears first %s", got)
	}
	a.not = first.ID
	clock.turn(night.Add(21 * time.Minute))
	a.hears(t, "row <tr", second.ID)
	w.ask(eve, "/desk/me", map[string][]string{"state": {"break"}})
	e.hears(t, "me break")
}

// A day is over at midnight on the clock of each queue, and a page is wrong by
// the hour once clocks are changed, here or where a customer is.
func TestUntil(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, there := w.zone, w.zone
	w.Zone = func(queue string) *time.Location {
		if queue == "sales" {
			return there
		}
		return here
	}
	zone := func(name string) *time.Location {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return loc
	}
	british := w.row(callback.Callback{Queue: "billing", Phone: "+447700900123"}, 0, anna, time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC))
	for _, tt := range []struct {
		name        string
		here, there string
		now, want   string
		rows        []row
	}{
		{"midnight", "Europe/Helsinki", "Europe/Helsinki", "2026-11-23T10:00:00Z", "2026-11-23T22:00:00Z", nil},
		{"midnight of a queue", "Europe/Helsinki", "Asia/Tokyo", "2026-11-23T10:00:00Z", "2026-11-23T15:00:00Z", nil},
		{"clocks are changed here", "Europe/Helsinki", "Europe/Helsinki", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", nil},
		{"clocks are changed there", "UTC", "UTC", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", []row{british}},
		{"no clock is changed", "UTC", "UTC", "2026-10-25T00:30:00Z", "2026-10-26T00:00:00Z", []row{{}}},
	} {
		here, there = zone(tt.here), zone(tt.there)
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.until(now, tt.rows).UTC().Format(time.RFC3339); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// What is over is on the list of its day, and of the day on which it was over, called
// off or not, however the list is read; what was over before does not come back when
// somebody notes something.
func TestOverIsOfItsDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const today, before = -12 * time.Hour, -12*time.Hour - time.Second // midnight, and the second before
	for _, tt := range []struct {
		state    callback.State
		at, over time.Duration
		want     bool
	}{
		{callback.CancelledState, time.Hour, -time.Hour, true},
		{callback.CancelledState, time.Hour, -100 * time.Hour, true},
		{callback.CancelledState, before, before, false},
		{callback.CancelledState, before, today, true},
		{callback.CancelledState, -60 * time.Hour, today, true},
		{callback.CancelledState, -60 * time.Hour, before, false},
		{callback.CancelledState, 12 * time.Hour, -time.Hour, false},
		{callback.Done, today, -time.Hour, true},
		{callback.Done, before, before, false},
		{callback.Done, before, today, true},
		{callback.Done, -60 * time.Hour, today, true},
		{callback.Failed, -time.Hour, -time.Hour, true},
		{callback.Failed, -60 * time.Hour, today, true},
		{callback.Expired, -time.Hour, -time.Hour, false},
		{callback.BookedState, before, before, true},
		{callback.BookedState, 12 * time.Hour, before, false},
	} {
		c := w.add(noon.Add(tt.at), func(c *callback.Callback) { c.State, c.UpdatedAt = tt.state, noon.Add(tt.over) })
		if got := strings.Contains(w.ask(anna, "/", nil).Body.String(), c.ID); got != tt.want || w.shown(c, noon) != tt.want {
			t.Errorf("%s %s from now, since %s: on the page %t, told %t", tt.state, tt.at, tt.over, got, w.shown(c, noon))
		}
	}
}

// What is to be called comes first, soonest first, and then what is over, what was
// over last first: also what was promised before midnight, or for later than now.
func TestOverLastStandsFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.now = noon.Add(12*time.Hour + 30*time.Minute) // half past midnight
	ended := func(at, over time.Duration, state callback.State) callback.Callback {
		return w.add(noon.Add(12*time.Hour+at), func(c *callback.Callback) { c.State, c.UpdatedAt = state, noon.Add(12*time.Hour+over) })
	}
	kept := ended(0, 2*time.Minute, callback.Done)
	late := ended(-2*time.Hour, 5*time.Minute, callback.Failed)
	off := ended(19*time.Hour, 10*time.Minute, callback.CancelledState)
	later, soon := w.add(w.now.Add(50*time.Minute)), w.add(w.now.Add(15*time.Minute))
	body, last := w.ask(anna, "/?view=done", nil).Body.String(), 0
	for i, c := range []callback.Callback{soon, later, off, late, kept} {
		at := strings.Index(body, `id="r-`+c.ID)
		if at < last {
			t.Errorf("%s, promised for %s, is not the %d. row", c.State, c.At, i+1)
		}
		last = at
	}
}

// TestMidnightOnAnOpenDesk lets a day end while an agent writes: what comes soon
// comes, then the list is that of the new day, once the service answers, and what
// is written stays.
func TestMidnightOnAnOpenDesk(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	w := newWorld(t)
	clock := w.watch(night)
	old, over := w.add(night.Add(20*time.Minute)), w.add(night.Add(-time.Hour), func(c *callback.Callback) { c.State = callback.Done })
	soon, noonish := w.add(night.Add(125*time.Minute)), w.add(night.Add(12*time.Hour))
	row := func(c callback.Callback) string { return "#r-" + c.ID }
	gone := func(c callback.Callback) chromedp.Action {
		return pagetest.Holds("!document.querySelector(`" + row(c) + "`)")
	}
	site := w.seen()
	const away = `Math.random = () => 0; // each desk has its own moment
window.refused = 0;
(ask => { window.fetch = (to, how) => refused === 0 && String(to).startsWith("/?view=") ? (refused++, Promise.resolve(new Response("Not just now.", {status: 503}))) : ask(to, how); })(fetch.bind(window));`
	pagetest.Drive(ctx, t, "open", pagetest.Script(away), chromedp.Navigate(site.URL), pagetest.Shows(row(old), "23:50"), pagetest.Shows(row(over), "kept"), gone(soon), gone(noonish))
	pagetest.Drive(ctx, t, "begin a note", pagetest.Tap(row(old)+" a"), pagetest.Shows("#storyname", old.Name), pagetest.Focus("#notewords"), chromedp.KeyEvent("half a "))
	clock.turn(night.Add(6 * time.Minute))
	pagetest.Drive(ctx, t, "it comes soon", pagetest.Shows(row(soon), "Tue 24 Nov 01:35"), pagetest.Shows(row(soon), "in 1 h 59 min"), gone(noonish))
	clock.turn(night.Add(30 * time.Minute))
	pagetest.Drive(ctx, t, "the service is away at midnight", pagetest.Holds("refused === 1"), pagetest.Shows("#clock", "00:00"), pagetest.Shows(row(old), "10 min late"), pagetest.Shows(row(over), "kept"))
	clock.turn(night.Add(31 * time.Minute))
	pagetest.Drive(ctx, t, "midnight", pagetest.Shows(row(noonish), "11:30"), pagetest.Shows(row(old), "Mon 23 Nov 23:50"), pagetest.Shows(row(old), "11 min late"), gone(over),
		pagetest.Holds("!document.querySelector(`"+row(soon)+"`).textContent.includes(`Tue`)"), pagetest.Shows("#clock", "00:01"),
		pagetest.Shows(`.views a[data-view="team"]`, "3"), pagetest.Shows(`.views a[data-view="done"]`, "0"))
	pagetest.Drive(ctx, t, "what is written stays", chromedp.KeyEvent("sentence"),
		pagetest.Holds("document.activeElement.id === `notewords` && document.activeElement.value === `half a sentence`"),
		pagetest.Shows("#storyname", old.Name))
}
