package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/internal/twiliosim"
)

// The people of an office, whose calls a carrier joins.
const (
	officeCustomer = callback.Phone("+358401234567")
	officeAnna     = "sip:anna@192.0.2.10"
	officeBo       = "sip:bo@192.0.2.11"
)

// An office is a service without a trunk, on the line of Twilio, and two agents
// who have signed in at their desks.
type office struct {
	*running
	t        *testing.T
	sim      *twiliosim.Sim
	anna, bo context.Context
}

// newOffice opens the office. Whoever is rung takes the call, presses 1 and stays.
func newOffice(t *testing.T) *office {
	t.Helper()
	later := &app{}
	sim, err := twiliosim.New(twiliosim.Config{Public: "https://cb.example.org", App: later, Person: staying})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	sim.AddNumber(twiliosim.Number{
		Number: "+358912345", VoiceURL: "https://cb.example.org/twilio/v1/voice", StatusURL: "https://cb.example.org/twilio/v1/status",
	})
	c, err := loadConfig(written(t, twilioFiles(t, sim)+"sounds: {cache: false}\n"))
	if err != nil {
		t.Fatal(err)
	}
	c.Agents = map[string]callback.Agent{"anna": {Name: "Anna", Phone: officeAnna}, "bo": {Name: "Bo", Phone: officeBo}}
	for name, q := range maps.All(c.Queues) {
		q.Agents, q.Dialing = []string{"anna", "bo"}, callback.AgentFirst
		c.Queues[name] = q
	}
	storetest.Fill(t, c.Data)
	ctx, stop := context.WithCancel(t.Context())
	r := &running{stop: stop, hurry: make(chan struct{}), ended: make(chan error, 1)}
	if r.service, err = newService(ctx, c, quiet(), parts{hurry: r.hurry, twilio: sim.Transport()}); err != nil {
		t.Fatal(err)
	}
	later.RoundTripper = twiliosim.At("http://" + r.http.Addr().String())
	go func() { r.ended <- r.run(ctx) }()
	<-r.line.Up()
	o := &office{running: r, t: t, sim: sim, anna: pagetest.Browser(t)}
	o.bo = pagetest.Another(o.anna, t)
	return o
}

// staying is somebody who presses 1 when he is asked, and stays until the others
// have gone. Customers are asked once.
func staying(number string) twiliosim.Person {
	var asked atomic.Bool
	return twiliosim.Person{
		Press: func(ctx context.Context, c twiliosim.Call, said []string) string {
			if number == string(officeCustomer) && asked.Swap(true) {
				return ""
			}
			return pressesOne(ctx, c, said)
		},
		Talk: func(ctx context.Context, _ twiliosim.Call, _ string) { <-ctx.Done() },
	}
}

// comesIn has an agent choose a password, and open the desk.
func (o *office) comesIn(at context.Context, agent string) {
	o.t.Helper()
	token, err := o.accounts.Add(o.t.Context(), accounts.User{Name: agent, Role: accounts.Agent, Agent: agent}, "test")
	if err != nil {
		o.t.Fatal(err)
	}
	pagetest.Drive(at, o.t, agent+" comes in", chromedp.Navigate("http://"+o.http.Addr().String()+accounts.WelcomePath(token)), pagetest.Shows("h1", "Welcome, "+agent),
		chromedp.SendKeys("#password", "correct horse battery"), chromedp.Click("#choose"), pagetest.Shows("h1", "Desk"))
}

// calls are those that are up between us and somebody.
func (o *office) calls(who string) []twiliosim.Call {
	return slices.DeleteFunc(o.sim.Calls(), func(c twiliosim.Call) bool { return c.To != who || c.Status != "in-progress" })
}

// with waits until the two, and nobody else, are in one conference.
func (o *office) with(one, other string) chromedp.Action {
	return o.until(one+" and "+other+" speak", func(context.Context) (bool, error) {
		a, b := o.calls(one), o.calls(other)
		if len(a) != 1 || len(b) != 1 {
			return false, nil
		}
		room := roomOf(a[0])
		return room != "" && room == roomOf(b[0]) && len(o.sim.Rooms()[room]) == 2, nil
	})
}

// roomOf is the conference that a call is in now; "" for none.
func roomOf(c twiliosim.Call) (room string) {
	for _, line := range c.Log {
		if name, joins := strings.CutPrefix(line, "joins "); joins {
			room = name
		} else if strings.HasPrefix(line, "leaves ") {
			room = ""
		}
	}
	return room
}

// is waits until an agent does something.
func (o *office) is(agent string, want ...callback.AgentState) chromedp.Action {
	return o.until(fmt.Sprint(agent, " is ", want), func(ctx context.Context) (bool, error) {
		team, err := o.desk.Team(ctx)
		return slices.ContainsFunc(team, func(s callback.Status) bool { return s.Agent == agent && slices.Contains(want, s.State) }), err
	})
}

// until waits for something off the page, and says what the page and the carrier
// show when it does not come.
func (o *office) until(what string, so func(context.Context) (bool, error)) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		all, late := context.WithTimeout(ctx, patience)
		defer late()
		for {
			if yes, err := so(ctx); yes || err != nil {
				return err
			}
			if rest(all, 50*time.Millisecond) {
				continue
			}
			var seen string
			_ = chromedp.Evaluate(`document.activeElement.outerHTML.slice(0, 100) + " " + document.getElementById("through").value + " " + document.getElementById("said").textContent`, &seen).Do(ctx) // for who reads why
			return fmt.Errorf("never: %s: %w; the page has %s\n%s", what, all.Err(), seen, calls(o.sim))
		}
	})
}

// names opens the form with its key, and writes to whom.
func names(to string) chromedp.Action {
	return chromedp.Tasks{
		page.BringToFront(), chromedp.Evaluate(`document.activeElement.blur()`, nil), pagetest.Keys("p"),
		pagetest.Holds(`document.activeElement.id === "through"`),
		chromedp.Evaluate(`document.activeElement.value = ""`, nil), // the driver types a key that the page has taken, as no keyboard does
		chromedp.KeyEvent(to),
		pagetest.Holds(`document.getElementById("through").value === "` + to + `"`),
	}
}

// onButton goes on with the Tab key to a button of the form, and presses it.
func onButton(do string) chromedp.Action {
	return chromedp.Tasks{chromedp.ActionFunc(func(ctx context.Context) error {
		for range 10 {
			var at string
			if err := chromedp.Evaluate(`document.activeElement.value ?? ""`, &at).Do(ctx); err != nil || at == do {
				return err
			}
			if err := chromedp.KeyEvent(kb.Tab).Do(ctx); err != nil {
				return err
			}
		}
		return fmt.Errorf("no key leads to %s", do)
	}), pagetest.Keys(kb.Enter)}
}

// TestPutThroughInBrowser is a customer whom an agent puts through from her desk,
// with keys, over a carrier that joins the calls: at once to a colleague, on whose
// desk the story opens; and back from him to her, after he has spoken with her
// first, has taken the customer back, and has asked her again.
func TestPutThroughInBrowser(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.comesIn(o.anna, "anna")
	o.comesIn(o.bo, "bo")
	c, err := o.desk.Book(t.Context(), callback.Request{
		Queue: "billing", Phone: officeCustomer, Name: "Maija (example)", Topic: "billing", Lang: "en", At: time.Now().Add(time.Hour).Truncate(15 * time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	anna := func(what string, do ...chromedp.Action) { t.Helper(); pagetest.Drive(o.anna, t, what, do...) }
	bo := func(what string, do ...chromedp.Action) { t.Helper(); pagetest.Drive(o.bo, t, what, do...) }
	customer, row := string(officeCustomer), "#r-"+c.ID

	anna("she speaks with nobody", names("bo"), pagetest.Keys(kb.Enter), pagetest.Shows("#said", "you speak with nobody"))
	anna("she has him called", page.BringToFront(), chromedp.Focus(row+" a"), pagetest.Keys("c"), pagetest.Shows("#said", "Your telephone"), o.with(customer, officeAnna), pagetest.Shows(row, "speaking"))
	anna("she puts him through at once", names("bo"), pagetest.Keys(kb.Enter), o.with(customer, officeBo))
	bo("the story is open", page.BringToFront(), pagetest.Shows("#storyname", "Maija"), pagetest.Tap("#history summary"), pagetest.Shows("#history", "put through to Bo"), pagetest.Shows("#history", "was taken over"),
		o.is("anna", callback.WrappingUp, callback.Available))

	bo("he speaks with her first", names("anna"), onButton("consult"), pagetest.Shows("#said", "hears music"), o.with(officeBo, officeAnna))
	bo("he takes the customer back", names(""), onButton("take_back"), pagetest.Shows("#said", "You have your customer back."), o.with(customer, officeBo), o.is("anna", callback.WrappingUp, callback.Available))
	bo("he speaks with her again", names("anna"), onButton("consult"), pagetest.Shows("#said", "hears music"), o.with(officeBo, officeAnna))
	bo("he puts both together", names(""), onButton("join"), o.with(customer, officeAnna))
	anna("her desk tells it", page.BringToFront(), pagetest.Shows("#storyname", "Maija"), o.is("bo", callback.WrappingUp, callback.Available))

	for _, call := range o.calls(customer) {
		o.sim.Hangup(call.SID)
	}
	anna("he hangs up, and it is over", o.is("anna", callback.WrappingUp, callback.Available))
	if err := o.sim.Settle(t.Context()); err != nil { // what it tells of the calls that are over is heard
		t.Error(err)
	}
	o.stop()
	o.end(t)
	for _, p := range o.sim.Problems() {
		t.Error(p)
	}
}
