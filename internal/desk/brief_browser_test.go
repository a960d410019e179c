package desk

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
)

// overtaken has the first story that a page asks for come after the second.
const overtaken = `{ const real = window.fetch;
window.first = null;
window.fetch = (...a) => {
  const answer = real(...a);
  if (!String(a[0]).includes("part=1")) return answer;
  if (!window.first) return new Promise(comes => { window.first = () => comes(answer); });
  window.first();
  return answer;
}; }`

// comesTo takes a callback, with an agent, to another state.
func (w *world) comesTo(c callback.Callback, to callback.State, agent string) {
	w.Helper()
	w.write(func(tx callback.Tx) error {
		now, err := tx.Callback(c.ID)
		if err != nil {
			return err
		}
		from := now.State
		now.State, now.Agent, now.Boot, now.UpdatedAt = to, agent, "", now.UpdatedAt.Add(time.Second)
		if to.InFlight() {
			now.Boot = "boot"
		}
		if err := tx.MoveCallback(now, from); err != nil {
			return err
		}
		return tx.Record(callback.Entry{At: noon, Kind: "callback." + string(to), Callback: c.ID})
	})
}

// TestBriefIsOvertaken has an agent press 1 before the story of what her
// telephone rings for has come to her desk: it is asked for once more, and tells
// by itself what comes of the call, as stories do that were opened by hand.
func TestBriefIsOvertaken(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	w := newWorld(t)
	c := w.add(noon.Add(3 * time.Minute))
	site := w.seen()
	row := "#r-" + c.ID
	pagetest.Drive(ctx, t, "open", pagetest.Script(overtaken), chromedp.Navigate(site.URL), pagetest.Shows(row, "in 3 min"))
	w.comesTo(c, callback.AgentRinging, "anna")
	pagetest.Drive(ctx, t, "her telephone rings", pagetest.Shows("#said", "about to ring"), pagetest.Holds("window.first"))
	w.comesTo(c, callback.CustomerDialing, "anna")
	pagetest.Drive(ctx, t, "his telephone rings", pagetest.Shows("#story .facts", "customer’s phone rings"))
	w.comesTo(c, callback.RetryWait, "")
	pagetest.Drive(ctx, t, "he is busy", pagetest.Shows(row, "tried again later"), pagetest.Shows("#story .facts", "tried again later"), pagetest.Holds(`document.querySelector("`+row+`.open")`))
}
