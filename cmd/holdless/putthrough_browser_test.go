package main

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/ivr"
)

// TestPutThroughByDeskInBrowser is an agent with a telephone who puts a customer through
// at her desk. She speaks with a colleague first and takes the customer back; then
// she speaks with him once more and puts both together, and writes up what came of it.
func TestPutThroughByDeskInBrowser(t *testing.T) {
	t.Parallel()
	bo := newColleague(t)
	st, aino, his := bo.beside(t)
	all, late := context.WithTimeout(t.Context(), 11*time.Minute)
	defer late()
	first := chromedp.Tasks{
		chromedp.Evaluate(`document.querySelector(".through").open = true; document.getElementById("through").value = "bo"`, nil),
		pagetest.Tap(`.through [value="consult"]`), pagetest.Shows("#said", "hears music"),
	}
	err := st.during(all, func(serving context.Context) error {
		st.comesIn(serving, aino, t, accounts.User{Name: "aino", Role: accounts.Agent, Agent: demoAgent})
		st.comesIn(serving, his, t, accounts.User{Name: "bo", Role: accounts.Agent, Agent: demoColleague})
		c, agent, customer := st.speakFromDesk(serving, aino, t)
		st.programAsks(serving, t, `{"do": "put_through", "to": "+358409999999"}`, http.StatusUnprocessableEntity) // which is on no list
		for _, deed := range []string{"take_back", "join"} {
			pagetest.Drive(aino, t, "she speaks first", first)
			in, err := bo.rung(serving)
			if err != nil {
				return err
			}
			call, err := in.Accept(serving)
			if err != nil {
				return err
			}
			if err := st.pressWhenAsked(serving, agentPart, call, "1"); err != nil {
				return err
			}
			if err := st.speak(serving, agent, call); err != nil {
				return err
			}
			pagetest.Drive(aino, t, "she says "+deed, pagetest.Tap(`.through [value="`+deed+`"]`))
			if deed == "take_back" {
				byes := func(t ivr.Turn) (bool, error) { return t.End, nil }
				if err := errors.Join(st.cueAmong(serving, st.turns[agentPart], agentPart, byes), over(serving, call), st.speak(serving, agent, customer)); err != nil {
					return err
				}
				continue
			}
			if err := errors.Join(st.pressWhenAsked(serving, agentPart, agent, "1"), st.end(serving, agentPart, agent), st.speak(serving, customer, call)); err != nil {
				return err
			}
			pagetest.Drive(his, t, "he has taken over", pagetest.Shows("#storyname", "Maija"),
				pagetest.Tap("#history summary"), pagetest.Shows("#history", "put through to Bo"), pagetest.Shows("#history", "was taken over"))
			pagetest.Drive(aino, t, "she says what came of it", pagetest.Shows("#story", "What came of it"),
				doing(func() error { return st.hangUp(serving, customerPart, customer) }), doing(func() error { return over(serving, call) }),
				pagetest.Tap(`.views a[data-view="done"]`), pagetest.Shows("#r-"+c.ID, "kept"))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// programAsks has a program ask for something in the call of the demo's agent.
func (st *stage) programAsks(ctx context.Context, t *testing.T, body string, want int) {
	t.Helper()
	key, err := st.service.accounts.AddKey(ctx, "crm", []accounts.Scope{accounts.WriteAgents}, "test")
	if err != nil {
		t.Fatal(err)
	}
	st.service.transfer(t, key, demoAgent, body, want)
}
