package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/booth"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/languages"
)

// A waiter is one of the others who wait for a call.
type waiter struct {
	number      callback.Phone
	name, topic string
	in          time.Duration // after the demo begins
	lang        string
	answer      string // to the survey
}

// crowd are the others who wait for a call today. The numbers belong to nobody.
var crowd = []waiter{
	{"+358401112201", "Maija (example)", "billing", 32 * time.Minute, "fi", "5"},
	{"+358402223302", "Petr (example)", "delivery", 62 * time.Minute, "cs", "2"},
	{"+358403334403", "Eleni (example)", "billing", 137 * time.Minute, "el", "4"},
	{"+358404445504", "Rhys (example)", "delivery", 242 * time.Minute, "cy", "5"},
	{"+358407778807", "Ioana (example)", "billing", 302 * time.Minute, "ro", "4"},
	{"+358408889908", "Astrid (example)", "delivery", 377 * time.Minute, "sv", "5"},
}

// seed books the callbacks of the others.
func (st *stage) seed(ctx context.Context) error {
	for _, c := range crowd {
		if err := st.wants(ctx, c, st.clock.now().Add(c.in)); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// wants books a callback for one of the crowd.
func (st *stage) wants(ctx context.Context, c waiter, at time.Time) error {
	_, err := st.service.desk.Book(ctx, callback.Request{Queue: demoQueue, Phone: c.number, Name: c.name, Topic: c.topic, Lang: c.lang, At: at.Truncate(15 * time.Minute)})
	return err
}

// waitersLeast is how many of the crowd always wait.
const waitersLeast = 3

// comeAgain has the crowd book again, one after the other, when few of it are
// left: whoever leaves the demo alone finds a day with calls in it.
func (st *stage) comeAgain(ctx context.Context) {
	for i := 0; rest(ctx, time.Second); i++ {
		c := crowd[i%len(crowd)]
		waiting, err := st.service.desk.List(ctx, callback.Filter{States: openStates})
		if err != nil || len(waiting) >= waitersLeast || slices.ContainsFunc(waiting, func(w callback.Callback) bool { return w.Phone == c.number }) {
			continue
		}
		if err := st.wants(ctx, c, st.inDaytime(c.in)); err != nil {
			st.service.log.Debug("nobody comes again", "err", err) // the time is taken: another comes in a second
		}
	}
}

// inDaytime is a while from now, or tomorrow when that is late.
func (st *stage) inDaytime(in time.Duration) time.Time {
	at := st.clock.now().Add(in)
	if from, to := 9, 19; at.Hour() < from || at.Hour() >= to {
		y, m, d := at.Date()
		if at.Hour() >= to {
			d++
		}
		at = time.Date(y, m, d, from, 30, 0, 0, at.Location()).Add(in % (8 * time.Hour))
	}
	return at
}

// newBooth makes the guest's telephone. It calls through the carrier, over SIP.
func (st *stage) newBooth(log *slog.Logger) *booth.Booth {
	return booth.New(booth.Config{
		Number: demoCustomer, Dial: demoNumbers(), Texts: "/demo/sms", Now: st.clock.now, Log: log, Pace: st.clock.limit, Hurry: st.clock.allow,
		Next: st.nextCall, Still: accounts.Still,
		Call: func(ctx context.Context, number string) (*phone.Call, error) {
			return st.carrier.Call(ctx, "sip:"+number+"@"+st.service.line.Addrs()[0].String(), demoCustomer)
		},
	})
}

// demoNumbers are what the guest can call: one for each language.
func demoNumbers() (all []booth.Number) {
	for i, l := range languages.All() {
		number := demoNumber
		if i > 0 {
			number += strconv.Itoa(i)
		}
		all = append(all, booth.Number{Number: number, Lang: l.Code, Name: l.Name})
	}
	return all
}

// nextCall is when the guest is called next, zero for never.
func (st *stage) nextCall(ctx context.Context) (time.Time, error) {
	list, err := st.service.desk.List(ctx, callback.Filter{Phone: demoCustomer, States: openStates})
	if err != nil || len(list) == 0 {
		return time.Time{}, err
	}
	return list[0].DueAt, nil
}

// exchange puts a call of the service through: to the guest, or to somebody of
// the crowd.
func (st *stage) exchange(ctx context.Context, in *phone.Incoming) {
	if in.To() == demoCustomer {
		st.booth.Ring(ctx, in)
		return
	}
	if err := in.Ring(); err != nil || !rest(ctx, time.Second) {
		return
	}
	turns := drained(st.others[callback.Phone(in.To())])
	if call, err := in.Accept(ctx); err == nil {
		go st.beCustomer(ctx, call, turns)
	}
}

// beCustomer is a robot who takes the call, speaks for a while when it is asked
// to press a key, and hangs up.
func (st *stage) beCustomer(ctx context.Context, call *phone.Call, turns <-chan ivr.Turn) {
	err := st.cueAmong(ctx, turns, customerPart, func(t ivr.Turn) (bool, error) { return t.Listen != nil, nil })
	if err == nil && st.hears(ctx, customerPart, call) == nil && call.Press(ctx, "1") == nil {
		rest(ctx, 6*time.Second)
	}
	_ = call.Hangup(ctx) // the service may have hung up first
}

// rest waits, and reports whether nothing has ended meanwhile.
func rest(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// crowdAnswers answers the surveys of the crowd; the guest answers his own.
func (st *stage) crowdAnswers(ctx context.Context) {
	for {
		select {
		case t := <-st.texts:
			for _, c := range crowd {
				if t.To != c.number || !st.asks(ctx, t.ID) {
					continue
				}
				if _, err := st.service.texts.Answer(ctx, c.number, c.answer); err != nil {
					st.line("customer", "cannot answer: "+err.Error())
				}
			}
		case <-ctx.Done():
			return
		}
	}
}
