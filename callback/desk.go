package callback

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/ivr"
)

// A Desk serves callers and agents, and keeps what was promised. It alone
// writes to the store. Its fields are set once, before use; [New] fills in
// those that come from the configuration.
type Desk struct {
	Store     Store
	Menus     map[string]*ivr.Menu // by Route.Menu; "agent", "whisper", "customer" and the survey's too; see Use
	Queues    map[string]*Queue
	Agents    map[string]Agent
	VIPs      []Phone
	Numbers   map[Phone]Route // by the number that was dialled; [AnyNumber] for the rest
	Rules     *number.Rules
	Policy    Policy
	Limits    Limits
	Transfers Transfers
	Survey    Survey
	Pulse     Pulse
	Lang      string                                 // spoken with whoever chose none; "" for the menu's first
	Text      func(lang string, p ivr.Prompt) string // the words of a prompt
	// TextsPerSecond is how many texts leave in a second, sent by whatever process; 0 for no bound.
	TextsPerSecond float64
	// Messages is as how many a text is billed; nil for always one.
	Messages func(body string) int
	Link     func(Callback) string // the page of a callback; nil while there is none
	// SurveyLink is the page of a survey, by its talk, until it is over; nil while there is none.
	SurveyLink func(talk string, until time.Time) string
	Mailbox    Mailbox // what callers have said; nil when nobody can leave a message
	Studio     Studio  // what callers hear; nil when nobody can record it
	Now        func() time.Time
	NewID      func() string // names that nobody can guess
	Boot       string        // names this process, never used before
	Host       string
	Alone      bool // nobody else uses the store: every other boot is dead
	Log        *slog.Logger

	zone      *time.Location // where the service is
	permitted opening.Window // when people may be called
	quiet     opening.Window // when nobody is texted unasked
	places    number.Atlas
	live      memory
	shifts    map[string]opening.Hours // of agents who have hours of their own
	works     works
	bases     bases
	shown     atomic.Pointer[MenuSet] // instead of Menus, since Use
	texts     older
	rezoned   atomic.Bool
	once      sync.Once
	wake      chan struct{}
	news      chan struct{}
}

// AnyNumber stands in Desk.Numbers for the numbers that are not there.
const AnyNumber Phone = "any"

// The menus that the desk itself begins. A service may have its own.
const (
	agentMenu    = "agent"
	customerMenu = "customer"
	whisperMenu  = "whisper"
	deskMenu     = "desk"
)

// Wake receives when something became due earlier than was known, or an agent
// became free.
func (d *Desk) Wake() <-chan struct{} {
	d.once.Do(func() { d.wake, d.news = make(chan struct{}, 1), make(chan struct{}, 1) })
	return d.wake
}

// News receives when this process has changed a callback or an agent. It is for
// one reader, who also looks from time to time what others have done.
func (d *Desk) News() <-chan struct{} {
	d.Wake()
	return d.news
}

// nudge tells whoever listens to Wake, and to News.
func (d *Desk) nudge() {
	d.Wake()
	for _, heard := range []chan struct{}{d.wake, d.news} {
		select {
		case heard <- struct{}{}:
		default:
		}
	}
}

// again is how often a change is tried that somebody else came before.
const again = 8

// update runs fn in one transaction. When somebody else changed the same thing
// first, it looks again and decides anew.
func (d *Desk) update(ctx context.Context, fn func(Tx) error) error {
	var err error
	var w watched
	for range again {
		err = d.Store.Update(ctx, func(tx Tx) error {
			w = watched{Tx: tx, desk: d}
			return fn(&w)
		})
		if !errors.Is(err, ErrMoved) && !errors.Is(err, ErrBooked) && !errors.Is(err, ErrKnown) {
			break
		}
	}
	if err == nil && w.touched {
		d.nudge()
	}
	if err == nil {
		d.live.over(w.ended)
		d.report(w.ended)
		w.after()
	}
	return err
}

// report writes the one line that a call leaves in the log.
func (d *Desk) report(ended []Talk) {
	for _, t := range ended {
		d.Log.Info("call ended", "line", t.Line, "talk", t.ID, "menu", t.Menu, "node", t.State.Node,
			"outcome", t.outcome(), "dur", t.EndedAt.Sub(t.BeganAt).Round(time.Millisecond))
	}
}

// watched is a transaction that notices when something may have become due, or
// an agent free, and which calls have ended.
type watched struct {
	Tx
	desk    *Desk
	touched bool
	ended   []Talk
	then    []func()
}

// afterwards has something done once all of this is stored, and only then.
func (w *watched) afterwards(do func()) { w.then = append(w.then, do) }

func (w *watched) after() {
	for _, do := range w.then {
		do()
	}
}

// PutTalk stores a talk that is over once: events that come later change it no
// more.
func (w *watched) PutTalk(t Talk) error {
	if t.Closed && t.Line != textLine {
		w.ended = append(w.ended, t)
	}
	return w.Tx.PutTalk(t)
}

func (w *watched) AddCallback(c Callback) error {
	w.touched = true
	if err := w.Tx.AddCallback(c); err != nil || c.State != BookedState {
		return err
	}
	if err := w.desk.promisedAnew(w, c); err != nil {
		return err
	}
	return w.desk.invite(w, Callback{}, c)
}

func (w *watched) MoveCallback(c Callback, from State) error {
	w.touched = true
	if !w.desk.invites() {
		return w.Tx.MoveCallback(c, from)
	}
	was, err := w.Callback(c.ID)
	if err != nil {
		return err
	}
	if err := w.Tx.MoveCallback(c, from); err != nil {
		return err
	}
	c.Version++ // as the store has it now
	return w.desk.invite(w, was, c)
}

func (w *watched) PutWaiter(one Waiter) error {
	w.touched = w.touched || one.Ready
	return w.Tx.PutWaiter(one)
}

func (w *watched) AddMessage(m Message) error {
	w.touched = true
	return w.Tx.AddMessage(m)
}

func (w *watched) PutStatus(s Status) error {
	w.touched = true
	if err := w.desk.measureAgent(w, s); err != nil {
		return err
	}
	return w.Tx.PutStatus(s)
}

// move takes a callback from one state to the next, and writes that down. It
// is the one place in which the state of a callback changes.
func (d *Desk) move(tx Tx, c *Callback, why Cause, actor string) error {
	from := c.State
	to, ok := from.After(why)
	if !ok {
		return fmt.Errorf("callback %s is %s: %s: %w", c.ID, from, why, ErrMoved)
	}
	c.State, c.UpdatedAt = to, d.Now()
	if !to.InFlight() {
		c.Boot = ""
	}
	if err := tx.MoveCallback(*c, from); err != nil {
		return fmt.Errorf("callback %s, %s: %w", c.ID, why, err)
	}
	c.Version++
	return errors.Join(d.record(tx, *c, "callback."+string(to), string(why), actor), d.verdict(tx, *c, why))
}

// record writes a line of the journal about a callback.
func (d *Desk) record(tx Tx, c Callback, kind, name, actor string) error {
	return tx.Record(Entry{
		At: d.Now(), Kind: kind, Callback: c.ID, Talk: c.Talk, Queue: c.Queue, Phone: c.Phone,
		Actor: actor, Name: name, Value: c.At.UTC().Format(time.RFC3339),
	})
}

// task asks a person to look at a callback that the machine can do nothing
// more for. It is on the list of the day until somebody closes it.
func (d *Desk) task(tx Tx, c Callback, why string) error {
	return d.record(tx, c, "task", why, "desk")
}
