package wall

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/internal/pagetest"
)

// TestShareIsThatOfReports holds that the wall rounds as reports do: 29 of 100 are
// 29 %, which they are not when the share is multiplied by a hundred.
func TestShareIsThatOfReports(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.counts("billing", noon, figures.Count{Name: figures.Offered, N: 100}, figures.Count{Name: figures.AnsweredWithin(time.Second), N: 29})
	if _, body := w.get("/wall"); !strings.Contains(body, `<dd class="value">29 %</dd><dd>within 20 s, of 100 today</dd>`) {
		t.Errorf("29 of 100: %s", body)
	}
}

// TestDayOfQueuesElsewhere holds that the wall counts the day of each queue as it is
// where the queue is, and neither its yesterday nor its tomorrow.
func TestDayOfQueuesElsewhere(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Asia/Tokyo", "America/New_York", "Europe/Helsinki", "UTC"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *callback.Config) {
				q := c.Queues["billing"]
				q.Zone = zone
				c.Queues["there"] = q
			})
			for days, n := range map[int]int{-1: 100, 0: 7, 1: 100} {
				w.counts("there", noon.AddDate(0, 0, days), figures.Count{Name: figures.Kept, N: n})
			}
			if _, body := w.get("/wall"); !strings.Contains(body, "7 of 7 that were due") {
				t.Errorf("the day is %s", body)
			}
		})
	}
}

// TestWallSaysWhenItStandsStill holds that a wall whose service does not answer says
// so, and goes on by itself when it does.
func TestWallSaysWhenItStandsStill(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	w := newWorld(t)
	w.day()
	var how atomic.Int32 // the status that is answered instead; 1 for none at all
	inner := w.Handler()
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch code := int(how.Load()); code {
		case 0:
			inner.ServeHTTP(rw, r)
		case 1:
			panic(http.ErrAbortHandler)
		default:
			rw.WriteHeader(code)
		}
	}))
	t.Cleanup(site.Close)
	step := func(what string, do ...chromedp.Action) {
		t.Helper()
		pagetest.Drive(ctx, t, what, do...)
	}
	step("open", chromedp.Navigate(site.URL+"/wall"), pagetest.Shows("#wall", "97 %"),
		pagetest.Holds(`document.getElementById("stale").matches("[role=status]:empty")`))
	for n, code := range []int32{http.StatusServiceUnavailable, 1} {
		how.Store(code)
		step("it stands still", pagetest.Shows("#stale", "Nothing new since Mon 23 Nov 12:00"), pagetest.Shows("#wall", "41 of"))
		w.measure(noon, figures.Broken, 1)
		how.Store(0)
		step("it goes on", pagetest.Shows("#wall", fmt.Sprintf("%d broken by us", n+1)), pagetest.Holds(`document.getElementById("stale").textContent === ""`))
	}
}

// TestCrowdedWall looks at a wall of thirty queues, with names that are far too long,
// and at one that has nothing to show; on paper it is black on white.
func TestCrowdedWall(t *testing.T) {
	t.Parallel()
	judge, ctx := pagetest.NewJudge(t), pagetest.Browser(t)
	long := strings.Repeat("Überlänge", 22)
	crowd := newWorld(t, func(c *callback.Config) {
		anna := c.Agents["anna"]
		anna.Name = long
		c.Agents["anna"] = anna
		for i := range 29 {
			c.Queues[fmt.Sprintf("%s%d", strings.Repeat("queue", 39), i)] = c.Queues["billing"]
		}
	})
	for i := range 12 {
		c := crowd.add(fmt.Sprint("x", i), callback.Done, noon.Add(-20*time.Hour), long)
		crowd.unhappy(c, long+long, noon.Add(-19*time.Hour))
	}
	crowd.Worst = func(context.Context) string { return long + long }
	crowd.day()
	for name, w := range map[string]*world{"crowded": crowd, "empty": newWorld(t)} {
		site := httptest.NewServer(w.Handler())
		t.Cleanup(site.Close)
		pagetest.Drive(ctx, t, name, chromedp.Navigate(site.URL+"/wall"), pagetest.Shows("h1", "Wall"))
		for _, window := range pagetest.Windows() {
			pagetest.Drive(ctx, t, name, window.Open())
			judge.Look(ctx, t, name, window)
		}
		pagetest.Drive(ctx, t, "print", emulation.SetEmulatedMedia().WithMedia("print"),
			pagetest.Holds(`getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)" && getComputedStyle(document.querySelector("header nav")).display === "none"`),
			emulation.SetEmulatedMedia())
	}
	if _, body := crowd.get("/wall"); strings.Count(body, `<th scope="row">`) != 30+hoursAhead {
		t.Error("a queue is missing")
	}
}
