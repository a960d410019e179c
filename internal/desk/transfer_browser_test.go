package desk

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/holdless/holdless/internal/pagetest"
)

// TestTransferByKeys puts people through with keys alone: p leads to whom, Enter
// does it at once, and the other ways are behind; who is no agent is told so.
func TestTransferByKeys(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	w := newWorld(t)
	site := w.seen()
	pagetest.Drive(ctx, t, "where nobody does", chromedp.Navigate(site.URL), pagetest.Shows("h1", "Desk"), pagetest.Keys("p"), pagetest.Shows("#said", "Agents put people through"))
	x := &exchange{}
	w.Switchboard = x
	p := chromedp.Tasks{
		chromedp.Evaluate(`document.activeElement.blur()`, nil), pagetest.Keys("p"), pagetest.Holds(`document.activeElement.id === "through"`),
		chromedp.Evaluate(`document.activeElement.value = ""`, nil), // the driver types a key that the page has taken, as no keyboard does
	}
	pagetest.Drive(ctx, t, "at once", chromedp.Navigate(site.URL), pagetest.Shows(".through", "Put through"), p, chromedp.KeyEvent("bo"+kb.Enter), pagetest.Shows("#said", "is put through"))
	pagetest.Drive(ctx, t, "speak first", p, chromedp.KeyEvent("eve"+kb.Tab+kb.Tab+kb.Enter), pagetest.Shows("#said", "hears music"))
	pagetest.Drive(ctx, t, "together", p, chromedp.KeyEvent(kb.Tab+kb.Tab+kb.Tab+kb.Enter), pagetest.Shows("#said", "They are together."))
	if got := fmt.Sprint(x.asked); got != "[anna to bo, speaks first false anna to eve, speaks first true anna joins]" {
		t.Errorf("asked %s", got)
	}
}
