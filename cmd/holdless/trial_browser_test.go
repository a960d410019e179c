package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/ivr"
)

// callers press 1 in a menu of two nodes; of twelve, nine then hang up, and three
// press 1 once more before they do.
func (st *stage) callers(ctx context.Context, t *testing.T) {
	t.Helper()
	for i := range 12 {
		talk := fmt.Sprint("caller ", i)
		turn, err := st.service.desk.Answer(ctx, callback.Inbound{Talk: talk, Line: "sip", From: callback.Phone(fmt.Sprintf("+35840555%04d", i)), To: demoNumber})
		if err != nil {
			t.Fatal(err)
		}
		press := func(e ivr.Event) {
			if turn, err = st.service.desk.Next(ctx, talk, turn.No, e); err != nil {
				t.Fatal(err)
			}
		}
		press(ivr.Event{Kind: ivr.Heard, Text: "1"})
		if i%4 == 0 {
			press(ivr.Event{Kind: ivr.Heard, Text: "1"})
		}
		press(ivr.Event{Kind: ivr.Gone})
	}
}

// rewrites changes the text of the menu that is open.
func rewrites(from, to string) chromedp.Action {
	return chromedp.Evaluate(fmt.Sprintf("(() => { const t = document.getElementById(`text`); t.value = t.value.replace(%q, %q); t.dispatchEvent(new Event(`input`)) })()", from, to), nil)
}

// drafted leads the first key of the menu to a person.
func drafted() chromedp.Action {
	return rewrites("{1: {label: {en: more}, to: second}}", "{1: {label: {en: people}, to: ring}, 2: {label: {en: more}, to: second}}")
}

// TestTrialInBrowser is a supervisor on the day after a bad one: she sees which
// node is the worst, and where callers went; lets yesterday's callers press
// their keys in a draft, has it meet a tenth of the callers, takes it back, tries
// once more, lets everybody hear it, and puts back what was before.
func TestTrialInBrowser(t *testing.T) {
	t.Parallel()
	menu := filepath.Join(t.TempDir(), "own.yaml")
	putFile(t, menu, patient("Welcome to us."))
	st, err := newStage(t.Context(), t.Output(), demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", carrier: "127.0.0.1:0", cue: patience, log: quiet(), edit: func(c *config) {
			c.Numbers = map[callback.Phone]callback.Route{demoNumber: {Menu: menu, Queue: demoQueue}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	st.service.accounts.Guest = nil // people sign in
	ctx := pagetest.Browser(t)
	all, late := context.WithTimeout(t.Context(), 6*time.Minute)
	defer late()
	err = st.during(all, func(serving context.Context) error {
		st.callers(serving, t)
		st.clock.jump(st.clock.now().Add(22 * time.Hour))
		st.comesIn(serving, ctx, t, accounts.User{Name: "sam", Role: accounts.Supervisor})
		st.looksBack(ctx, t)
		live := st.service.desk.Live().Menus[menu].Version()
		st.tries(ctx, t, menu, live)
		st.promotes(ctx, t, menu, live)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// looksBack reads what callers did, and replays it in a draft.
func (st *stage) looksBack(ctx context.Context, t *testing.T) {
	t.Helper()
	var svg string
	pagetest.Drive(ctx, t, "open the menu", pagetest.Tap(`.links a[href="/menus/"]`), pagetest.Shows("h1", "Menus"), pagetest.Tap(`a[href^="/menus/edit"]`), pagetest.Shows("#verdict", "Right"),
		pagetest.Shows("#worst", "of 12 who come to second, 9 (75%) hang up"), pagetest.Holds("document.querySelector(`.drawing img`).naturalWidth > 0"),
		chromedp.Evaluate("fetch(document.querySelector(`.drawing img`).src).then(r => r.text())", &svg, awaited))
	for _, want := range []string{">menu 12, worst<", ">menu 15<", ">1 more → first<"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the drawing lacks %q: %s", want, svg)
		}
	}
	pagetest.Drive(ctx, t, "replay a day", drafted(), pagetest.Shows("#verdict", "changes for callers"),
		pagetest.Tap("#replay"), pagetest.Shows("#replayed", "12 of 12 talks end otherwise"), pagetest.Shows("#replayed", "hangs up at second"), pagetest.Holds("document.getElementById(`text`).value.includes(`1: {label: {en: people}, to: ring}`)"))
}

// tries has a tenth of the callers meet the draft, and takes it back.
func (st *stage) tries(ctx context.Context, t *testing.T, menu, live string) {
	t.Helper()
	publish := chromedp.Tasks{
		rewrites("start: first", "canary: 10%\nstart: first"), pagetest.Shows("#result", "10% of the callers"), pagetest.Tap("#publish"), pagetest.Shows("#notice", "Published on trial"),
		pagetest.Shows("header", "on trial with 10%"),
	}
	pagetest.Drive(ctx, t, "try it with a tenth", publish)
	if now := st.service.desk.Live(); now.Trials[menu].Share != 10 || now.Menus[menu].Version() != live {
		t.Errorf("on trial is %+v, live is %s", now.Trials[menu], now.Menus[menu].Version())
	}
	pagetest.NewJudge(t).LookAll(ctx, t, "a menu on trial")
	pagetest.Drive(ctx, t, "take it back", pagetest.Tap("#withdraw"), pagetest.Shows("#notice", "what most heard"), pagetest.Holds("!document.querySelector(`#withdraw`)"))
	now := st.service.desk.Live()
	if src, err := os.ReadFile(menu); err != nil || len(now.Trials) > 0 || now.Menus[menu].Version() != live || string(src) != patient("Welcome to us.") {
		t.Errorf("on trial is %+v, the file has %s, %v", now.Trials, src, err)
	}
	pagetest.Drive(ctx, t, "try it once more", drafted(), publish)
}

// promotes lets everybody hear what is on trial, and puts back what was before.
func (st *stage) promotes(ctx context.Context, t *testing.T, menu, live string) {
	t.Helper()
	pagetest.Drive(ctx, t, "everybody hears it", pagetest.Tap("#promote"), pagetest.Shows("#notice", "what was on trial"))
	if now := st.service.desk.Live(); len(now.Trials) > 0 || now.Menus[menu].Version() == live {
		t.Errorf("on trial is %+v, live is %s still", now.Trials, live)
	}
	pagetest.Drive(ctx, t, "put it back", pagetest.Tap(".back"), pagetest.Shows("#notice", "earlier version is back"))
	if now := st.service.desk.Live().Menus[menu].Version(); now != live {
		t.Errorf("%s is live, and was %s", now, live)
	}
}
