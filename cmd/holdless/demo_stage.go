package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/booth"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/internal/sipline"
	"github.com/holdless/holdless/internal/sms"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/languages"
)

// The people and numbers of the demo. The numbers belong to nobody.
const (
	demoNumber   = "+358912345"
	demoCustomer = "+358401234567"
	demoQueue    = "billing"
	demoAgent    = "aino"
)

// stage is where the demo plays: the real service on loopback, a carrier, an
// agent's telephone, and a clock that can be moved on.
type stage struct {
	clock   *clock
	service *service
	carrier *phone.Phone // the trunk, with the customer behind it
	booth   *booth.Booth // the customer's telephone, in the browser; nil without a guest
	agent   *phone.Phone
	dir     string

	patience time.Duration // how long a player waits for his cue

	turns  map[part]chan ivr.Turn
	others map[callback.Phone]chan ivr.Turn // what each of the crowd is told
	rings  map[part]chan ringing
	texts  chan sms.Text

	mu  sync.Mutex
	out io.Writer
	at  string // the time that was printed last
}

// ringing is a call that waits to be taken.
type ringing struct {
	in    *phone.Incoming
	taken chan struct{} // closed when it was decided upon
}

// demoOptions is what can be chosen about the demo.
type demoOptions struct {
	speed   float64
	sip     string // where the service listens
	http    string
	carrier string        // where the carrier listens; with a guest, a telephone of his own instead of the booth
	guest   bool          // the reader telephones
	edit    func(*config) // what is unlike the demo of the command; nil for nothing
	cue     time.Duration // how long a player waits for his cue; 0 for a minute
	log     *slog.Logger
}

// newStage builds the stage. Call strike when the play is over.
func newStage(ctx context.Context, out io.Writer, o demoOptions) (*stage, error) {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		return nil, err
	}
	clearDemos(ctx, os.TempDir())
	dir, err := os.MkdirTemp("", demoDirs)
	if err != nil {
		return nil, fmt.Errorf("make a place for the demo: %w", err)
	}
	st := &stage{
		out: out, dir: dir, clock: newClock(zone, o.speed), patience: cmp.Or(o.cue, cueTime),
		turns: map[part]chan ivr.Turn{}, others: map[callback.Phone]chan ivr.Turn{}, rings: map[part]chan ringing{}, texts: make(chan sms.Text, 16),
	}
	for _, c := range crowd {
		if o.guest { // they are robots then
			st.others[c.number] = make(chan ivr.Turn, 64)
		}
	}
	for _, p := range []part{callerPart, agentPart, customerPart} {
		st.turns[p], st.rings[p] = make(chan ivr.Turn, 64), make(chan ringing, 4)
	}
	if err := st.build(ctx, o); err != nil {
		return nil, errors.Join(err, st.strike())
	}
	return st, nil
}

func (st *stage) build(ctx context.Context, o demoOptions) (err error) {
	with := parts{
		now: st.clock.now, tick: 50 * time.Millisecond, demo: true, texts: st.text,
		desk: func(d *callback.Desk) sipline.Desk { return &captions{d, st.told} },
	}
	if !o.guest || o.carrier == "" {
		answer := st.ring(customerPart)
		if o.guest {
			answer, o.carrier = st.exchange, "127.0.0.1:0"
			st.booth = st.newBooth(o.log)
			with.phone = st.booth.Handler()
		}
		st.carrier, err = phone.Open(phone.Config{Listen: o.carrier, User: "carrier", Answer: answer})
		if err != nil {
			return err
		}
		o.carrier = st.carrier.Addr()
	}
	if st.agent, err = phone.Open(phone.Config{Listen: "127.0.0.1:0", User: demoAgent, Answer: st.ring(agentPart)}); err != nil {
		return err
	}
	c := st.config(o)
	r := &reader{file: "demo"}
	if c.loadMenus(r); r.err() != nil {
		return r.err()
	}
	st.service, err = newService(ctx, c, o.log, with)
	return err
}

// config is that of the demo: one queue that is always at work, one agent.
func (st *stage) config(o demoOptions) config {
	c := defaults()
	c.Zone, c.Data = "Europe/Helsinki", st.dir
	c.Sounds.Cache = false
	c.Languages, c.Numbers = languages.Codes(), map[callback.Phone]callback.Route{}
	for _, n := range demoNumbers() {
		c.Numbers[callback.Phone(n.Number)] = callback.Route{Menu: "main", Queue: demoQueue, Lang: n.Lang}
	}
	c.Agents = map[string]callback.Agent{demoAgent: {Name: "Aino", Phone: st.agent.URI(), Languages: []string{"en"}}}
	c.Queues = map[string]callback.QueueConfig{demoQueue: {
		Agents: []string{demoAgent}, Hours: map[string]string{"mon-sun": "00:00-24:00"}, CallerID: demoNumber,
		Dialing: callback.AgentFirst, // with one agent one has to be kept anyway, and his side of it is the story
	}}
	c.SIP.Listen = []string{"udp:" + o.sip}
	c.SIP.Trunks = map[string]sipline.Trunk{"carrier": {Host: o.carrier, CallerID: demoNumber, Keepalive: time.Second}}
	c.HTTP.Listen, c.HTTP.Form.Queues = o.http, []string{demoQueue}
	c.SMS.From = demoNumber
	c.Callbacks.Bookings, c.Callbacks.Dials = 100, 100 // whoever tries the demo is one caller all day
	c.Survey.Consent, c.Survey.Talked = "assumed", 0   // a demo has no time to talk
	c.Drain = 0
	if o.edit != nil {
		o.edit(&c)
	}
	return c
}

// strike takes the stage down.
func (st *stage) strike() error {
	var errs []error
	for _, p := range []*phone.Phone{st.carrier, st.agent} {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	return errors.Join(append(errs, os.RemoveAll(st.dir))...)
}

// ring lets a telephone ring until somebody on the stage decides.
func (st *stage) ring(who part) func(context.Context, *phone.Incoming) {
	return func(ctx context.Context, in *phone.Incoming) {
		if err := in.Ring(); err != nil {
			return
		}
		r := ringing{in: in, taken: make(chan struct{})}
		select {
		case st.rings[who] <- r:
		default:
			return // nobody on the stage can take so many
		}
		select {
		case <-r.taken:
		case <-in.Gone():
		case <-ctx.Done():
		}
	}
}

func (st *stage) told(who part, number callback.Phone, t ivr.Turn) {
	if words := wordsOf(t); words != "" {
		st.line("holdless", "to the "+string(who)+": "+words)
		if st.booth != nil && who != agentPart && number == demoCustomer {
			st.booth.Said(t.Lang, words)
		}
	}
	if st.booth != nil && who == customerPart && number == demoCustomer && t.Connect != nil {
		st.booth.Tell("Aino is on the line. She is a robot, and hums. Hang up when you have heard enough.")
	}
	turns := st.turns[who]
	if other, ok := st.others[number]; ok && who == customerPart {
		turns = other
	}
	select {
	case turns <- t:
	default: // nobody listens to this part
	}
}

func (st *stage) text(t sms.Text) {
	st.line("text", "to "+string(t.To)+": "+t.Body)
	if st.booth != nil && t.To == demoCustomer {
		st.booth.Texted(t.Body)
	}
	select {
	case st.texts <- t:
	default:
	}
}

// line prints one line of the play, with the time when it has changed.
func (st *stage) line(who, what string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	at := st.clock.now().Format("Mon 15:04")
	if at == st.at {
		at = strings.Repeat(" ", len(at))
	} else {
		st.at = at
	}
	fmt.Fprintf(st.out, "%s  %-9s %s\n", at, who, visible(what))
}
