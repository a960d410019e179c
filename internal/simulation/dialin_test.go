package simulation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// deskNumber is where agents call from anywhere, and dialsIn begins the names of
// their talks.
const (
	deskNumber = callback.Phone("+358912340000")
	dialsIn    = "dials in "
)

// lockedOut is for how long a telephone waits from which two wrong PINs came.
const lockedOut = 15 * time.Minute

// pinOf is the PIN of an agent.
func pinOf(agent string) string {
	queue, no := agent[:len(agent)-1], agent[len(agent)-1:]
	return fmt.Sprint("4711", slices.Index(slices.Sorted(maps.Keys(bureaus)), queue), no)
}

// A roamer is an agent at a telephone that is nobody's.
type roamer struct {
	w      *world
	agent  string
	from   callback.Phone
	wrong  int       // PINs of nobody, after which he was asked again
	locked time.Time // when he keyed in the second of them
}

// dialsIn has an agent call from anywhere, a moment before a time at which
// customers may be called. Some do not have their PIN in mind, and wait, or do
// not, until they may key it in again.
func (w *world) dialsIn(agent string) {
	quarter := time.Duration(1+w.pick(4, "quarter", agent)) * window
	<-time.After(quarter - w.between(8*time.Second, 5*time.Minute, "before", agent))
	w.turns.wait(dialsIn, agent)
	r, pin := &roamer{w: w, agent: agent, from: w.hotel()}, pinOf(agent)
	switch x := w.moment("pin", agent); {
	case x < 0.8:
		r.calls(pin)
	case x < 0.9:
		r.calls("123456", pin)
	default:
		r.calls("123456", "654321")
		<-time.After(w.between(time.Minute, lockedOut-3*time.Minute, "again", agent))
		r.calls(pin, pin)
		<-time.After(lockedOut)
		r.calls(pin)
	}
}

// hotel is a telephone from which nobody has called before.
func (w *world) hotel() callback.Phone {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.named["hotel"]++
	return callback.Phone(fmt.Sprintf("+358451%06d", w.named["hotel"]))
}

// calls is one call, in which he keys in these PINs, one after the other, until
// he is let in. Who is in another call makes none.
func (r *roamer) calls(pins ...string) {
	talk := r.w.newID(dialsIn, r.agent)
	r.w.turns.wait(talk)
	p := r.w.current()
	d := &dialIn{roamer: r, pins: pins}
	d.telephone = &call{ref: talk, addr: "sip:" + r.agent + "@example.com", at: time.Now(), ended: time.Now(), boot: p.no}
	if p.dead() || r.w.inCall(d.telephone) {
		return
	}
	d.leg = p.leg(d, d.telephone, talk)
	p.holds(d.leg, callback.Inbound{Talk: talk, Line: "simulated", From: r.from, To: deskNumber})
	d.leg.end()
	r.w.turns.wait(p.no, " dialled in ", talk)
	to, away := map[string]callback.AgentState{"you_break": callback.OnBreak, "you_offline": callback.Offline}[d.told]
	if away && !p.dead() {
		r.w.isAway(p, callback.Duty{Agent: r.agent, To: to})
	}
}

func (w *world) inCall(k *call) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.live[k.addr] > 0
}

// A dialIn is an agent in one such call.
type dialIn struct {
	*roamer
	deskCaller
	leg       *leg
	telephone *call     // his only one: it is busy once he has taken a callback
	pins      []string  // that he has yet to key in
	keyed     string    // the one that he has keyed in just now
	at        time.Time // when
	asked     bool      // for something in the menu
	heard     string    // the callback that was read out last
}

func (d *dialIn) hear(say []ivr.Prompt) {
	d.deskCaller.hear(say)
	if d.keyed != "" {
		d.tried(key(say, "press_available") != "")
	}
	if said(say, "call_not_now") {
		d.w.saw("could not call now")
	}
	switch {
	case said(say, "agenda_at"):
		t, _ := d.known()
		d.heard = t.State.Page
	case said(say, "press_take"):
		d.takes()
	}
}

// tried takes whether he was let in after a PIN: nobody is without the right one,
// nor with it while his telephone has to wait.
func (d *dialIn) tried(in bool) {
	right, waits := d.keyed == pinOf(d.agent), !d.locked.IsZero() && d.w.clock().Sub(d.locked) < lockedOut
	d.keyed = ""
	switch {
	case in && (!right || waits):
		d.w.violated("I38", "%s keyed in a PIN from %s, right: %t, waits: %t, and was let in", d.agent, d.from, right, waits)
	case in && !d.locked.IsZero():
		d.w.saw("let in after a pause")
	case in:
		d.w.saw("dialled in")
	case waits:
		d.w.saw("locked out")
	case !right && !d.w.unheard(d.leg.name):
		if d.wrong++; d.wrong == 2 {
			d.locked = d.at
		}
	}
}

// known is what the store knows of the talk, and of him.
func (d *dialIn) known() (t callback.Talk, s callback.Status) {
	_ = d.leg.p.store.View(context.Background(), func(tx callback.Tx) (err error) {
		if t, err = tx.Talk(d.leg.name); err == nil {
			s, err = tx.Status(d.agent)
		}
		return err
	})
	return t, s
}

// takes: whoever has pressed "call now" makes the callback that he has heard of,
// and is given nothing else: he is in a call from then on.
func (d *dialIn) takes() {
	d.w.saw("took a callback by telephone")
	switch t, s := d.known(); {
	case t.ID == "" || d.w.unheard(t.ID):
	case d.heard != "" && t.Callback != d.heard:
		d.w.violated("I39", "%s heard of the callback %s, and was given %s", d.agent, d.heard, t.Callback)
	case s.State != callback.OnCall:
		d.w.violated("I13", "%s has taken a callback by telephone, and may be given another: %s", d.agent, s.State)
	}
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	if !closed(d.leg.gone) && !d.telephone.ended.IsZero() {
		d.telephone.ended = time.Time{}
		d.w.live[d.telephone.addr]++
	}
}

func (d *dialIn) press(say []ivr.Prompt) (string, bool) {
	x := d.w.moment(dialsIn, d.agent)
	switch {
	case said(say, "ask_pin") && len(d.pins) > 0:
		d.keyed, d.pins, d.at = d.pins[0], d.pins[1:], d.w.clock()
		return d.keyed, false
	case said(say, "press_take"):
		return first(x, choice{0.85, key(say, "press_take")}, choice{0.1, key(say, "press_pass")}), x > 0.97
	case said(say, "press_call"):
		return first(x, choice{0.5, key(say, "press_call")}, choice{0.4, key(say, "press_next")}), x > 0.95
	case said(say, "press_yes"):
		return first(x, choice{0.8, key(say, "press_yes")}, choice{0.1, key(say, "press_no")}), x > 0.95
	case d.asked || !said(say, "press_available"):
		return "", true
	}
	d.asked = true
	return first(x, choice{0.6, key(say, "press_agenda")}, choice{0.15, key(say, "press_available")},
		choice{0.15, key(say, "press_break")}, choice{0.1, key(say, "press_offline")}), false
}

// isDialIn reports whether a talk, or what is asked in it, is of such a call.
func isDialIn(name string) bool { return strings.Contains(name, dialsIn) }

// Blocked implements [callback.Blocks].
func (s *spy) Blocked(p callback.Phone, kind callback.BlockKind, now time.Time) (bool, error) {
	if s.w.plan.bug.forgetsPauses && kind == "pin" {
		return false, nil
	}
	return s.Tx.Blocked(p, kind, now)
}

// Callback implements [callback.Callbacks].
func (s *spy) Callback(id string) (callback.Callback, error) {
	if s.w.plan.bug.callsFirst && s.first != "" {
		id = s.first
	}
	return s.Tx.Callback(id)
}

// owned: nobody calls now what is somebody else's own.
func (o *order) owned() error {
	for id, c := range o.dials {
		if own := o.w.ownerOf(id); own != "" && own != o.agent[id] {
			o.w.violated("I39", "the callback of %s is %s's own, and %s has it called", c.Phone, own, o.agent[id])
		}
	}
	return nil
}
