package callback

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A Desk serves callers and agents, and keeps what was promised. It alone
// writes to the store. Its fields are set once, before use; [New] fills in
// those that come from the configuration.
type Desk struct {
	Store   Store
	Menus   map[string]*ivr.Menu // by Route.Menu; "agent", "whisper", "customer" and "survey" too
	Queues  map[string]*Queue
	Agents  map[string]Agent
	Numbers map[Phone]Route // the number that was dialled; "" for any other
	Rules   *Rules
	Policy  Policy
	Survey  Survey
	Text    func(lang string, p ivr.Prompt) string // the words of a prompt
	Now     func() time.Time
	Boot    string // names this process, never used before
	Host    string
	Alone   bool // nobody else uses the store: every other boot is dead
	Log     *slog.Logger

	once sync.Once
	wake chan struct{}
}

// A Route says who answers a number of ours, and with what.
type Route struct {
	Menu  string `yaml:"menu"`  // a shipped menu, or a file
	Queue string `yaml:"queue"` // who is behind it
}

// An Agent is a person who answers.
type Agent struct {
	Name      string   `yaml:"name"`
	Phone     string   `yaml:"phone"` // E.164 number or SIP URI
	Email     string   `yaml:"email"`
	Languages []string `yaml:"languages"`
}

// Answer begins a talk with someone who called us.
func (d *Desk) Answer(ctx context.Context, in Inbound) (ivr.Turn, error) {
	return ivr.Turn{}, ErrNotFound
}

// Next takes one event of a talk and returns what happens next. Turn is the
// number of the turn that the event answers, so that an event which is
// delivered twice is taken once and gets the same answer.
func (d *Desk) Next(ctx context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error) {
	return ivr.Turn{}, ErrNotFound
}

// Reply takes a text message. It reports false when nobody was expecting one.
func (d *Desk) Reply(ctx context.Context, in InText) (answered bool, err error) {
	return false, nil
}

// Claim takes up to limit due callbacks in hand, each with an agent who is free.
// What it returns must be rung at once.
func (d *Desk) Claim(ctx context.Context, limit int) ([]Ring, error) { return nil, nil }

// Unsent reports that nothing of a ring has left this machine.
func (d *Desk) Unsent(ctx context.Context, r Ring, cause error) error { return nil }

// Sent reports that the call of this name has left this machine.
func (d *Desk) Sent(ctx context.Context, ref string) error { return nil }

// ClaimMessages leases up to limit messages that are due.
func (d *Desk) ClaimMessages(ctx context.Context, limit int) ([]Message, error) { return nil, nil }

// Delivered reports how the sending of a claimed message ended.
func (d *Desk) Delivered(ctx context.Context, m Message, how Delivery, cause error) error {
	return nil
}

// NextDue returns when something is due next; zero when nothing is.
func (d *Desk) NextDue(ctx context.Context) (time.Time, error) { return time.Time{}, nil }

// Beat says that this process lives. It is called every few seconds.
func (d *Desk) Beat(ctx context.Context) error { return nil }

// Recover takes care of what dead processes had in hand.
func (d *Desk) Recover(ctx context.Context) error { return nil }

// Sweep does what time alone decides: holds that lapsed, promises that were
// missed, agents who have written their notes.
func (d *Desk) Sweep(ctx context.Context) error { return nil }

// Wake is told when something became due earlier than was known.
func (d *Desk) Wake() <-chan struct{} {
	d.once.Do(func() { d.wake = make(chan struct{}, 1) })
	return d.wake
}

// List finds callbacks.
func (d *Desk) List(ctx context.Context, f Filter) ([]Callback, error) { return nil, nil }

// Show returns a callback and the calls that were placed to keep it.
func (d *Desk) Show(ctx context.Context, id string) (Callback, []Attempt, error) {
	return Callback{}, nil, ErrNotFound
}

// Book promises a callback.
func (d *Desk) Book(ctx context.Context, r Request) (Callback, error) {
	return Callback{}, ErrTaken
}

// Move promises another time instead.
func (d *Desk) Move(ctx context.Context, id string, at time.Time, actor string) (Callback, error) {
	return Callback{}, ErrNotFound
}

// Cancel takes a promise back, because the customer wishes so.
func (d *Desk) Cancel(ctx context.Context, id, actor string) error { return ErrNotFound }

// Requeue has a callback that was interrupted tried again now.
func (d *Desk) Requeue(ctx context.Context, id, actor string) error { return ErrNotFound }

// Close ends a callback that no longer needs a call.
func (d *Desk) Close(ctx context.Context, id, actor, why string) error { return ErrNotFound }

// SetAgent makes an agent available, or not: Available, OnBreak or Offline.
func (d *Desk) SetAgent(ctx context.Context, agent string, s AgentState) error { return ErrNotFound }

// Team returns what every agent does now.
func (d *Desk) Team(ctx context.Context) ([]Status, error) { return nil, nil }

// Today returns the callbacks of a queue that are promised for today, or not
// yet kept; "" for all queues.
func (d *Desk) Today(ctx context.Context, queue string) ([]Callback, error) { return nil, nil }

// Free returns the times of a queue that are free now, soonest first.
func (d *Desk) Free(ctx context.Context, queue string) ([]time.Time, error) { return nil, nil }
