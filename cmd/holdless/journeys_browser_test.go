package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/internal/phone"
)

// A keypad is the telephone in the browser, beside the desk, its agent and its
// clock.
type keypad struct {
	*testing.T
	*stage
	tab   context.Context
	judge pagetest.Judge
	base  string
}

func (k *keypad) do(what string, do ...chromedp.Action) {
	k.Helper()
	pagetest.Drive(k.tab, k.T, what, do...)
}

// calls dials, and presses each key once the words before it were said.
func (k *keypad) calls(what string, steps ...[2]string) {
	k.Helper()
	k.do(what, chromedp.Navigate(k.base+"/phone/"), pagetest.Shows("#state", "Idle"), chromedp.Click("#call"), pagetest.Shows("#state", "connected"))
	for _, step := range steps {
		k.do(what+": "+step[0], pagetest.Shows("#words", step[0]))
		if step[1] != "" {
			k.do(what+": press "+step[1], pagetest.Tap(`[data-key="`+step[1]+`"]`))
		}
	}
	k.do("hang up", chromedp.Evaluate(`document.querySelector("#hangup:not([hidden])")?.click()`, nil), pagetest.Shows("#state", "Idle")) // the service may have been quicker
}

// opens follows the link of the last text, as the customer does on his own
// telephone.
func (k *keypad) opens(text string) {
	k.Helper()
	k.do("open the link of the text", chromedp.Navigate(k.base+"/demo/sms"), pagetest.Shows("article:first-of-type", text),
		pagetest.Tap("article:first-of-type a"), pagetest.Holds("location.pathname.length > 9 && document.readyState === `complete` && document.querySelector(`main h1`)"))
}

// looks has the page judged in four windows.
func (k *keypad) looks(name string) {
	k.Helper()
	k.judge.LookAll(k.tab, k.T, name)
}

// comesDue moves the clock on to the next try of a callback that waits for it.
func (k *keypad) comesDue(id string) {
	k.Helper()
	k.do("it is to be tried again", k.comesTo(id, callback.RetryWait))
	c, _, err := k.service.desk.Show(k.tab, id)
	if err != nil {
		k.Fatal(err)
	}
	k.clock.jump(c.DueAt)
}

// agentTakes picks up the agent's telephone, and presses 1 when he is asked.
func (k *keypad) agentTakes(ctx context.Context) *phone.Call {
	k.Helper()
	var r ringing
	select {
	case r = <-k.rings[agentPart]:
	case <-ctx.Done():
		k.Fatal("the agent’s telephone does not ring")
	}
	call, err := r.in.Accept(ctx)
	close(r.taken)
	if err != nil {
		k.Fatal(err)
	}
	for {
		select {
		case t := <-k.turns[agentPart]:
			if t.Listen == nil {
				continue // what was said in a call before
			}
			if err := call.Press(ctx, "1"); err != nil {
				k.Fatal(err)
			}
			return call
		case <-ctx.Done():
			k.Fatal("the agent is asked nothing")
		}
	}
}

const gladToCall = "We will call you"

// TestPromiseInBrowser is a customer with a telephone: he books by keypad, calls
// again and moves it, opens the link and chooses another time, wants to be
// called now, is busy, asks for later, is reached, is not
// satisfied and says so; and calls the next one off.
func TestPromiseInBrowser(t *testing.T) {
	t.Parallel()
	st, err := newStage(t.Context(), t.Output(), demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", guest: true, cue: patience, log: quiet(), edit: func(c *config) { c.Survey.By = "link" },
	})
	if err != nil {
		t.Fatal(err)
	}
	k := &keypad{T: t, stage: st, tab: pagetest.Browser(t), judge: pagetest.NewJudge(t), base: "http://" + st.service.http.Addr().String()}
	all, end := context.WithTimeout(t.Context(), 11*time.Minute)
	defer end()
	err = st.during(all, func(serving context.Context) error {
		first := k.booksAndMoves(serving)
		robot := make(chan struct{})
		go func() {
			defer close(robot)
			for range 2 {
				st.serveAsAgent(serving)
			}
		}()
		k.wantsItNow()
		k.isReached(serving, first, robot)
		return k.answers(serving)
	})
	if err != nil {
		t.Error(err)
	}
}

// booksAndMoves books by keypad, moves by keypad, and moves on the page.
func (k *keypad) booksAndMoves(serving context.Context) callback.Callback {
	k.Helper()
	k.calls("call", [2]string{"For billing, press 1", "1"}, [2]string{"today at 10:15", "1"}, [2]string{"+358 401 234 567", "1"}, [2]string{gladToCall, ""})
	booked, err := k.promised(serving)
	if err != nil {
		k.Fatal(err)
	}
	k.calls("call again", [2]string{"We have promised to call you today at 10:15", "2"}, [2]string{"For a call", "2"}, [2]string{"Your call is moved", ""})
	moved, err := k.promised(serving)
	if err != nil || moved.ID != booked.ID || !moved.At.After(booked.At) {
		k.Fatalf("it was moved from %s to %s, %v", booked.At, moved.At, err)
	}
	k.opens(gladToCall)
	k.looks("the customer's page")
	var label string
	k.do("choose another time", chromedp.Evaluate(`(() => { const at = [...document.querySelectorAll("main input[name=at]")].at(-1); at.click(); return at.parentElement.textContent.trim() })()`, &label),
		chromedp.Evaluate(`document.querySelector("main input[name=at]:checked").form.querySelector("button").click()`, nil))
	k.do("it is another time", pagetest.Shows("main h1", label))
	return moved
}

// wantsItNow asks on the page to be called now.
func (k *keypad) wantsItNow() {
	k.Helper()
	k.do("be called now", pagetest.Holds(`document.querySelector("button[name=now]")`), pagetest.Tap("button[name=now]"), pagetest.Shows("main h1", "when it is your turn"))
}

// isReached is called three times: he is busy, he asks for later, they speak.
func (k *keypad) isReached(serving context.Context, c callback.Callback, robot <-chan struct{}) {
	k.Helper()
	rings := pagetest.Shows("#state", "Your telephone rings")
	k.do("be busy", chromedp.Navigate(k.base+"/phone/"), rings, pagetest.Tap("#hangup"), pagetest.Shows("#state", "Idle"))
	k.comesDue(c.ID)
	k.do("ask for later", rings, chromedp.Click("#answer"), pagetest.Shows("#words", "fifteen minutes, press 2"), pagetest.Tap(`[data-key="2"]`),
		pagetest.Shows("#words", "We will call again in fifteen minutes"))
	k.comesDue(c.ID)
	<-robot // the agent of the third call is not he
	agent := k.agentTakes(serving)
	k.do("talk now", rings, chromedp.Click("#answer"), pagetest.Shows("#words", "To talk now, press 1"), pagetest.Tap(`[data-key="1"]`), k.comesTo(c.ID, callback.Connected))
	k.do("hang up", pagetest.Tap("#hangup"), pagetest.Shows("#state", "Idle"))
	if err := agent.Hangup(serving); err != nil {
		k.Logf("the agent hangs up: %v", err) // he was asked what came of it, or not yet
	}
}

// answers fills in the page of the survey, sees that it is known, and calls off
// the next call.
func (k *keypad) answers(serving context.Context) error {
	k.Helper()
	if err := k.waitForSurvey(serving); err != nil {
		return err
	}
	k.opens("http")
	k.looks("the page of the survey")
	k.do("be unhappy", pagetest.Shows("main h1", "How satisfied"), pagetest.Tap(`input[value="2"]`), chromedp.SendKeys("textarea[name=words]", "had to call twice"),
		pagetest.Tap("main form button:not(.quiet)"), pagetest.Holds("document.readyState === `complete` && document.querySelector(`main h1`) && !document.querySelector(`input[type=radio][name=value]`)"))
	k.do("the supervisor sees it", chromedp.Navigate(k.base+"/wall"), pagetest.Shows("#wall .unhappy", "2 of 5"), pagetest.Shows("#wall .unhappy", "had to call twice"))
	k.calls("call once more", [2]string{"For billing, press 1", "1"}, [2]string{"For a call", "1"}, [2]string{"If that is right, press 1", "1"}, [2]string{gladToCall, ""})
	next, err := k.promised(serving)
	if err != nil {
		return err
	}
	k.opens(gladToCall)
	k.do("call it off", pagetest.Tap("button[name=cancel]"), pagetest.Shows("main h1", "cancelled"), k.comesTo(next.ID, callback.CancelledState))
	return nil
}

// TestSupervisorInBrowser changes a menu, calls, and hears what was changed; puts
// the menu back, and hears that.
func TestSupervisorInBrowser(t *testing.T) {
	t.Parallel()
	menu := filepath.Join(t.TempDir(), "own.yaml")
	putFile(t, menu, patient("Welcome to us."))
	st, err := newStage(t.Context(), t.Output(), demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", guest: true, cue: patience, log: quiet(), edit: func(c *config) {
			c.Numbers = map[callback.Phone]callback.Route{demoNumber: {Menu: menu, Queue: demoQueue}}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	st.service.accounts.Guest = nil // people sign in
	k := &keypad{T: t, stage: st, tab: pagetest.Browser(t), base: "http://" + st.service.http.Addr().String()}
	err = st.during(t.Context(), func(serving context.Context) error {
		k.do("come in", chromedp.Navigate(st.account(serving, t, accounts.User{Name: "sam", Role: accounts.Supervisor})), pagetest.Shows("h1", "Welcome, sam"),
			chromedp.SendKeys("#password", "correct horse battery"), chromedp.Click("#choose"), pagetest.Shows("h1", "Desk"))
		k.calls("hear it as it is", [2]string{"Welcome to us.", ""})
		k.do("find the menu", chromedp.Navigate(k.base+"/menus/"), chromedp.Click(`a[href^="/menus/form"]`), pagetest.Shows("h1", "what changes most"),
			chromedp.Click(`a[href^="/menus/edit"]`), pagetest.Shows("#verdict", "Right"))
		k.do("change it", chromedp.Evaluate(`(() => { const t = document.getElementById("text");
			t.value = t.value.replace("Welcome to us.", "Good evening to all."); t.dispatchEvent(new Event("input")) })()`, nil), pagetest.Shows(".changes", "Good evening"))
		k.do("publish it", chromedp.Click("#publish"), pagetest.Shows("#notice", "Published"))
		if src, err := os.ReadFile(menu); err != nil || !strings.Contains(string(src), "Good evening to all.") {
			t.Errorf("the file is %s, %v", src, err)
		}
		k.calls("hear the change", [2]string{"Good evening to all.", ""})
		k.do("put it back", chromedp.Navigate(k.base+"/menus/"), chromedp.Click(`a[href^="/menus/form"]`), pagetest.Shows("h1", "what changes most"),
			chromedp.Click(`a[href^="/menus/edit"]`), pagetest.Shows("#verdict", "Right"), chromedp.Click(".back"), pagetest.Shows("#notice", "earlier version is back"))
		k.calls("hear what was before", [2]string{"Welcome to us.", ""})
		k.do("who changed it", chromedp.Navigate(k.base+"/audit"), pagetest.Shows("h1", "What people changed"), pagetest.Shows("main", "sam"))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestOperatorInBrowser is the first day of whoever runs the service: the link
// of the log makes him an admin, he makes an account for another, looks whether
// all is well, and starts the service anew. Nobody has to sign in again, and
// what was promised is there.
func TestOperatorInBrowser(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	file := atNoon(t, written(t, "sounds: {cache: false}\n"))
	r := startWith(t, file)
	first, err := r.accounts.FirstAdmin(t.Context()) // as the log says, once more
	if err != nil {
		t.Fatal(err)
	}
	site := "http://" + r.http.Addr().String()
	const password = "correct horse battery"
	choose := chromedp.Tasks{chromedp.SendKeys("#password", password), chromedp.Click("#choose"), pagetest.Shows("h1", "Desk")}
	var link string
	pagetest.Drive(ctx, t, "become the admin", chromedp.Navigate(site+accounts.WelcomePath(first)), pagetest.Shows("h1", "Welcome, admin"), choose)
	pagetest.Drive(ctx, t, "make an account", chromedp.Navigate(site+"/users"), pagetest.Shows("h1", "Users"),
		chromedp.SendKeys("#name", "sam"), chromedp.SetValue("#role", "supervisor"), chromedp.Click("#add"), pagetest.Shows("#link", "/welcome/"), chromedp.Text("#link", &link))
	for path, words := range map[string]string{"/readyz": "database: ok", "/metrics": "holdless_calls_live 0", "/audit": "added an account"} {
		pagetest.Drive(ctx, t, "all is well: "+path, pagetest.Opens(site+path, words))
	}
	booked := book(t, file, "+358401234567")
	r.stop()
	r.end(t)
	r = startWith(t, file)
	defer func() {
		r.stop()
		r.end(t)
	}()
	site = "http://" + r.http.Addr().String()
	pagetest.Drive(ctx, t, "it is all there", chromedp.Navigate(site+"/"), pagetest.Shows("h1", "Desk"), pagetest.Shows("#r-"+booked, "567"))
	_, token, _ := strings.Cut(link, "/welcome/")
	pagetest.Drive(ctx, t, "the other comes in", chromedp.Navigate(site+"/account"), chromedp.Click("#signout"), pagetest.Shows("h1", "Sign in"),
		chromedp.Navigate(site+"/welcome/"+token), pagetest.Shows("h1", "Welcome, sam"), choose, chromedp.Navigate(site+"/users"), pagetest.Shows("h1", "not for supervisors"))
}
