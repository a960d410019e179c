package desk

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
)

// seen opens the desk to browsers, as anna.
func (w *world) seen() *httptest.Server {
	w.Helper()
	inside := w.Handler()
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		inside.ServeHTTP(rw, r.WithContext(context.WithValue(r.Context(), asKey{}, anna)))
	}))
	w.Cleanup(site.Close)
	w.run()
	return site
}

// day fills the desk with a day like others.
func (w *world) day() (late, next callback.Callback) {
	w.Helper()
	who := func(name, lang, phone string) func(*callback.Callback) {
		return func(c *callback.Callback) { c.Name, c.Lang, c.Phone = name, lang, callback.Phone(phone) }
	}
	late = w.add(noon.Add(-4*time.Minute), who("Aino Virtanen", "fi", "+358401234217"), func(c *callback.Callback) { c.Attempts, c.Note = 1, "invoice 8812" })
	next = w.add(noon.Add(15*time.Minute), who("Ελένη Παππά", "el", "+306912345218"))
	w.add(noon.Add(30*time.Minute), who("Jana Nováková", "cs", "+420601123219"), func(c *callback.Callback) { c.Owner = "bo" })
	w.add(noon.Add(90*time.Minute), who("", "cy", "+447700900220"))
	w.add(noon.Add(4*time.Hour), who("Ioana Popescu", "ro", "+40712345221"))
	w.add(noon.Add(-2*time.Hour), who("Rhys Evans", "cy", "+447700900222"), func(c *callback.Callback) { c.State, c.Agent = callback.Done, "anna" })
	w.write(func(tx callback.Tx) error {
		if err := tx.PutAsked(callback.Asked{Talk: "s", Phone: late.Phone, At: noon}); err != nil {
			return err
		}
		return tx.PutScore(callback.Score{Talk: "s", Question: "csat", Value: 2, Words: "had to call twice", At: noon.Add(-48 * time.Hour)})
	})
	return late, next
}

// story is what is known of a callback by now.
func (w *world) storyOf(c callback.Callback) callback.Story {
	w.Helper()
	s, err := w.Desk.Story(context.Background(), c.ID)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// TestAgentsDay is an agent's day in Chromium, with keys alone: it follows the
// list of what one key does.
func TestAgentsDay(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	w := newWorld(t)
	w.Desk.Queues["sales"].Agents = append(w.Desk.Queues["sales"].Agents, "anna")
	late, next := w.day()
	site := w.seen()
	row := func(c callback.Callback) string { return "#r-" + c.ID }
	pagetest.Drive(ctx, t, "open", pagetest.Still(), chromedp.EmulateViewport(1280, 800), chromedp.Navigate(site.URL), pagetest.Shows("#rows", "Aino Virtanen"), pagetest.Shows(row(late), "4 min late"))

	pagetest.Drive(ctx, t, "take", pagetest.Keys("j", "t"), pagetest.Shows("#said", "It is yours."), pagetest.Shows(row(late), "Anna"), pagetest.Holds(`document.querySelector("`+row(late)+`.mine")`))
	pagetest.Drive(ctx, t, "undo", pagetest.Keys("u"), pagetest.Shows("#said", "Undone."), pagetest.Shows(row(late), "Take"))
	pagetest.Drive(ctx, t, "next, previous", pagetest.Keys("j"), pagetest.Holds(`document.activeElement.closest("`+row(next)+`")`), pagetest.Keys("k"), pagetest.Holds(`document.activeElement.closest("`+row(late)+`")`))
	pagetest.Drive(ctx, t, "take it and give it back", pagetest.Keys("t"), pagetest.Shows("#said", "It is yours."), pagetest.Shows(row(late), "Anna"), pagetest.Keys("g"), pagetest.Shows("#said", "It is the team’s again."), pagetest.Shows(row(late), "Take"))
	if c := w.storyOf(late); c.Owner != "" {
		t.Errorf("given back, it belongs to %q", c.Owner)
	}
	pagetest.Drive(ctx, t, "close it", pagetest.Keys(kb.Escape), pagetest.Holds(`document.getElementById("story").hidden && document.activeElement.closest("`+row(late)+`")`))
	if c := w.storyOf(late); c.Owner != "" {
		t.Errorf("it belongs to %q", c.Owner)
	}
	pagetest.Drive(ctx, t, "open the story", pagetest.Keys(kb.Enter), pagetest.Shows("#story", "had to call twice"), pagetest.Shows("#story", "invoice 8812"), pagetest.Shows("#story", "When it is due"),
		pagetest.Shows("#story", "Ask for the number of the invoice."))
	pagetest.Drive(ctx, t, "note", pagetest.Keys("n"), pagetest.Holds(`document.activeElement.id === "notewords"`), chromedp.KeyEvent("rang twice cjkt"),
		pagetest.Tap(`#story [data-do="note"]`), pagetest.Shows("#said", "Noted."), pagetest.Shows("#story .lines", "rang twice cjkt"))
	pagetest.Drive(ctx, t, "another time", pagetest.Keys("r"), pagetest.Holds(`document.activeElement.dataset.do === "move"`), pagetest.Keys("2"), pagetest.Shows("#said", "Another time is promised."), pagetest.Keys("u"), pagetest.Shows("#said", "Undone."))
	pagetest.Drive(ctx, t, "snooze", pagetest.Holds(`document.querySelector('#story [data-do="snooze"]')`), pagetest.Keys("z"), pagetest.Shows("#said", "ten minutes later"), pagetest.Shows(row(late), "rings at 12:10"), pagetest.Shows(row(late), "4 min late"))
	if c := w.storyOf(late); !c.At.Equal(late.At) || !c.DueAt.Equal(noon.Add(10*time.Minute)) {
		t.Errorf("promised for %s, rings at %s", c.At, c.DueAt)
	}
	pagetest.Drive(ctx, t, "hand over", pagetest.Holds(`document.querySelector("#handto")`), pagetest.Keys("h"), pagetest.Holds(`document.activeElement.id === "handto"`), pagetest.Focus(`#story [data-do="hand"]`), pagetest.Tap(`#story [data-do="hand"]`),
		pagetest.Shows("#said", "Handed over."), pagetest.Shows(row(late), "Bo"), pagetest.Shows("#story", "only notes"))
	pagetest.Drive(ctx, t, "history", pagetest.Keys("i"), pagetest.Holds(`document.querySelector("#history").open`), pagetest.Shows("#history", "hand"))
	pagetest.Drive(ctx, t, "find in the list", pagetest.Keys("f"), pagetest.Holds(`document.activeElement.id === "only"`), chromedp.Evaluate(`only.value = "novak BO"; only.dispatchEvent(new Event("input"))`, nil),
		pagetest.Holds(`[...document.querySelectorAll("#rows tr")].filter(tr => !tr.hidden).map(tr => tr.querySelector("a").textContent).join() === "Jana Nováková"`), pagetest.Holds(`empty.textContent === "Not shown: 4 without these words."`), pagetest.Keys(kb.Enter),
		pagetest.Holds(`document.activeElement.textContent === "Jana Nováková"`), chromedp.Evaluate(`only.value = ""; only.dispatchEvent(new Event("input"))`, nil), pagetest.Holds(`empty.textContent === ""`))
	pagetest.Drive(ctx, t, "articles", pagetest.Keys("/"), pagetest.Holds(`document.activeElement.id === "q"`), chromedp.SetValue("#q", "PREHLED"), pagetest.Keys(kb.Enter), pagetest.Shows("#storyname", "Articles"), pagetest.Shows("#story", "When it is due"))
	pagetest.Drive(ctx, t, "close", chromedp.Evaluate(`document.activeElement.blur()`, nil), pagetest.Keys(kb.Escape), pagetest.Holds(`document.getElementById("story").hidden`))
	pagetest.Drive(ctx, t, "cancel needs a reason", pagetest.Focus(row(next)+" a"), pagetest.Keys("x"), pagetest.Holds(`document.activeElement.id === "cancelwhy"`),
		chromedp.KeyEvent("has solved it"+kb.Enter), pagetest.Shows("#said", "Cancelled."), pagetest.Holds(`document.querySelector("`+row(next)+`").dataset.k === "d"`))

	pagetest.Drive(ctx, t, "keys off", pagetest.Keys("?"), pagetest.Holds(`document.querySelector(".keys").open`), pagetest.Tap("#keyson"), chromedp.Evaluate(`document.activeElement.blur()`, nil), pagetest.Keys("?"),
		pagetest.Holds(`document.querySelector(".keys").open`))
	w.keysAreOff(ctx, t, row(late))
	pagetest.Drive(ctx, t, "a break", pagetest.Tap(`.states [value="break"]`), pagetest.Holds(`document.querySelector('.states [value="break"]').getAttribute("aria-pressed") === "true"`),
		pagetest.Tap(`.states [value="available"]`), pagetest.Holds(`document.querySelector('.states [value="available"]').getAttribute("aria-pressed") === "true"`))
	pagetest.Drive(ctx, t, "is signed off by another", pagetest.Focus("#reason"), chromedp.ActionFunc(func(context.Context) error { w.sets(super, "anna", "offline"); return nil }), pagetest.Shows("#said", "12:00: sam has signed you off."),
		pagetest.Holds(`document.querySelector('.states [value="offline"]').getAttribute("aria-pressed") === "true" && document.activeElement.id === "reason"`), pagetest.Tap(`.states [value="available"]`), pagetest.Shows("#said", "Your state has changed."))
	w.promisesAnew(ctx, t)
	w.callAndWriteUp(ctx, t)
}

// promisesAnew promises a call to somebody who wrote: the times are those of the
// queue that is chosen, and what was filled in stays when one of them is taken
// meanwhile, or another story is looked at.
func (w *world) promisesAnew(ctx context.Context, t *testing.T) {
	t.Helper()
	free, err := w.Desk.Free(ctx, "sales")
	if err != nil {
		t.Fatal(err)
	}
	w.fill("sales", free[3])
	w.fill("billing", free[5])
	offered := func(at time.Time) string {
		return fmt.Sprintf("document.querySelector(`#newat [value=\"%d\"]`)", at.Unix())
	}
	choose := func(id string, value any) chromedp.Action {
		return chromedp.Evaluate(fmt.Sprintf("{ const f = document.getElementById(`%s`); f.value = `%v`; f.dispatchEvent(new Event(`change`, {bubbles: true})); }", id, value), nil)
	}
	cannot := func(key string) chromedp.Action {
		return chromedp.Tasks{chromedp.Evaluate("document.activeElement.blur(); said.textContent = ``", nil), pagetest.Keys(key), pagetest.Shows("#said", "cannot be done with it")}
	}
	filled := pagetest.Holds("document.getElementById(`newphone`).value === `040 123 9999` && document.getElementById(`newnote`).value === `wrote a letter`")
	pagetest.Drive(ctx, t, "new callback", chromedp.Evaluate("document.activeElement.blur()", nil), pagetest.Keys("b"), pagetest.Holds("document.activeElement.id === `newphone`"), chromedp.Evaluate("document.activeElement.value = ``", nil),
		cannot("i"), cannot("r"), pagetest.Focus("#newphone"), chromedp.KeyEvent("040 123 9999"), pagetest.Focus("#newnote"), chromedp.KeyEvent("wrote a letter"), pagetest.Holds(offered(free[3])),
		choose("newqueue", "sales"), pagetest.Holds("!"+offered(free[3])), pagetest.Holds(offered(free[4])), choose("newat", free[4].Unix()))
	w.fill("sales", free[4])
	pagetest.Drive(ctx, t, "the time is taken", pagetest.Tap(`#story [data-do="new"]`), pagetest.Shows("#said", "that time is taken"), pagetest.Holds("!"+offered(free[4])), filled, pagetest.Holds("document.getElementById(`newat`).selectedIndex === 0"))
	pagetest.Drive(ctx, t, "a story does not come", slow(0), chromedp.Evaluate("window.fetch = () => Promise.reject(new TypeError()), 1", nil), pagetest.Tap("#rows tr:not([hidden]) a"), pagetest.Shows("#said", "cannot be shown"), filled,
		pagetest.Holds("story.ariaLabel === `New callback`"), slow(0))
	pagetest.Drive(ctx, t, "look at another meanwhile", choose("newat", free[5].Unix()), pagetest.Tap("#rows tr:not([hidden]) a"), pagetest.Holds("document.getElementById(`notewords`)"), pagetest.Tap("#anew"), pagetest.Holds("document.getElementById(`newphone`)"), filled,
		pagetest.Holds("document.getElementById(`newqueue`).value === `sales`"), pagetest.Holds("!"+offered(free[4])), pagetest.Holds(offered(free[5])+"?.selected"))
	pagetest.Drive(ctx, t, "promise it", pagetest.Tap(`#story [data-do="new"]`), pagetest.Shows("#said", "Promised."), pagetest.Shows("#storyname", "+358401239999"), pagetest.Shows("#story .card", "wrote a letter"))
	pagetest.Drive(ctx, t, "once more", pagetest.Tap("#anew"), pagetest.Holds("document.activeElement.id === `newphone` && !document.activeElement.value && !document.getElementById(`newnote`).value"), chromedp.KeyEvent("0401239999"),
		choose("newqueue", "sales"), choose("newat", free[7].Unix()), pagetest.Tap(`#story [data-do="new"]`), pagetest.Shows("#said", "has a promise of this queue already"), pagetest.Tap("#said button"), pagetest.Shows("#storyname", "+358401239999"))
	pagetest.Drive(ctx, t, "she goes on writing while it is sent", pagetest.Keys("b"), pagetest.Holds("document.activeElement.id === `newphone`"), chromedp.Evaluate("document.getElementById(`new`).reset()", nil), chromedp.KeyEvent("0401238888"), choose("newat", free[8].Unix()),
		chromedp.Evaluate("window.fetch = (at, how) => new Promise(r => setTimeout(r, 500)).then(() => window.quick(at, how)), 1", nil), pagetest.Tap(`#story [data-do="new"]`), pagetest.Focus("#newname"), chromedp.KeyEvent("c"), slow(0), pagetest.Shows("#said", "Promised."),
		pagetest.Tap("#said button"), pagetest.Shows("#storyname", "+358401238888"), pagetest.Keys("b"), pagetest.Holds("document.getElementById(`newname`)?.value === `c`"),
		pagetest.Focus("#newname"), chromedp.KeyEvent("d"), pagetest.Keys(kb.Escape, kb.Escape), pagetest.Holds("document.getElementById(`story`).hidden"), pagetest.Keys("b"), pagetest.Holds("/^(cd|dc)$/.test(document.getElementById(`newname`)?.value)"))
	pagetest.Drive(ctx, t, "times come too late of a queue that is chosen no more", chromedp.Evaluate("document.getElementById(`new`).reset(); document.getElementById(`newat`).replaceChildren()", nil), holdNext(), choose("newqueue", "sales"), choose("newqueue", "billing"), pagetest.Holds(offered(free[3])), comes(), pagetest.Holds(offered(free[3])))
	pagetest.Drive(ctx, t, "she looks at another while it is sent", pagetest.Focus("#newphone"), chromedp.KeyEvent("0401237777"), choose("newat", free[9].Unix()), holdNext(), pagetest.Tap(`#story [data-do="new"]`), pagetest.Tap("#rows tr:not([hidden]) a"),
		pagetest.Holds("document.getElementById(`notewords`)"), comes(), pagetest.Shows("#said", "Promised."), pagetest.Tap("#anew"), pagetest.Holds("document.getElementById(`newphone`)?.value === ``"), pagetest.Keys(kb.Escape, kb.Escape), pagetest.Holds("document.getElementById(`story`).hidden"))
	pagetest.Drive(ctx, t, "for who works for no queue", chromedp.Evaluate("document.getElementById(`anew`).remove()", nil), pagetest.Keys("b"), pagetest.Shows("#said", "You work for no queue."))
}

// keysAreOff holds that no key does a thing to a callback once they are switched
// off, also in a page that is opened later, and that they are back when they are
// switched on (WCAG 2.2, 2.1.4).
func (w *world) keysAreOff(ctx context.Context, t *testing.T, row string) {
	t.Helper()
	all := []string{"j", "k", "c", "t", "g", "r", "1", "z", "x", "n", "o", "h", "i", "u", "b", "p", "f", "/", "?"}
	still := `document.activeElement.closest("` + row + `") && document.getElementById("story").hidden && !document.getElementById("said").textContent.trim()`
	var before int64
	pagetest.Drive(ctx, t, "off in the next page too", chromedp.Reload(), pagetest.Shows(row, "late"), pagetest.Holds(`!document.getElementById("keyson").checked`),
		chromedp.ActionFunc(func(ctx context.Context) (err error) { before, err = w.Desk.LastEntry(ctx); return err }),
		pagetest.Focus(row+" a"), pagetest.Keys(all...), pagetest.Holds(still))
	if after, err := w.Desk.LastEntry(ctx); err != nil || after != before {
		t.Errorf("keys that are off did something: %d after %d, %v", after, before, err)
	}
	pagetest.Drive(ctx, t, "on again", chromedp.Evaluate(`document.querySelector(".keys").open = true`, nil), pagetest.Tap("#keyson"), chromedp.Evaluate(`document.activeElement.blur()`, nil), pagetest.Keys("?"),
		pagetest.Holds(`!document.querySelector(".keys").open`))
}

// TestTimeGoesBy holds that a page that stands open tells by itself how far away
// a promise is, and what time it is where the customer is.
func TestTimeGoesBy(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	w := newWorld(t)
	c := w.add(noon.Add(15 * time.Minute))
	site := w.seen()
	const hasty = `(() => { const real = Date.now, began = real(); Date.now = () => began + 60 * (real() - began); })()`
	row := "#r-" + c.ID
	pagetest.Drive(ctx, t, "open", pagetest.Script(hasty), chromedp.Navigate(site.URL), pagetest.Shows("#rows", c.Name),
		pagetest.Holds(`/^(now|in [1-6] min|\d+ min late)$/.test(document.querySelector("`+row+` .in").textContent)`), // ten minutes go by between two looks
		pagetest.Holds(`/^12:(09|1\d|2\d)$/.test(document.querySelector("`+row+` .there").textContent)`))
}

// TestScriptSaysTheSame holds that the script of the page says of every row what
// the service says, and chooses the same rows for each view.
func TestScriptSaysTheSame(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	w := newWorld(t)
	w.day()
	for _, in := range []time.Duration{
		-50 * time.Hour, -24 * time.Hour, -61 * time.Minute, -time.Hour, -59 * time.Minute, -31 * time.Second, -30 * time.Second, -29 * time.Second,
		0, 29 * time.Second, 30 * time.Second, 31 * time.Second, 59 * time.Minute, time.Hour, 119 * time.Minute, 2 * time.Hour, 121 * time.Minute,
	} {
		for _, state := range []callback.State{callback.BookedState, callback.Connected, callback.Interrupted, callback.CancelledState} {
			w.add(noon.Add(in), func(c *callback.Callback) {
				c.State, c.Lang, c.Agent, c.Attempts, c.Boot = state, "en", "anna", 2, "boot"
				c.Owner = []string{"", "anna", "bo"}[w.n%3]
				c.UpdatedAt = noon.Add(-time.Duration(7*w.n%100) * time.Minute)
			})
		}
	}
	site := w.seen()
	const still = `Date.now = () => 1e12; // the page counts from when it was opened
window.rows = page => [...page.querySelectorAll("#rows tr")].map(tr => [tr.id, tr.hidden && "hidden", tr.classList.contains("mine") && "mine", tr.firstElementChild.className,
	...[...tr.children].slice(0, 7).map(td => td.textContent)].join("|")).join("\n") + [...page.querySelectorAll(".views .count")].map(c => c.textContent) + page.getElementById("empty").textContent;`
	pagetest.Drive(ctx, t, "open", pagetest.Script(still), chromedp.Navigate(site.URL), pagetest.Shows("#rows", "Aino"))
	same := func(view string) {
		t.Helper()
		var page, service string
		pagetest.Drive(ctx, t, view, pagetest.Tap(`.views a[data-view="`+view+`"]`), chromedp.Evaluate(`rows(document)`, &page),
			chromedp.Evaluate(`fetch("/?view=`+view+`").then(r => r.text()).then(html => rows(new DOMParser().parseFromString(html, "text/html")))`, &service,
				func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
		if page != service || strings.Count(page, "\n") < 60 {
			t.Errorf("%s: the page has\n%s\nthe service\n%s", view, page, service)
		}
	}
	for _, v := range views {
		same(v.Key)
	}
	w.endUnderHands(ctx, t, same)
}

// endUnderHands has calls end while a page is open: each stands first of those that
// are over, but the one on which the focus is stays until that is gone.
func (w *world) endUnderHands(ctx context.Context, t *testing.T, same func(view string)) {
	t.Helper()
	ends := func(c callback.Callback) chromedp.Action {
		return chromedp.Tasks{
			chromedp.ActionFunc(func(context.Context) error { w.comesTo(c, callback.Done, "bo"); return nil }),
			pagetest.Holds("document.querySelector(`#r-" + c.ID + "`).dataset.k === `d`"),
		}
	}
	first := "[...document.querySelectorAll(`#rows tr`)].find(tr => !tr.hidden).id === `r-%s`"
	early, late := w.add(noon.Add(3*time.Minute)), w.add(noon.Add(4*time.Minute), func(c *callback.Callback) { c.UpdatedAt = noon.Add(time.Minute) })
	w.comesTo(early, callback.BookedState, "")
	w.comesTo(late, callback.BookedState, "")
	pagetest.Drive(ctx, t, "one ends", pagetest.Tap(`.views a[data-view="done"]`), ends(early), pagetest.Holds(fmt.Sprintf(first, early.ID)))
	row := "#r-" + late.ID
	pagetest.Drive(ctx, t, "one ends that has the focus", pagetest.Tap(`.views a[data-view="team"]`), pagetest.Focus(row+" a"), chromedp.Evaluate("window.next = document.querySelector(`"+row+"`).nextElementSibling.id", nil),
		ends(late), pagetest.Holds("document.activeElement.closest(`"+row+"`)?.nextElementSibling.id === window.next"),
		chromedp.Evaluate("document.activeElement.blur()", nil))
	same("team")
	same("done")
}

// heard counts, in the page, the rows that came by themselves: before the page
// itself is told of them.
const heard = `window.heard = 0;
window.EventSource = class extends EventSource {
  constructor(...a) { super(...a); this.addEventListener("row", () => { window.heard++; }); }
};`

// news lets a colleague write something about a callback, and waits until the
// page has heard of it and has had the time to ask for the story.
func (w *world) news(c callback.Callback, words string) chromedp.Action {
	var before int
	return chromedp.Tasks{
		chromedp.Evaluate(`window.heard`, &before),
		chromedp.ActionFunc(func(ctx context.Context) error {
			if code, told := w.do(bo, c, "note", url.Values{"words": {words}}); code != http.StatusOK {
				return fmt.Errorf("%d %s", code, told)
			}
			return pagetest.Holds(fmt.Sprintf("window.heard > %d", before)).Do(ctx)
		}),
		chromedp.Evaluate(`new Promise(r => setTimeout(r, 400)).then(() => fetch("/desk/`+c.ID+`?part=1")).then(r => r.text()).then(() => 1)`, nil,
			func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
	}
}

// mouse presses or releases the button of the mouse over an element.
func mouse(sel string, kind input.MouseType) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		var at []float64
		middle := "(() => { const e = document.querySelector(`" + sel + "`); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
		if kind == input.MousePressed {
			if err := chromedp.Evaluate(middle, &at).Do(ctx); err != nil {
				return err
			}
			if err := chromedp.Evaluate(fmt.Sprintf("window.mouseAt = [%f, %f]", at[0], at[1]), nil).Do(ctx); err != nil {
				return err
			}
		} else if err := chromedp.Evaluate("window.mouseAt", &at).Do(ctx); err != nil {
			return err
		}
		return input.DispatchMouseEvent(kind, at[0], at[1]).WithButton(input.Left).WithClickCount(1).Do(ctx)
	})
}

// TestNewsTakeNothingAway lets something change under the hands of an agent:
// while he holds a button of the mouse down, while his focus is on a button,
// while he writes, and while he has chosen something.
func TestNewsTakeNothingAway(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	w := newWorld(t)
	late, _ := w.day()
	site := w.seen()
	row := "#r-" + late.ID
	pagetest.Drive(ctx, t, "open", pagetest.Script(heard), chromedp.EmulateViewport(1280, 800), chromedp.Navigate(site.URL), pagetest.Shows(row, "4 min late"), pagetest.Holds("window.heard === 0"))

	take := row + ` [data-do="claim"]`
	pagetest.Drive(ctx, t, "a row changes while its button is down", mouse(take, input.MousePressed), w.news(late, "first"), mouse(take, input.MouseReleased),
		pagetest.Shows("#said", "It is yours."), pagetest.Shows(row, "Anna"))
	w.othersCall(ctx, t, late)
	hand := `#story [data-do="hand"]`
	pagetest.Drive(ctx, t, "the story changes while a button is down", pagetest.Tap(row+" a"), pagetest.Shows("#story .lines", "first"),
		mouse(`#story [data-do="release"]`, input.MousePressed), w.news(late, "second"), mouse(`#story [data-do="release"]`, input.MouseReleased),
		pagetest.Shows("#said", "It is the team’s again."), pagetest.Shows("#story .lines", "second"))
	pagetest.Drive(ctx, t, "it changes while a button has the focus", pagetest.Focus(hand), w.news(late, "third"), pagetest.Shows("#story .lines", "third"),
		pagetest.Holds("document.activeElement.dataset.do === `hand`"))
	pagetest.Drive(ctx, t, "it changes while somebody writes", pagetest.Focus("#notewords"), chromedp.KeyEvent("half a "), w.news(late, "fourth"), pagetest.Shows("#story .lines", "fourth"),
		chromedp.KeyEvent("sentence"), pagetest.Holds("document.activeElement.id === `notewords` && document.activeElement.value === `half a sentence`"))
	pagetest.Drive(ctx, t, "it changes while something is chosen", chromedp.Evaluate(`document.getElementById("handto").selectedIndex = 1; document.querySelector("#history").open = true`, nil), w.news(late, "fifth"),
		pagetest.Shows("#story .lines", "fifth"), pagetest.Holds("document.getElementById(`handto`).selectedIndex === 1 && document.querySelector(`#history`).open"))
	pagetest.Drive(ctx, t, "what was written is kept by another deed", pagetest.Holds("document.getElementById(`notewords`).value === `half a sentence`"),
		chromedp.Evaluate("document.querySelector(`#story [data-do=\"snooze\"]`).click()", nil), pagetest.Shows("#said", "ten minutes later"),
		pagetest.Holds("document.getElementById(`notewords`).value === `half a sentence`"),
		pagetest.Tap(`#story [data-do="note"]`), pagetest.Shows("#said", "Noted."), pagetest.Shows("#story .lines", "half a sentence"), pagetest.Holds("document.getElementById(`notewords`).value === ``"))
}

// slow has stories come so late from now on, as over a bad line.
func slow(d time.Duration) chromedp.Action {
	return chromedp.Evaluate(fmt.Sprintf("window.quick ??= window.fetch, window.fetch = (at, how) => new Promise(r => setTimeout(r, String(at).includes(`part=1`) ? %d : 0)).then(() => window.quick(at, how)), 1", d.Milliseconds()), nil)
}

// holdNext holds back what the page asks for next, until it comes.
func holdNext() chromedp.Action {
	return chromedp.Evaluate(`window.quick ??= window.fetch; window.fetch = (at, how) => new Promise(hear => {
	window.fetch = window.quick;
	window.comes = async () => { const answer = await window.quick(at, how); hear(answer.clone()); await answer.text(); await new Promise(r => setTimeout(r, 50)); return 1; };
}), 1`, nil)
}

func comes() chromedp.Action {
	return chromedp.Evaluate("window.comes()", nil, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) })
}

// othersCall has the telephone of an agent ring for somebody else while she
// writes about a callback: she is told for whom, what she writes stays, and is
// there again after she has looked at the other story, which opens by itself when
// she has sent it.
func (w *world) othersCall(ctx context.Context, t *testing.T, c callback.Callback) {
	t.Helper()
	other := w.add(noon.Add(2*time.Minute), func(c *callback.Callback) { c.Name = "Matti Meikäläinen" })
	pagetest.Drive(ctx, t, "she writes", pagetest.Tap("#r-"+c.ID+" a"), pagetest.Shows("#storyname", c.Name), pagetest.Focus("#notewords"), chromedp.KeyEvent("half a note"))
	third := w.add(noon.Add(3*time.Minute), func(c *callback.Callback) { c.Name = "Rhys Parry" })
	w.comesTo(third, callback.BookedState, "")
	pagetest.Drive(ctx, t, "she takes it from the list meanwhile", pagetest.Tap("#r-"+third.ID+" a"), pagetest.Shows("#storyname", third.Name), pagetest.Focus("#notewords"), chromedp.KeyEvent("not yet"),
		pagetest.Tap("#r-"+c.ID+" a"), pagetest.Shows("#storyname", c.Name), pagetest.Tap("#r-"+third.ID+` [data-do="claim"]`), pagetest.Shows("#r-"+third.ID, "Anna"),
		pagetest.Tap("#r-"+third.ID+" a"), pagetest.Shows("#storyname", third.Name), pagetest.Holds("document.getElementById(`notewords`).value === `not yet`"),
		holdNext(), pagetest.Tap(`#story [data-do="release"]`), pagetest.Tap("#r-"+c.ID+" a"), pagetest.Shows("#storyname", c.Name), comes(), pagetest.Shows("#said", "It is the team’s again."),
		pagetest.Tap("#r-"+third.ID+" a"), pagetest.Shows("#storyname", third.Name), pagetest.Holds("document.getElementById(`notewords`).value === `not yet`"),
		pagetest.Tap("#r-"+c.ID+" a"), pagetest.Shows("#storyname", c.Name), pagetest.Focus("#notewords"))
	pagetest.Drive(ctx, t, "what is pressed meanwhile is for the story that is on its way", slow(500*time.Millisecond), pagetest.Focus("#r-"+third.ID+" a"), pagetest.Keys(kb.Enter, "z"), pagetest.Shows("#r-"+third.ID, "rings at"),
		pagetest.Shows("#storyname", third.Name), pagetest.Tap("#r-"+c.ID+" a"), pagetest.Shows("#storyname", c.Name))
	pagetest.Drive(ctx, t, "a story does not come", chromedp.Evaluate("window.fetch = () => Promise.reject(new TypeError()), 1", nil), pagetest.Tap("#r-"+third.ID+" a"), pagetest.Shows("#said", "cannot be shown"),
		pagetest.Holds("document.querySelector(`#r-"+c.ID+".open`)"), slow(0))
	pagetest.Drive(ctx, t, "the row of a story that is on its way changes", slow(500*time.Millisecond), pagetest.Tap("#r-"+third.ID+" a"), w.news(third, "news"), pagetest.Shows("#storyname", third.Name),
		pagetest.Holds("document.activeElement.id === `storyname`"), slow(0), holdNext(), pagetest.Tap("#r-"+third.ID+" a"), pagetest.Tap("#r-"+c.ID+" a"), pagetest.Shows("#storyname", c.Name), comes(), pagetest.Shows("#storyname", c.Name), pagetest.Focus("#notewords"))
	w.comesTo(other, callback.AgentRinging, "anna")
	pagetest.Drive(ctx, t, "it rings for another", pagetest.Shows("#said", "about to ring: Matti Meikäläinen …"), pagetest.Shows("#said", "What you write here stays."), pagetest.Shows("#storyname", c.Name),
		pagetest.Tap("#said button:not([data-do])"), pagetest.Shows("#storyname", "Matti"), pagetest.Holds("document.getElementById(`notewords`).value === ``"),
		pagetest.Tap("#r-"+c.ID+" a"), pagetest.Shows("#storyname", c.Name), pagetest.Holds("document.getElementById(`notewords`).value === `half a note`"))
	w.comesTo(other, callback.CustomerDialing, "anna")
	pagetest.Drive(ctx, t, "it opens when the note is sent", pagetest.Shows("#said", "about to ring: Matti"), pagetest.Shows("#storyname", c.Name), pagetest.Tap(`#story [data-do="note"]`), pagetest.Shows("#storyname", "Matti"),
		pagetest.Tap("#r-"+c.ID+" a"), pagetest.Shows("#story .lines", "half a note"), pagetest.Holds("document.getElementById(`notewords`).value === ``"))
	w.lateBrief(ctx, t, c, other)
	w.comesTo(other, callback.RetryWait, "")
}

// lateBrief has the telephone of an agent ring for somebody else while she writes
// about a callback, and close it unsent: nothing opens under what she does later.
func (w *world) lateBrief(ctx context.Context, t *testing.T, c, other callback.Callback) {
	t.Helper()
	idle := w.add(noon.Add(6*time.Minute), func(c *callback.Callback) { c.Name = "Elin Berg" })
	w.comesTo(idle, callback.BookedState, "")
	pagetest.Drive(ctx, t, "she writes again", pagetest.Shows("#r-"+idle.ID, "Take"), pagetest.Focus("#notewords"))
	w.comesTo(other, callback.CustomerDialing, "anna")
	pagetest.Drive(ctx, t, "she closes it, and takes another", pagetest.Shows("#said", "about to ring: Matti"), pagetest.Shows("#storyname", c.Name), pagetest.Keys(kb.Escape, kb.Escape),
		pagetest.Tap("#r-"+idle.ID+` [data-do="claim"]`), pagetest.Shows("#said", "It is yours."), pagetest.Shows("#r-"+idle.ID, "Anna"), w.news(idle, "seen"), pagetest.Holds("document.getElementById(`story`).hidden"))
	free, err := w.Desk.Free(ctx, "billing")
	if err != nil {
		t.Fatal(err)
	}
	away := url.Values{"at": {fmt.Sprint(free[len(free)-1].Unix())}}
	goes := func(c callback.Callback) chromedp.Action {
		return chromedp.Tasks{pagetest.Focus("#r-" + c.ID + " a"), chromedp.ActionFunc(func(context.Context) error {
			if code, told := w.do(super, c, "move", away); code != http.StatusOK {
				return fmt.Errorf("%d %s", code, told)
			}
			return nil
		}), pagetest.Holds("!document.getElementById(`r-" + c.ID + "`)")}
	}
	find := func(words string) chromedp.Action {
		return chromedp.Evaluate("only.value = `"+words+"`; only.dispatchEvent(new Event(`input`))", nil)
	}
	alone := w.add(noon.Add(7*time.Minute), func(c *callback.Callback) { c.Name = "Solveig Berg" })
	w.comesTo(alone, callback.BookedState, "")
	pagetest.Drive(ctx, t, "a row goes on which the focus is, the last in sight", pagetest.Shows("#r-"+alone.ID, "Take"), find("berg"), pagetest.Holds("document.getElementById(`r-"+other.ID+"`).hidden"), goes(alone), pagetest.Holds("document.activeElement.closest(`#r-"+idle.ID+"`)"))
	pagetest.Drive(ctx, t, "and the only one", goes(idle), pagetest.Holds("document.activeElement.id === `list`"), find(""))
}

// callAndWriteUp calls a customer now, speaks with him, and writes up what came
// of it.
func (w *world) callAndWriteUp(ctx context.Context, t *testing.T) {
	t.Helper()
	c := w.add(noon.Add(50*time.Minute), func(c *callback.Callback) { c.Name = "Matti Meikäläinen" })
	w.write(func(tx callback.Tx) error {
		return tx.Record(callback.Entry{At: noon, Kind: "callback.booked", Callback: c.ID})
	})
	row := "#r-" + c.ID
	pagetest.Drive(ctx, t, "it appears", pagetest.Shows(row, "in 50 min"), pagetest.Focus(row+" a"), pagetest.Keys("c"), pagetest.Shows("#said", "Your telephone rings"))
	pagetest.Drive(ctx, t, "she looks for something", pagetest.Focus("#q"), pagetest.Keys("i", "n"))
	rings, err := w.Desk.Claim(t.Context(), 1)
	if err != nil || len(rings) != 1 {
		t.Fatal(rings, err)
	}
	pagetest.Drive(ctx, t, "the brief opens, and what she types stays where it belongs",
		pagetest.Shows("#said", "about to ring"), pagetest.Shows("#storyname", "Matti Meikäläinen"),
		pagetest.Holds(`document.activeElement.id === "q" && document.activeElement.value === "in"`),
		chromedp.Evaluate(`document.activeElement.value = ""; document.activeElement.blur()`, nil))
	w.spoke(c)
	pagetest.Drive(ctx, t, "write up", pagetest.Shows("#said", "The call is over"), pagetest.Shows("#story", "What came of it"),
		chromedp.Evaluate(`document.querySelector('#story input[value="follow_up"]').click(); document.getElementById("nextcall").selectedIndex = 2`, nil),
		pagetest.Keys("o"), pagetest.Holds(`document.activeElement.id === "outcomewords"`), chromedp.KeyEvent("sends the invoice"),
		pagetest.Holds(`document.querySelector('#story input[value="follow_up"]').checked`), chromedp.Evaluate(`document.querySelector('#story [data-do="outcome"]').click()`, nil), pagetest.Shows("#said", "Written up."),
		chromedp.Evaluate(`document.activeElement.blur()`, nil), pagetest.Keys("u"), pagetest.Shows("#said", "Undone."), pagetest.Shows("#history", "undone: written up"), pagetest.Holds(`[...document.querySelectorAll("#story section")].some(s => s.firstElementChild.textContent === "Notes" && !s.textContent.includes("sends the invoice"))`))
	if open, err := w.Desk.List(t.Context(), callback.Filter{Phone: c.Phone, States: []callback.State{callback.BookedState}}); err != nil || len(open) != 0 {
		t.Errorf("undone, the next call is %+v, %v", open, err)
	}
	pagetest.Drive(ctx, t, "write up anew", pagetest.Shows("#story", "What came of it"), chromedp.Evaluate(`document.querySelector('#story input[value="follow_up"]').click(); document.getElementById("nextcall").selectedIndex = 2`, nil),
		pagetest.Keys("o"), pagetest.Holds(`document.activeElement.id === "outcomewords"`), chromedp.KeyEvent("sends the invoice"), pagetest.Tap(`#story [data-do="outcome"]`), pagetest.Shows("#said", "Written up."))
	s := w.storyOf(c)
	if s.State != callback.Done || !strings.Contains(fmt.Sprint(s.Entries), "sends the invoice") {
		t.Errorf("it is %s, %v", s.State, s.Entries)
	}
	open, err := w.Desk.List(t.Context(), callback.Filter{Phone: c.Phone, States: []callback.State{callback.BookedState}})
	if err != nil || len(open) != 1 || open[0].Owner != "anna" {
		t.Errorf("the next call is %+v, %v", open, err)
	}
}

// spoke takes a callback to the end of its call.
func (w *world) spoke(c callback.Callback) {
	w.Helper()
	w.write(func(tx callback.Tx) error {
		now, err := tx.Callback(c.ID)
		if err != nil {
			return err
		}
		from := now.State
		now.State, now.Boot = callback.Wrapup, ""
		if err := tx.MoveCallback(now, from); err != nil {
			return err
		}
		return tx.Record(callback.Entry{At: w.now, Kind: "callback.wrapup", Callback: c.ID})
	})
}

// beeps counts, in the page, how often it makes a sound.
const beeps = `window.beeps = 0;
window.AudioContext = class { constructor() { window.beeps++; } };`

// TestOwnRowsAlone holds that the title counts own rows that are late, and that
// a sound tells of one's own telephone: what others do is none of it. Who wants
// no sound gets none.
func TestOwnRowsAlone(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	w := newWorld(t)
	at := func(owner string) callback.Callback {
		return w.add(noon.Add(-20*time.Minute), func(c *callback.Callback) { c.Owner = owner })
	}
	others := at("bo")
	site := w.seen()
	pagetest.Drive(ctx, t, "open", pagetest.Script(beeps), chromedp.Navigate(site.URL), pagetest.Shows("#r-"+others.ID, "late"), pagetest.Holds(`document.title === "Desk – holdless"`))
	mine := at("anna")
	rings := func(c callback.Callback, agent string) { w.comesTo(c, callback.AgentRinging, agent) }
	w.write(func(tx callback.Tx) error {
		return tx.Record(callback.Entry{At: noon, Kind: "callback.booked", Callback: mine.ID})
	})
	pagetest.Drive(ctx, t, "own row is late", pagetest.Shows("#r-"+mine.ID, "late"), pagetest.Holds(`document.title === "(1) Desk – holdless"`))
	rings(others, "bo")
	pagetest.Drive(ctx, t, "another's telephone rings", pagetest.Holds(`document.querySelector("#r-`+others.ID+`").dataset.k === "a"`), pagetest.Holds(`window.beeps === 0`))
	rings(mine, "anna")
	pagetest.Drive(ctx, t, "my telephone rings", pagetest.Shows("#said", "about to ring"), pagetest.Holds(`window.beeps === 1`))
	again := at("anna")
	pagetest.Drive(ctx, t, "no sound", chromedp.Evaluate(`document.getElementById("sound").click()`, nil), pagetest.Holds(`!document.getElementById("sound").checked`))
	rings(again, "anna")
	pagetest.Drive(ctx, t, "it rings without a sound", pagetest.Shows("#storyname", again.Name), pagetest.Holds(`document.querySelector("#r-`+again.ID+`.open")`), pagetest.Holds(`window.beeps === 1`))
}
