package desk

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
)

// tabsMost is more than the connections that a browser has to a host.
const tabsMost = 8

// A crowd is one browser with the desk in many tabs.
type crowd struct {
	*world
	site *httptest.Server
	live *atomic.Int32 // streams that are open
	tabs []context.Context
}

// crowd opens the desk in tabs, in which a script runs before all others.
func (w *world) crowd(n int, script string) *crowd {
	w.Helper()
	c := &crowd{world: w, live: &atomic.Int32{}}
	inside := w.seen().Config.Handler
	c.site = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/events") {
			if as := r.FormValue("as"); as != "anna false" {
				w.Errorf("a stream as %q", as)
			}
			c.live.Add(1)
			defer c.live.Add(-1)
		}
		inside.ServeHTTP(rw, r)
	}))
	w.Cleanup(func() { c.site.CloseClientConnections(); c.site.Close() })
	first := pagetest.Browser(w.TB)
	for i := range n {
		tab := first
		if i > 0 {
			var end context.CancelFunc
			tab, end = chromedp.NewContext(first)
			w.Cleanup(end)
		}
		pagetest.Drive(tab, w.TB, fmt.Sprint("tab ", i), pagetest.Script(script), chromedp.Navigate(c.site.URL), pagetest.Holds(`document.querySelector(".views .count").textContent !== ""`))
		c.tabs = append(c.tabs, tab)
	}
	return c
}

// streams waits until so many are open.
func (c *crowd) streams(want int32) {
	c.Helper()
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(2 * time.Minute); c.live.Load() != want; {
		select {
		case <-tick.C:
		case <-late:
			c.Fatalf("%d streams are open, want %d", c.live.Load(), want)
		}
	}
}

// told waits until each of some tabs has a new row.
func (c *crowd) told(tabs []context.Context) {
	c.Helper()
	row := c.add(noon.Add(5*time.Minute), func(one *callback.Callback) { one.Phone = callback.Phone(fmt.Sprintf("+35840%07d", c.next())) })
	c.write(func(tx callback.Tx) error {
		return tx.Record(callback.Entry{At: noon, Kind: "callback.booked", Callback: row.ID, Queue: row.Queue})
	})
	for i, tab := range tabs {
		pagetest.Drive(tab, c.TB, fmt.Sprint("told in tab ", i), pagetest.Holds(`document.getElementById("r-`+row.ID+`")`))
	}
}

var numbers atomic.Int32

func (c *crowd) next() int32 { return 7_000_000 + numbers.Add(1) }

// TestTabsShareOneStream opens more tabs than a browser has connections: one
// listens for all, and when it goes, another does. In each of them the service
// still answers.
func TestTabsShareOneStream(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		tabs   int
		script string
	}{
		{"with locks", tabsMost, ``},
		{"without locks", 3, `Object.defineProperty(Navigator.prototype, "locks", {value: undefined});`}, // as without TLS
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newWorld(t).crowd(tt.tabs, tt.script)
			c.streams(1)
			c.told(c.tabs)
			for i, tab := range c.tabs {
				pagetest.Drive(tab, t, fmt.Sprint("answered in tab ", i), chromedp.Evaluate(`fetch("/").then(r => { window.answered = r.ok; }); 0`, nil), pagetest.Holds(`window.answered`))
			}
			pagetest.Drive(c.tabs[0], t, "the first leaves", chromedp.Navigate("about:blank"))
			c.streams(1)
			c.told(c.tabs[1:])
			pagetest.Drive(c.tabs[0], t, "and comes back", chromedp.Navigate(c.site.URL))
			c.told(c.tabs)
			c.streams(1)
		})
	}
}

// TestWriterHearsAfterARestart has the service away for a moment, behind a proxy
// that says so, while an agent writes: what she writes stays, so that the page is
// not read anew, and what happens since is on it nevertheless.
func TestWriterHearsAfterARestart(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	w := newWorld(t)
	c, other := w.add(noon.Add(time.Hour)), w.add(noon.Add(2*time.Hour))
	inside := w.seen().Config.Handler
	var away atomic.Bool
	var refused atomic.Int32
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if away.Load() && strings.HasSuffix(r.URL.Path, "/events") {
			refused.Add(1)
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		inside.ServeHTTP(rw, r)
	}))
	t.Cleanup(func() { site.CloseClientConnections(); site.Close() })
	pagetest.Drive(ctx, t, "she writes", chromedp.Navigate(site.URL), pagetest.Tap("#r-"+c.ID+" a"), pagetest.Shows("#storyname", c.Name), pagetest.Focus("#notewords"), chromedp.KeyEvent("half a note"))
	away.Store(true)
	site.CloseClientConnections()
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	for refused.Load() == 0 {
		<-tick.C
	}
	away.Store(false)
	if code, said := w.do(bo, other, "claim", nil); code != http.StatusOK {
		t.Fatal(code, said)
	}
	pagetest.Drive(ctx, t, "she hears of it", pagetest.Shows("#r-"+other.ID, "Bo"), pagetest.Holds("document.getElementById(`notewords`).value === `half a note`"))
}

// TestTabsWithoutChannel holds that a browser in which tabs cannot tell each
// other has a stream in each.
func TestTabsWithoutChannel(t *testing.T) {
	t.Parallel()
	c := newWorld(t).crowd(2, `delete window.BroadcastChannel;`)
	c.streams(2)
	c.told(c.tabs)
}
