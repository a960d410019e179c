package callback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/holdless/holdless/callback/number"
)

// A Deed is what a person can do with a callback at the desk.
type Deed string

// The deeds.
const (
	DoClaim   Deed = "claim"   // it is mine
	DoRelease Deed = "release" // it is the team's again
	DoCall    Deed = "call"    // now, and not when it is due
	DoSnooze  Deed = "snooze"  // ten minutes later than it is due
	DoMove    Deed = "move"    // another time is promised
	DoCancel  Deed = "cancel"  // the customer wants no call
	DoHand    Deed = "hand"    // it is somebody else's
	DoNote    Deed = "note"    // something to remember
	DoOutcome Deed = "outcome" // what came of the call
)

// What may keep a person from a deed.
var (
	ErrChanged = errors.New("it has changed since it was looked at")
	ErrOwned   = errors.New("it belongs to another agent")
	ErrTeam    = errors.New("that agent is not in the team of this queue")
	ErrAway    = errors.New("the agent is not available")
	ErrHours   = errors.New("the customer may not be called at this hour")
	ErrBreaks  = errors.New("that breaks the promise, and the customer has to be told")
	ErrWords   = errors.New("it needs words")
	ErrTooLate = errors.New("it cannot be undone any more")
)

// An Act is one deed of one person.
type Act struct {
	Do       Deed
	Callback string
	Version  int64     // of the callback as the person saw it
	Actor    string    // who does it, for the journal
	Agent    string    // the same as an agent; "" for who is none
	Any      bool      // he may do so with what belongs to others
	At       time.Time // DoMove: the new time; DoOutcome: that of a next call, zero for none
	To       string    // DoHand: an agent, "" for the team; DoOutcome: one of [Results]
	Words    string    // DoCancel: why; DoNote, DoOutcome: what to remember
	Tell     bool      // DoSnooze: the customer may be told a later time
}

// Results are what can come of a call.
func Results() []string {
	return []string{"solved", "follow_up", "passed_on", "not_reached", "other"}
}

// A deed is how a [Deed] is done.
type deed struct {
	do    func(*Desk, Tx, *Callback, Act) error
	waits bool // only while nobody is being rung
	mine  bool // only with what is one's own, or nobody's
	late  bool // also when the callback has changed meanwhile
	back  bool // it can be undone
}

var deeds = map[Deed]deed{
	DoClaim:   {do: (*Desk).ownIt, waits: true, mine: true, back: true},
	DoRelease: {do: (*Desk).disownIt, waits: true, mine: true, back: true},
	DoCall:    {do: (*Desk).callIt, waits: true, mine: true, back: true},
	DoSnooze:  {do: (*Desk).snoozeIt, waits: true, mine: true, back: true},
	DoMove:    {do: (*Desk).moveIt, waits: true, mine: true, back: true},
	DoCancel:  {do: (*Desk).cancelIt, waits: true, mine: true, back: true},
	DoHand:    {do: (*Desk).handIt, waits: true, mine: true, back: true},
	DoNote:    {do: (*Desk).noteIt, late: true, back: true},
	DoOutcome: {do: (*Desk).closeIt, late: true, back: true},
}

// Act does what a person asks, once: the same act twice is done once. It
// returns the callback as it stands then. What tells the customer leaves when
// it can no longer be undone.
func (d *Desk) Act(ctx context.Context, a Act) (Callback, error) {
	do, ok := deeds[a.Do]
	if !ok {
		return Callback{}, fmt.Errorf("nobody can %q with a callback", a.Do)
	}
	var c Callback
	err := d.update(ctx, func(tx Tx) (err error) {
		c, err = d.act(tx, do, a)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("%s: %w", a.Do, err)
	}
	return c, nil
}

func (d *Desk) act(tx Tx, do deed, a Act) (Callback, error) {
	c, err := tx.Callback(a.Callback)
	if err != nil {
		return c, err
	}
	last, err := tx.Undo(c.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return c, err
	}
	if last.Mark == a.mark() {
		return c, nil
	}
	if err := do.allows(c, a); err != nil {
		return c, err
	}
	before, held := c, &heldBack{Tx: tx, until: d.Now().Add(UndoTime)}
	if err := do.do(d, held, &c, a); err != nil {
		return before, err
	}
	if err := d.amend(tx, &c, before); err != nil {
		return before, err
	}
	u := undoOf(before, a, c.Version)
	u.At, u.Messages, u.Back, u.Was.Next = d.Now(), held.tell(a.Do), do.back && before.State != Interrupted, held.made
	return c, errors.Join(tx.PutUndo(u), d.did(tx, c, a))
}

// allows says why a person may not do so with this callback.
func (do deed) allows(c Callback, a Act) error {
	switch {
	case a.Version != c.Version && !do.late:
		return ErrChanged
	case do.mine && c.Owner != "" && c.Owner != a.Agent && !a.Any:
		return ErrOwned
	case c.Phone == Anonymous && (a.Do == DoCall || a.Do == DoMove):
		return &number.RefusalError{Phone: c.Phone, Reason: number.ReasonInvalid} // it is in the message, at best
	case do.waits && !slices.Contains([]State{BookedState, RetryWait, Interrupted}, c.State):
		return ErrChanged
	}
	return nil
}

// amend stores what has changed about a callback beside its state.
func (d *Desk) amend(tx Tx, c *Callback, before Callback) error {
	if c.Version != before.Version {
		return nil // it was moved
	}
	if err := tx.MoveCallback(*c, c.State); err != nil {
		return err
	}
	c.Version++
	return nil
}

// did writes down what somebody did with a callback, and the words.
func (d *Desk) did(tx Tx, c Callback, a Act) error {
	return tx.Record(Entry{
		At: d.Now(), Kind: "desk." + string(a.Do), Callback: c.ID, Talk: c.Talk, Queue: c.Queue, Phone: c.Phone,
		Actor: a.Actor, Name: a.To, Value: shorten(a.Words),
	})
}

// shorten bounds what is kept of words.
func shorten(s string) string {
	if r := []rune(s); len(r) > wordsLength {
		return string(r[:wordsLength])
	}
	return s
}

// mark names an act, so that it is known when it comes again.
func (a Act) mark() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %q %d %q %q %t", a.Do, a.Version, a.Actor, a.At.UnixMilli(), a.To, a.Words, a.Tell))
	return hex.EncodeToString(sum[:12])
}

// heldBack keeps messages until what they tell can no longer be undone.
type heldBack struct {
	Tx
	until    time.Time
	messages []Message
	made     string // a callback that was promised in passing
}

func (h *heldBack) AddMessage(m Message) error {
	if m.DueAt.Before(h.until) {
		m.DueAt = h.until
	}
	h.messages = append(h.messages, m)
	return h.Tx.AddMessage(m)
}

func (h *heldBack) AddCallback(c Callback) error {
	h.made = c.ID
	return h.Tx.AddCallback(c)
}

// tell names the messages that tell of a deed. Of what came of a call none does,
// but of the next call that is promised with it.
func (h *heldBack) tell(do Deed) []string {
	var all []string
	for _, m := range h.messages {
		if do != DoOutcome || m.Callback == h.made {
			all = append(all, m.ID)
		}
	}
	return all
}
