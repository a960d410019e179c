package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/internal/phone"
)

// doing makes an action of what is done on the telephone.
func doing(do func() error) chromedp.Action {
	return chromedp.ActionFunc(func(context.Context) error { return do() })
}

// account makes an account, and returns the page on which its user chooses a
// password.
func (st *stage) account(ctx context.Context, t *testing.T, u accounts.User) string {
	t.Helper()
	token, err := st.service.accounts.Add(ctx, u, "test")
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + st.service.http.Addr().String() + accounts.WelcomePath(token)
}

// comesIn makes an account, and lets its user choose a password in a browser.
func (st *stage) comesIn(serving, ctx context.Context, t *testing.T, u accounts.User) {
	t.Helper()
	pagetest.Drive(ctx, t, u.Name+" comes in", chromedp.Navigate(st.account(serving, t, u)), pagetest.Shows("h1", "Welcome, "+u.Name),
		chromedp.SendKeys("#password", "correct horse battery"), chromedp.Click("#choose"), pagetest.Shows("h1", "Desk"))
}

// TestDayInBrowser is a day of a team as its people live it: an agent chooses a
// password, signs in, has a customer called, speaks with him over SIP and RTP,
// writes up what came of it; and the supervisor sees on the wall that the
// promise was kept, and that the customer is unhappy.
func TestDayInBrowser(t *testing.T) {
	t.Parallel()
	judge, ctx := pagetest.NewJudge(t), pagetest.Browser(t)
	st, err := newStage(t.Context(), t.Output(), demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", carrier: "127.0.0.1:0", cue: patience, log: quiet(),
	})
	if err != nil {
		t.Fatal(err)
	}
	st.service.accounts.Guest = nil // people sign in
	base := "http://" + st.service.http.Addr().String()
	looks := func(name string) { judge.LookAll(ctx, t, name) }
	const password = "correct horse battery"
	err = st.during(t.Context(), func(serving context.Context) error {
		pagetest.Drive(ctx, t, "choose a password", chromedp.Navigate(st.account(serving, t, accounts.User{Name: "aino", Role: accounts.Agent, Agent: demoAgent})), pagetest.Shows("h1", "Welcome, aino"))
		looks("welcome")
		pagetest.Drive(ctx, t, "take it", chromedp.SendKeys("#password", password), chromedp.Click("#choose"), pagetest.Shows("h1", "Desk"),
			chromedp.Navigate(base+"/account"), pagetest.Shows("h1", "aino"))
		looks("account")
		pagetest.Drive(ctx, t, "sign out", chromedp.Click("#signout"), pagetest.Shows("h1", "Sign in"))
		looks("sign in")
		pagetest.Drive(ctx, t, "mistype the password", chromedp.SendKeys("#name", "aino"), chromedp.SendKeys("#password", "corect horse"), chromedp.Click("#signin"), pagetest.Shows(".alarm", "do not fit"))
		looks("mistyped")
		pagetest.Drive(ctx, t, "sign in", pagetest.Holds(`document.activeElement.id === "password" && document.getElementById("name").value === "aino"`), pagetest.Keys(password), chromedp.Click("#signin"), pagetest.Shows("h1", "Desk"))
		st.callFromDesk(serving, ctx, t)
		if err := st.waitForSurvey(serving); err != nil {
			return err
		}
		if answered, err := st.service.texts.Answer(serving, demoCustomer, "2"); err != nil || !answered {
			return fmt.Errorf("the survey is answered: %t, %w", answered, err)
		}
		pagetest.Drive(ctx, t, "the wall is not for agents", chromedp.Navigate(base+"/wall"), pagetest.Shows("h1", "not for agents"))
		looks("not for agents")
		pagetest.Drive(ctx, t, "the supervisor comes", chromedp.Navigate(base+"/account"), chromedp.Click("#signout"), pagetest.Shows("h1", "Sign in"),
			chromedp.Navigate(st.account(serving, t, accounts.User{Name: "sam", Role: accounts.Supervisor})), pagetest.Shows("h1", "Welcome, sam"),
			chromedp.SendKeys("#password", password), chromedp.Click("#choose"), pagetest.Shows("h1", "Desk"))
		pagetest.Drive(ctx, t, "and looks at the wall", chromedp.Navigate(base+"/wall"), pagetest.Shows("#wall .kept", "1 of 1"), pagetest.Shows("#wall .unhappy", "2 of 5"), pagetest.Shows("#wall .unhappy", "Maija"))
		aino := "#agent-" + demoAgent
		pagetest.Drive(ctx, t, "and at the agents", chromedp.Navigate(base), pagetest.Tap("#agents"), pagetest.Shows(aino, "Aino"), pagetest.Holds(`document.activeElement.id === "storyname" && document.getElementById("story").getAttribute("aria-label") === "Agents"`),
			doing(func() error { return st.service.desk.SetAgent(serving, demoAgent, callback.OnBreak) }), pagetest.Shows(aino+" p", "on a break since"))
		looks("agents")
		off := aino + ` [value="offline"]`
		pagetest.Drive(ctx, t, "sign her off, who has gone home", pagetest.Focus(off), pagetest.Keys(kb.Enter), pagetest.Shows("#said", "Signed off"), pagetest.Shows(aino+" p", "offline since"),
			pagetest.Holds("document.activeElement.matches(`"+off+`[aria-pressed="true"]`+"`)"), chromedp.Navigate(base+"/audit"), pagetest.Shows("main", "is offline"), pagetest.Shows("main", "sam"))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// callFromDesk has a customer called from the desk, and the two speak.
func (st *stage) callFromDesk(serving, ctx context.Context, t *testing.T) {
	t.Helper()
	_, agent, customer := st.speakFromDesk(serving, ctx, t)
	pagetest.Drive(ctx, t, "they hang up",
		doing(func() error { return st.hangUp(serving, customerPart, customer) }),
		doing(func() error { return st.pressWhenAsked(serving, agentPart, agent, "1") }),
		doing(func() error { return st.end(serving, agentPart, agent) }))
	pagetest.Drive(ctx, t, "write up", pagetest.Shows("#story", "What came of it"), chromedp.SendKeys("#outcomewords", "wants the invoice again"))
	pagetest.Picture(ctx, t, "desk-writeup-light-1280.png", "desk-writeup-light-1280.png")
	pagetest.Drive(ctx, t, "keep it", pagetest.Tap(`#story [data-do="outcome"]`), pagetest.Shows("#said", "Written up."), pagetest.Shows("#story .lines", "wants the invoice again"))
}

// speakFromDesk has a customer called from the desk of the demo's agent, with one
// key, until the two hear each other.
func (st *stage) speakFromDesk(serving, ctx context.Context, t *testing.T) (c callback.Callback, agent, customer *phone.Call) {
	t.Helper()
	c, err := st.service.desk.Book(serving, callback.Request{
		Queue: demoQueue, Phone: demoCustomer, Name: "Maija (example)", Topic: "billing", Lang: "en", At: st.clock.now().Add(time.Hour).Truncate(15 * time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	row := "#r-" + c.ID
	pagetest.Drive(ctx, t, "have him called", pagetest.Shows(row, "Maija"), pagetest.Focus(row+" a"), pagetest.Keys("c"), pagetest.Shows("#said", "Your telephone")) // rings in a moment, or is about to ring
	if agent, err = st.pickUp(serving, agentPart, "Aino’s telephone rings"); err != nil {
		t.Fatal(err)
	}
	pagetest.Drive(ctx, t, "the brief is open", pagetest.Shows("#storyname", "Maija"),
		doing(func() error { return st.pressWhenAsked(serving, agentPart, agent, "1") }))
	if customer, err = st.pickUp(serving, customerPart, "the customer’s telephone rings"); err != nil {
		t.Fatal(err)
	}
	pagetest.Drive(ctx, t, "they speak",
		doing(func() error { return st.pressWhenAsked(serving, customerPart, customer, "1") }),
		doing(func() error { return st.speak(serving, agent, customer) }), pagetest.Shows(row, "speaking"))
	return c, agent, customer
}

// TestPictures holds the pictures of the manual against the pages that show
// them: each is there, small, and shown.
func TestPictures(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	image := regexp.MustCompile(`\((?:docs/)?pictures/([a-z0-9-]+\.png)\)`)
	for _, file := range append([]string{"../../README.md"}, glob(t, "../../docs/*.md")...) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range image.FindAllStringSubmatch(string(src), -1) {
			shown[name[1]] = true
		}
	}
	there := map[string]bool{}
	for _, file := range glob(t, "../../docs/pictures/*") {
		there[filepath.Base(file)] = true
		if info, err := os.Stat(file); err != nil || info.Size() > pagetest.PictureSize || info.Size() < 1<<10 {
			t.Errorf("%s has %d bytes, %v", file, info.Size(), err)
		}
		if !shown[filepath.Base(file)] {
			t.Errorf("nothing shows %s", file)
		}
	}
	for name := range shown {
		if !there[name] {
			t.Errorf("there is no %s: make pictures", name)
		}
	}
	if len(shown) < 5 {
		t.Errorf("the manual shows %v", shown)
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		t.Fatal(pattern, err)
	}
	return found
}
