package desk

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/holdless/holdless/callback"
)

// browser starts Chromium, which is closed when the test ends.
func browser(t testing.TB) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.WSURLReadTimeout(2*time.Minute))
	all, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(all)
	t.Cleanup(end)
	ctx, late := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(late)
	return ctx
}

func drive(ctx context.Context, t *testing.T, what string, do ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, do...); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// holds waits until something is true on the page.
func holds(what string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		tick := time.NewTicker(30 * time.Millisecond)
		defer tick.Stop()
		for late := time.After(patience); ; {
			var there bool
			err := chromedp.Evaluate("!!("+what+")", &there).Do(ctx)
			if err == nil && there {
				return nil
			}
			select {
			case <-tick.C:
			case <-late:
				return fmt.Errorf("never: %s: %w", what, cmp.Or(err, context.DeadlineExceeded))
			case <-ctx.Done():
				return fmt.Errorf("never: %s: %w", what, ctx.Err())
			}
		}
	})
}

// shows waits until an element has some words.
func shows(sel, words string) chromedp.Action {
	return holds("document.querySelector(`" + sel + "`)?.textContent.includes(`" + words + "`)")
}

func keys(all ...string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		for _, k := range all {
			if err := chromedp.KeyEvent(k).Do(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// seen opens the desk to browsers, as anna.
func (w *world) seen() *httptest.Server {
	w.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	inside := w.Handler()
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		inside.ServeHTTP(rw, r.WithContext(context.WithValue(r.Context(), asKey{}, anna)))
	}))
	w.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			w.Error(err)
		}
		site.Close()
	})
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
	ctx := browser(t)
	w := newWorld(t)
	late, next := w.day()
	site := w.seen()
	row := func(c callback.Callback) string { return "#r-" + c.ID }
	drive(ctx, t, "open", chromedp.EmulateViewport(1280, 800), chromedp.Navigate(site.URL), shows("#rows", "Aino Virtanen"), shows(row(late), "4 min late"))

	drive(ctx, t, "take", keys("j", "t"), shows("#said", "It is yours."), shows(row(late), "Anna"), holds(`document.querySelector("`+row(late)+`.mine")`))
	drive(ctx, t, "undo", keys("u"), shows("#said", "Undone."), shows(row(late), "Take"))
	if c := w.storyOf(late); c.Owner != "" {
		t.Errorf("it belongs to %q", c.Owner)
	}
	drive(ctx, t, "open the story", keys(kb.Enter), shows("#story", "had to call twice"), shows("#story", "invoice 8812"), shows("#story", "When it is due"),
		shows("#story", "Ask for the number of the invoice."))
	drive(ctx, t, "note", keys("n"), holds(`document.activeElement.id === "notewords"`), chromedp.KeyEvent("rang twice cjkt"),
		chromedp.Click(`#story [data-do="note"]`), shows("#said", "Noted."), shows("#story .lines", "rang twice cjkt"))
	drive(ctx, t, "another time", keys("r"), holds(`document.activeElement.dataset.do === "move"`), keys("2"), shows("#said", "Another time is promised."), keys("u"), shows("#said", "Undone."))
	drive(ctx, t, "snooze", holds(`document.querySelector('#story [data-do="snooze"]')`), keys("z"), shows("#said", "ten minutes later"), shows(row(late), "rings at 12:10"), shows(row(late), "4 min late"))
	if c := w.storyOf(late); !c.At.Equal(late.At) || !c.DueAt.Equal(noon.Add(10*time.Minute)) {
		t.Errorf("promised for %s, rings at %s", c.At, c.DueAt)
	}
	drive(ctx, t, "hand over", holds(`document.querySelector("#handto")`), keys("h"), holds(`document.activeElement.id === "handto"`), chromedp.Click(`#story [data-do="hand"]`),
		shows("#said", "Handed over."), shows(row(late), "Bo"), shows("#story", "only notes"))
	drive(ctx, t, "history", keys("i"), holds(`document.querySelector("#history").open`), shows("#history", "hand"))
	drive(ctx, t, "articles", keys("/"), holds(`document.activeElement.id === "q"`), chromedp.KeyEvent("PREHLED"+kb.Enter), shows("#story", "When it is due"))
	drive(ctx, t, "close", chromedp.Evaluate(`document.activeElement.blur()`, nil), keys(kb.Escape), holds(`document.getElementById("story").hidden`))
	drive(ctx, t, "cancel needs a reason", chromedp.Focus(row(next)+" a"), keys("x"), holds(`document.activeElement.id === "cancelwhy"`),
		chromedp.KeyEvent("has solved it"+kb.Enter), shows("#said", "Cancelled."), holds(`document.querySelector("`+row(next)+`").dataset.k === "d"`))

	drive(ctx, t, "keys off", keys("?"), holds(`document.querySelector(".keys").open`), chromedp.Click("#keyson"), chromedp.Evaluate(`document.activeElement.blur()`, nil), keys("?"),
		holds(`document.querySelector(".keys").open`), chromedp.Click("#keyson"))
	drive(ctx, t, "a break", chromedp.Click(`.states [value="break"]`), holds(`document.querySelector('.states [value="break"]').getAttribute("aria-pressed") === "true"`),
		chromedp.Click(`.states [value="available"]`), holds(`document.querySelector('.states [value="available"]').getAttribute("aria-pressed") === "true"`))
	w.callAndWriteUp(ctx, t)
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
	drive(ctx, t, "it appears", shows(row, "in 50 min"), chromedp.Focus(row+" a"), keys("c"), shows("#said", "Your telephone rings"))
	rings, err := w.Desk.Claim(t.Context(), 1)
	if err != nil || len(rings) != 1 {
		t.Fatal(rings, err)
	}
	drive(ctx, t, "the brief opens", shows("#said", "about to ring"), shows("#storyname", "Matti Meikäläinen"))
	w.spoke(c)
	drive(ctx, t, "write up", shows("#said", "The call is over"), shows("#story", "What came of it"),
		chromedp.Evaluate(`document.querySelector('#story input[value="follow_up"]').click(); document.getElementById("nextcall").selectedIndex = 2`, nil),
		keys("o"), holds(`document.activeElement.id === "outcomewords"`), chromedp.KeyEvent("sends the invoice"),
		holds(`document.querySelector('#story input[value="follow_up"]').checked`), chromedp.Evaluate(`document.querySelector('#story [data-do="outcome"]').click()`, nil), shows("#said", "Written up."))
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

// axe finds what make test-tools has installed of npm.
func axe(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("HOLDLESS_TEST_NODE")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(cache, "holdless", "node")
	}
	src, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Skip("needs npm axe-core: make test-tools")
	}
	return string(src)
}

// colours chooses a light or a dark ground.
func colours(scheme string) chromedp.Action {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}})
}
