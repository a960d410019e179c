package main

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/pagetest"
)

// Two desks stand open beside each other, in one browser, of two agents who work
// for the same queue.
type twoDesks struct {
	*testing.T
	*stage
	hers, his context.Context
	row       string // of the promise that goes from one to the other
}

// comeIn opens both desks, which count the sounds they make.
func (d *twoDesks) comeIn(serving context.Context) {
	d.Helper()
	for tab, u := range map[context.Context]accounts.User{
		d.hers: {Name: "aino", Role: accounts.Agent, Agent: demoAgent}, d.his: {Name: "bo", Role: accounts.Agent, Agent: demoColleague},
	} {
		pagetest.Drive(tab, d.T, "count sounds", pagetest.Still(), pagetest.Script(`window.beeps = 0; window.AudioContext = class { constructor() { window.beeps++; } };`))
		d.comesIn(serving, tab, d.T, u)
	}
}

// she has the first of the two do something at her desk.
func (d *twoDesks) she(what string, do ...chromedp.Action) {
	d.Helper()
	pagetest.Drive(d.hers, d.T, what, append([]chromedp.Action{page.BringToFront()}, do...)...)
}

// he has the other.
func (d *twoDesks) he(what string, do ...chromedp.Action) {
	d.Helper()
	pagetest.Drive(d.his, d.T, what, append([]chromedp.Action{page.BringToFront()}, do...)...)
}

// stands waits until both desks show, by themselves, how the promise stands, and
// whose it is.
func (d *twoDesks) stands(words, owner string) {
	d.Helper()
	for tab, agent := range map[context.Context]string{d.hers: demoAgent, d.his: demoColleague} {
		mine := "!"
		if agent == owner {
			mine = "!!"
		}
		pagetest.Drive(tab, d.T, "for "+agent+" it "+words, pagetest.Holds("document.querySelector(`"+d.row+" .stands`)?.textContent === `"+words+"`"),
			pagetest.Holds(mine+"document.querySelector(`"+d.row+".mine`)"))
	}
}

// handsOver goes with keys to whom it is for, and from there to the button.
func handsOver(choose ...string) chromedp.Action {
	return chromedp.Tasks{
		pagetest.Holds("document.getElementById(`story`).hidden || document.querySelector(`#story [data-do=hand]`)"), pagetest.Keys("h"), focused("#handto"), pagetest.Keys(choose...),
		pagetest.Keys(kb.Tab), focused("[data-do=hand]"), pagetest.Keys(kb.Enter), pagetest.Shows("#said", "Handed over."),
	}
}

// TestHandOverInBrowser is a promise that one agent takes, hands over to another
// and to the team, and takes back both: their desks show it as it happens, and its
// history tells it. What is late, and rings, is told to whom it belongs alone.
func TestHandOverInBrowser(t *testing.T) {
	t.Parallel()
	bo := newColleague(t)
	st, err := newStage(t.Context(), t.Output(), demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", carrier: "127.0.0.1:0", cue: patience, log: quiet(), edit: bo.joins,
	})
	if err != nil {
		t.Fatal(err)
	}
	st.service.accounts.Guest = nil // people sign in
	st.clock.pace(0)                // undo is for ten seconds, which are long on a busy machine
	d := &twoDesks{T: t, stage: st, hers: pagetest.Browser(t)}
	d.his = pagetest.Another(d.hers, t)
	all, late := context.WithTimeout(t.Context(), 11*time.Minute)
	defer late()
	err = st.during(all, func(serving context.Context) error {
		d.comeIn(serving)
		c, err := st.service.desk.Book(serving, callback.Request{
			Queue: demoQueue, Phone: crowd[1].number, Name: crowd[1].name, Topic: "billing", Lang: "en", At: st.clock.now().Add(time.Hour).Truncate(15 * time.Minute),
		})
		if err != nil {
			return err
		}
		d.row = "#r-" + c.ID
		d.handOver()
		d.isLate(c)
		st.clock.pace(1)
		d.he("he takes calls again, and his telephone rings", pagetest.Tap(`.states [value="available"]`), doing(func() error { _, err := bo.rung(serving); return err }),
			pagetest.Shows("#said", "about to ring"), pagetest.Shows("#storyname", "Petr"), pagetest.Holds("window.beeps > 0"))
		d.she("hers does not", pagetest.Shows(d.row, "Bo"), pagetest.Holds("document.querySelector(`"+d.row+"`).dataset.k === `a`"), pagetest.Holds("window.beeps === 0"))
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// handOver gives the promise from hand to hand.
func (d *twoDesks) handOver() {
	d.Helper()
	undo := chromedp.Tasks{pagetest.Keys("u"), pagetest.Shows("#said", "Undone.")}
	d.stands("waits", "")
	d.she("she takes it", pagetest.Focus(d.row+" a"), pagetest.Keys("t"), pagetest.Shows("#said", "It is yours."))
	d.stands("waits · Aino", demoAgent)
	d.he("he cannot", pagetest.Holds("document.querySelector(`"+d.row+" button[hidden][data-do=call]`) || !document.querySelector(`"+d.row+" [data-do=call]`)"))
	d.she("she hands it over to him", pagetest.Focus(d.row+" a"), handsOver())
	d.stands("waits · Bo", demoColleague)
	d.she("and takes that back", undo)
	d.stands("waits · Aino", demoAgent)
	d.she("she hands it over to the team", handsOver(kb.End))
	d.stands("waits", "")
	d.she("and takes that back", undo)
	d.stands("waits · Aino", demoAgent)
	d.she("after all it is for him", handsOver())
	d.clock.jump(d.clock.now().Add(callback.UndoTime))
	d.she("ten seconds later it stays", chromedp.Evaluate("document.activeElement.blur()", nil), pagetest.Keys("u"), pagetest.Shows("#said", "ten seconds are over"))
	d.stands("waits · Bo", demoColleague)
	d.he("he reads how it came to him", pagetest.Tap(d.row+" a"), pagetest.Shows("#storyname", "Petr"), pagetest.Tap("#history summary"),
		pagetest.Shows("#history", "handed over to Bo · Aino"), pagetest.Shows("#history", "handed over to the team · Aino"), pagetest.Shows("#history", "undone: handed over · Aino"))
}

// isLate has nobody free when it is due: the one to whom it belongs sees that
// in the title of his window.
func (d *twoDesks) isLate(c callback.Callback) {
	d.Helper()
	rests := chromedp.Tasks{pagetest.Tap(`.states [value="break"]`), pagetest.Holds(`document.querySelector('.states [value="break"]').getAttribute("aria-pressed") === "true"`)}
	d.she("she has a break", rests)
	d.he("so has he", rests)
	d.clock.jump(c.At.Add(time.Minute))
	d.he("his row is late", pagetest.Shows(d.row, "1 min late"), pagetest.Holds("document.title.startsWith(`(1) `)"))
	d.she("for her it is another’s", pagetest.Shows(d.row, "1 min late"), pagetest.Holds("!document.title.startsWith(`(`)"))
}
