package sipline

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

const (
	aino       = "+358401234567"
	deskNumber = callback.Phone("+358912340000") // where agents call us
)

// An office is a line with the real desk behind it, the telephone of Anna, who is
// its one agent, and that of its customers, which the trunk leads to. Its clock
// stands still until the test moves it.
type office struct {
	*callback.Desk
	t     *testing.T
	line  *Line
	anna  *phone.Phone
	takes atomic.Bool // Anna takes the calls that she gets
	agent <-chan *phone.Call
	rung  <-chan *phone.Call // customers whom we have called
	now   atomic.Pointer[time.Time]
	told  chan ivr.Kind
}

// newOffice opens an office on a Monday at nine, whose customers are called in
// this order.
func newOffice(t *testing.T, order callback.Order) *office {
	t.Helper()
	o := &office{t: t, told: make(chan ivr.Kind, 64)}
	o.takes.Store(true)
	o.now.Store(new(time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)))
	customers, rung := answers(t)
	o.rung = rung
	o.openPhone()
	o.openDesk(order)
	c := Defaults()
	c.Listen = []string{"udp:127.0.0.1:0"}
	c.Trunks = map[string]Trunk{"carrier": {Host: customers.Addr(), Allow: []string{"127.0.0.1"}, MaxCalls: 10}}
	var err error
	if o.line, err = New(c, Ports{Desk: o, Voice: speaker{}, Now: o.Now, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	serve(t, o.line)
	return o
}

// openPhone puts a telephone on Anna's desk.
func (o *office) openPhone() {
	o.t.Helper()
	agents := make(chan *phone.Call, 4)
	takes := answering(o.t, agents)
	anna, err := phone.Open(phone.Config{Listen: "127.0.0.1:0", User: "anna", Answer: func(ctx context.Context, in *phone.Incoming) {
		if o.takes.Load() {
			takes(ctx, in)
		} else if err := in.Refuse(486, "Busy Here"); err != nil {
			o.t.Error(err)
		}
	}})
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() {
		if err := anna.Close(); err != nil {
			o.t.Error(err)
		}
	})
	o.anna, o.agent = anna, agents
}

func (o *office) openDesk(order callback.Order) {
	o.t.Helper()
	c := callback.Defaults()
	c.Zone, c.Callbacks.Permitted, c.Callbacks.AllowRegions = "UTC", "00:00-24:00", []string{"FI"}
	menu := callback.Route{Menu: "desk", Queue: "billing"}
	c.Numbers = map[callback.Phone]callback.Route{callback.StarCodes: menu, deskNumber: menu}
	c.Agents = map[string]callback.Agent{"anna": {Name: "Anna", Phone: o.anna.URI(), PIN: "471100"}}
	c.Queues = map[string]callback.QueueConfig{"billing": {
		Agents: []string{"anna"}, Hours: map[string]string{"mon-sun": "00:00-24:00"}, CallerID: linetest.Number, Dialing: order,
	}}
	d, err := callback.New(c)
	if err != nil {
		o.t.Fatal(err)
	}
	d.Store, d.Text, d.Boot, d.Alone = storetest.New(o.t), sounds.Text, "boot-1", true
	d.Log, d.Now = slog.New(slog.DiscardHandler), func() time.Time { return *o.now.Load() }
	d.Menus = map[string]*ivr.Menu{}
	for _, name := range []string{"main", "agent", "whisper", "customer", "desk", "survey"} {
		if d.Menus[name], err = ivr.Default(name); err != nil {
			o.t.Fatal(err)
		}
	}
	if err := d.Beat(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	o.Desk = d
}

// Next tells what happened in a talk, once the desk has taken it.
func (o *office) Next(ctx context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error) {
	t, err := o.Desk.Next(ctx, talk, turn, e)
	o.told <- e.Kind
	return t, err
}

func (o *office) pass(d time.Duration) {
	at := o.Now().Add(d)
	o.now.Store(&at)
}

func (o *office) dials(p *phone.Phone, number callback.Phone, from string) *phone.Call {
	o.t.Helper()
	c, err := p.Call(within(o.t), uri(o.line, string(number)), from)
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

// book promises to call Aino in half an hour.
func (o *office) book() callback.Callback {
	o.t.Helper()
	at := o.Now().Add(30 * time.Minute)
	c, err := o.Book(o.t.Context(), callback.Request{Queue: "billing", Phone: aino, At: at, Actor: "operator"})
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

// comes waits until a callback is in a state: it changes with what the desk is told.
func (o *office) comes(id string, want callback.State) []callback.Attempt {
	o.t.Helper()
	for {
		c, calls, err := o.Show(o.t.Context(), id)
		if err != nil {
			o.t.Fatal(err)
		}
		if c.State == want {
			return calls
		}
		wait(o.t, o.told, fmt.Sprintf("the callback is %s and not %s", c.State, want))
	}
}

func (o *office) does(want callback.AgentState) {
	o.t.Helper()
	team, err := o.Team(o.t.Context())
	if err != nil || len(team) != 1 || team[0].State != want {
		o.t.Errorf("the team is %+v, %v, want %s", team, err, want)
	}
}

// journalled counts entries of a kind.
func (o *office) journalled(kind string) (n int) {
	o.t.Helper()
	err := o.Store.View(o.t.Context(), func(tx callback.Tx) error {
		all, err := tx.Entries(0, 1000)
		for _, e := range all {
			if e.Kind == kind {
				n++
			}
		}
		return err
	})
	if err != nil {
		o.t.Error(err)
	}
	return n
}

func text(name, key string) string { return sounds.Text("en", ivr.Prompt{Name: name, Key: key}) }

// TestStarCodesAndPIN has Anna change what she does by star codes from her own
// telephone, sign in from another by her PIN, hear what there is to call today,
// and call it there and then.
func TestStarCodesAndPIN(t *testing.T) {
	t.Parallel()
	o := newOffice(t, callback.AgentFirst)
	booked := o.book()
	for _, tt := range []struct {
		code  callback.Phone
		hears string
		state callback.AgentState
	}{
		{"*2", "you_break", callback.OnBreak},
		{"*1", "you_available", callback.Available},
		{"*4", "you_offline", callback.Offline},
	} {
		c := o.dials(o.anna, tt.code, o.anna.URI())
		listens(t, c, text(tt.hears, ""))
		o.does(tt.state)
		wait(t, c.Done(), "goodbye by the line")
	}
	today := o.dials(o.anna, "*3", o.anna.URI())
	listens(t, today, text("press_call", "1"))
	if err := today.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	home := o.dials(telephone(t, nil), deskNumber, "+358405550000")
	listens(t, home, text("ask_pin", ""))
	press(t, home, "471100#")
	listens(t, home, text("press_agenda", "3"))
	press(t, home, "3")
	listens(t, home, text("press_call", "1"))
	o.comes(booked.ID, callback.BookedState)
	press(t, home, "1")
	listens(t, home, text("press_take", "1"))
	o.comes(booked.ID, callback.AgentReady)
	o.does(callback.OnCall)
	press(t, home, "1")
	customer := wait(t, o.rung, "customer")
	listens(t, customer, text("press_now", "1"))
	press(t, customer, "1")
	talkUntilHeard(t, home, customer, "hello from Anna")
	talkUntilHeard(t, customer, home, "hello from Aino")
	o.comes(booked.ID, callback.Connected)
	if err := customer.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	listens(t, home, text("ask_solved", ""))
	o.comes(booked.ID, callback.Wrapup)
	if err := home.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
}

// holding is Aino, whom we have called, and who holds the line: Anna was engaged
// when she was rung for her.
func (o *office) holding() (callback.Callback, *phone.Call) {
	o.t.Helper()
	c := o.book()
	o.pass(c.At.Sub(o.Now()))
	o.takes.Store(false)
	rings, err := o.Claim(o.t.Context(), 1)
	if err != nil || len(rings) != 1 {
		o.t.Fatalf("rings %+v, %v", rings, err)
	}
	dial := liveline.NewDialer(o.line.Holder())
	if err := dial.Dial(within(o.t), rings[0]); err != nil {
		o.t.Fatal(err)
	}
	customer := wait(o.t, o.rung, "customer")
	listens(o.t, customer, text("press_now", "1"))
	press(o.t, customer, "1")
	listens(o.t, customer, text("next_in_line", ""))
	o.comes(c.ID, callback.CustomerDialing)
	o.t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), patience) // that of the test is over
		defer stop()
		if err := dial.Drain(ctx); err != nil {
			o.t.Error(err)
		}
	})
	return c, customer
}

// TestCalledCustomerHolds has a customer hold the line after the key, and speak
// with the next agent who is free.
func TestCalledCustomerHolds(t *testing.T) {
	t.Parallel()
	o := newOffice(t, callback.CustomerFirst)
	c, customer := o.holding()
	o.takes.Store(true)
	o.pass(30 * time.Second) // who was engaged is left alone for a moment
	if _, err := o.Claim(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	agent := wait(t, o.agent, "agent")
	listens(t, agent, text("press_take", "1"))
	press(t, agent, "1")
	talkUntilHeard(t, agent, customer, "hello from Anna")
	talkUntilHeard(t, customer, agent, "hello from Aino")
	o.comes(c.ID, callback.Connected)
	if err := customer.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	calls := o.comes(c.ID, callback.Wrapup)
	if calls[0].Outcome != "spoke" || o.journalled("line.served") != 1 || o.journalled("call.abandoned") != 0 {
		t.Errorf("calls %+v", calls)
	}
}

// TestCalledCustomerGivesUp has a customer hang up while he holds the line: the
// call counts as abandoned, and he is called again.
func TestCalledCustomerGivesUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t, callback.CustomerFirst)
	c, customer := o.holding()
	if err := customer.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	calls := o.comes(c.ID, callback.RetryWait)
	if calls[0].Outcome != "abandoned" || o.journalled("line.left") != 1 || o.journalled("call.abandoned") != 1 {
		t.Errorf("calls %+v", calls)
	}
}
