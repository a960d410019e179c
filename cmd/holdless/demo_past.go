package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A bygone is a callback of the days before the demo begins, and of its morning:
// the desk, the wall and the reports have something to show.
type bygone struct {
	days         int    // ago
	at           string // the promised time
	name, topic  string
	lang         string
	late         time.Duration // that the agent was busy with somebody else
	spoke        time.Duration // 0 for who did not pick up, and needs no call any more
	answer, note string
}

// past is what happened, in its order.
var past = []bygone{
	{2, "10:00", "Anna (example)", "billing", "fi", 0, 3 * time.Minute, "5", "Sent the invoice of October again."},
	{2, "11:00", "Jan (example)", "delivery", "cs", 0, 5 * time.Minute, "4", ""},
	{2, "12:30", "Eleni (example)", "billing", "el", 0, 2 * time.Minute, "5", "Direct debit from January on."},
	{2, "14:00", "Rhys (example)", "delivery", "cy", 40 * time.Minute, 6 * time.Minute, "4", "Parcel was at the neighbours'."},
	{2, "15:30", "Ioana (example)", "billing", "ro", 0, 4 * time.Minute, "5", ""},
	{1, "10:00", "Eero (example)", "delivery", "fi", 0, 4 * time.Minute, "4", ""},
	{1, "10:30", "Lenka (example)", "billing", "cs", 0, 2 * time.Minute, "5", "Wants invoices by mail."},
	{1, "11:30", "Nikos (example)", "delivery", "el", 0, 0, "", "Has his parcel by now."},
	{1, "13:00", "Dylan (example)", "billing", "cy", 0, 7 * time.Minute, "3", ""},
	{1, "14:30", "Mihai (example)", "delivery", "ro", 0, 3 * time.Minute, "5", ""},
	{0, "09:00", "Olga (example)", "billing", "en", 0, 4 * time.Minute, "5", "Sent the invoice again, with the reference."},
	{0, "09:30", "Paul (example)", "delivery", "en", 0, 6 * time.Minute, "2 had to call twice", "The second parcel of the order is still missing."},
}

// live has the past happen, and leaves the clock where the demo begins. Nobody
// telephones: the desk is told what lines would tell it.
func (st *stage) live(ctx context.Context) error {
	begins := st.clock.now()
	st.clock.back(begins.AddDate(0, 0, -past[0].days).Add(-time.Hour))
	for i, b := range past {
		at, err := time.ParseInLocation("2006-01-02 15:04", begins.AddDate(0, 0, -b.days).Format("2006-01-02 ")+b.at, begins.Location())
		if err != nil {
			return err
		}
		number := callback.Phone(fmt.Sprintf("+3584055566%02d", i)) // of nobody
		if known := slices.IndexFunc(crowd, func(c waiter) bool { return c.name == b.name }); known >= 0 {
			number = crowd[known].number
		}
		if err := st.lived(ctx, b, number, at); err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
	}
	st.clock.jump(begins)
	return nil
}

// lived promises a call, keeps the promise, or not, and asks how it was.
func (st *stage) lived(ctx context.Context, b bygone, number callback.Phone, at time.Time) error {
	desk := st.service.desk
	st.clock.jump(at.Add(-20 * time.Minute))
	c, err := desk.Book(ctx, callback.Request{Queue: demoQueue, Phone: number, Name: b.name, Topic: b.topic, Lang: b.lang, At: at})
	if err != nil {
		return err
	}
	if err := st.textsLeft(ctx); err != nil {
		return err
	}
	st.clock.jump(at.Add(b.late))
	if err := st.spoken(ctx, b); err != nil {
		return err
	}
	if c, _, err = desk.Show(ctx, c.ID); err != nil {
		return err
	}
	deed := callback.Act{Do: callback.DoOutcome, Callback: c.ID, Version: c.Version, Actor: "agent:" + demoAgent, Agent: demoAgent, To: "solved", Words: b.note}
	if b.spoke == 0 {
		deed.Do, deed.To = callback.DoCancel, ""
	}
	if _, err := desk.Act(ctx, deed); err != nil {
		return err
	}
	st.clock.jump(st.clock.now().Add(4 * time.Minute))
	if err := st.textsLeft(ctx); err != nil || b.answer == "" {
		return err
	}
	if answered, err := st.service.texts.Answer(ctx, number, b.answer); err != nil || !answered {
		return fmt.Errorf("the answer is taken: %t, %w", answered, err)
	}
	return st.textsLeft(ctx)
}

// spoken has the promise that is due kept, as far as the customer picks up.
func (st *stage) spoken(ctx context.Context, b bygone) error {
	desk := st.service.desk
	if err := desk.Sweep(ctx); err != nil {
		return err
	}
	rings, err := desk.Claim(ctx, 1)
	if err != nil || len(rings) != 1 {
		return fmt.Errorf("%d calls are due: %w", len(rings), err)
	}
	if err := desk.Sent(ctx, rings[0].Ref); err != nil {
		return err
	}
	agent := &side{st: st, talk: rings[0].Talk}
	agent.tell(ctx, ivr.Event{Kind: ivr.Begin}, ivr.Event{Kind: ivr.Heard, Text: "1"})
	if agent.err != nil || agent.turn.Connect == nil {
		return fmt.Errorf("nobody is called: %w", agent.err)
	}
	if b.spoke == 0 {
		agent.tell(ctx, ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)})
		return agent.err
	}
	customer := &side{st: st, talk: agent.turn.Connect.Talk}
	customer.tell(ctx, ivr.Event{Kind: ivr.Begin}, ivr.Event{Kind: ivr.Heard, Text: "1"})
	st.clock.jump(st.clock.now().Add(b.spoke))
	customer.tell(ctx, ivr.Event{Kind: ivr.Spoke}, ivr.Event{Kind: ivr.Gone})
	agent.tell(ctx, ivr.Event{Kind: ivr.Spoke}, ivr.Event{Kind: ivr.Heard, Text: "1"})
	if customer.err != nil {
		return customer.err
	}
	return agent.err
}

// A side is one talk of a call that is over.
type side struct {
	st   *stage
	talk string
	turn ivr.Turn
	err  error
}

// tell tells the desk what happened in it.
func (s *side) tell(ctx context.Context, all ...ivr.Event) {
	for _, e := range all {
		if s.err == nil {
			s.turn, s.err = s.st.service.desk.Next(ctx, s.talk, s.turn.No, e)
		}
	}
}

// textsLeft has the texts that are due leave, for nobody to read.
func (st *stage) textsLeft(ctx context.Context) error {
	due, err := st.service.desk.ClaimMessages(ctx, 100)
	if err != nil {
		return err
	}
	for _, m := range due {
		if err := st.service.desk.Delivered(ctx, m, callback.Delivered, nil); err != nil {
			return err
		}
	}
	return nil
}
