package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/internal/phone"
)

// A colleague is another agent, whose telephone the test has in its hand.
type colleague struct {
	*phone.Phone
	rings chan *phone.Incoming
}

const demoColleague = "bo"

// newColleague opens the telephone of a colleague.
func newColleague(t *testing.T) colleague {
	t.Helper()
	c := colleague{rings: make(chan *phone.Incoming, 4)}
	var err error
	c.Phone, err = phone.Open(phone.Config{Listen: "127.0.0.1:0", User: demoColleague, Answer: func(_ context.Context, in *phone.Incoming) {
		if in.Ring() == nil {
			c.rings <- in
		}
		<-in.Gone()
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// beside opens the stage of the demo with him beside the agent that it has: people sign
// in, she in one browser and he in another.
func (c colleague) beside(t *testing.T) (st *stage, hers, his context.Context) {
	t.Helper()
	st, err := newStage(t.Context(), t.Output(), demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", carrier: "127.0.0.1:0", cue: patience, log: quiet(), edit: c.joins,
	})
	if err != nil {
		t.Fatal(err)
	}
	st.service.accounts.Guest = nil // people sign in
	hers = pagetest.Browser(t)
	return st, hers, pagetest.Another(hers, t)
}

// joins makes him one of the team, whose telephones may dial star codes.
func (c colleague) joins(conf *config) {
	conf.Numbers[callback.StarCodes] = callback.Route{Menu: "desk", Queue: demoQueue}
	trunk := conf.SIP.Trunks["carrier"]
	trunk.Allow = []string{"127.0.0.1"}
	conf.SIP.Trunks["carrier"] = trunk
	conf.Agents[demoColleague] = callback.Agent{Name: "Bo", Phone: c.URI(), Languages: []string{"en"}}
	q := conf.Queues[demoQueue]
	q.Agents = append(q.Agents, demoColleague)
	conf.Queues[demoQueue] = q
}

// rung waits until his telephone rings.
func (c colleague) rung(ctx context.Context) (*phone.Incoming, error) {
	select {
	case in := <-c.rings:
		return in, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// through has the other end of a call put through to somebody. It is declined
// until the two have been joined, a moment after the key.
func through(ctx context.Context, call *phone.Call, to string) error {
	for {
		err := call.Transfer(ctx, to)
		if _, declined := errors.AsType[*phone.RefusedError](err); !declined || !rest(ctx, 100*time.Millisecond) {
			return err
		}
	}
}

// taken waits until whoever was asked has taken the person over.
func taken(ctx context.Context, call *phone.Call) error {
	for {
		select {
		case code := <-call.News():
			switch {
			case code >= 300:
				return &phone.RefusedError{Code: code}
			case code >= 200:
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// TestTransferInBrowser is a customer who is put through: an agent calls him
// from her desk and has her telephone put him through to a colleague, on whose
// desk the story opens before he has picked up. He speaks with the customer while
// she writes up what came of it, and has a break by a star code.
func TestTransferInBrowser(t *testing.T) {
	t.Parallel()
	bo := newColleague(t)
	st, aino, his := bo.beside(t)
	all, late := context.WithTimeout(t.Context(), 11*time.Minute)
	defer late()
	err := st.during(all, func(serving context.Context) error {
		st.comesIn(serving, aino, t, accounts.User{Name: "aino", Role: accounts.Agent, Agent: demoAgent})
		st.comesIn(serving, his, t, accounts.User{Name: "bo", Role: accounts.Agent, Agent: demoColleague})
		c, agent, customer := st.speakFromDesk(serving, aino, t)
		if err := through(serving, agent, "sip:"+demoColleague+"@127.0.0.1"); err != nil {
			return err
		}
		in, err := bo.rung(serving)
		if err != nil {
			return err
		}
		pagetest.Drive(his, t, "the story opens at the colleague’s", pagetest.Shows("#storyname", "Maija"))
		call, err := in.Accept(serving)
		if err != nil {
			return err
		}
		pagetest.Drive(his, t, "he takes over", doing(func() error { return st.pressWhenAsked(serving, agentPart, call, "1") }),
			doing(func() error { return taken(serving, agent) }), doing(func() error { return st.speak(serving, call, customer) }),
			pagetest.Tap("#history summary"), pagetest.Shows("#history", "put through to Bo · Aino"), pagetest.Shows("#history", "was taken over"))
		pagetest.Drive(aino, t, "she says what came of it", doing(func() error { return st.pressWhenAsked(serving, agentPart, agent, "1") }),
			doing(func() error { return st.end(serving, agentPart, agent) }), pagetest.Shows("#story", "What came of it"),
			pagetest.Tap(`#story input[value="passed_on"]`), chromedp.SendKeys("#outcomewords", "Bo knows the contract"), pagetest.Tap(`#story [data-do="outcome"]`), pagetest.Shows("#said", "Written up."))
		pagetest.Drive(his, t, "he reads it while he speaks", doing(func() error { return st.speak(serving, call, customer) }), pagetest.Shows("#story .lines", "Bo knows the contract"),
			doing(func() error { return st.hangUp(serving, customerPart, customer) }), doing(func() error { return over(serving, call) }))
		pagetest.Drive(aino, t, "it is kept", pagetest.Tap(`.views a[data-view="done"]`), pagetest.Shows("#r-"+c.ID, "kept"))
		for _, tt := range [][2]string{{"*2", "break"}, {"*1", "available"}} {
			if err := st.dials(serving, tt[0]); err != nil {
				return err
			}
			pagetest.Drive(aino, t, tt[0]+" shows", pagetest.Holds(`document.querySelector('.states [value="`+tt[1]+`"]').getAttribute("aria-pressed") === "true"`))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// dials has the agent call a star code, and hear what it did.
func (st *stage) dials(ctx context.Context, code string) error {
	call, err := st.agent.Call(ctx, "sip:"+code+"@"+st.service.line.Addrs()[0].String(), st.agent.URI())
	if err != nil {
		return fmt.Errorf("dial %s: %w", code, err)
	}
	return over(ctx, call)
}

// over waits until the other end has hung up.
func over(ctx context.Context, call *phone.Call) error {
	select {
	case <-call.Done():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
