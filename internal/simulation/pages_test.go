package simulation

import (
	"errors"
	"time"

	"github.com/holdless/holdless/callback"
)

// A visitor is a customer who opens the page that a text of ours links to.
type visitor struct {
	w     *world
	p     *process
	phone string
	name  string // of the callback, as the link has it
	text  string // that has the link
}

// opensPage has some customers follow the link of a text, hours after it at times.
func (w *world) opensPage(m callback.Message) {
	if m.Callback == "" || w.chance("opens", m.ID) > 0.2 {
		return
	}
	<-time.After(w.between(10*time.Second, 5*time.Hour, "opens", m.ID))
	v := &visitor{w: w, phone: m.To, name: callback.Short(m.Callback), text: m.ID}
	if !v.turn() {
		return
	}
	seen, err := v.p.desk.Promise(named(v.p.ctx, "page ", v.text), v.name)
	if err != nil {
		return
	}
	<-time.After(w.between(time.Second, 2*time.Minute, "reads", m.ID))
	for range 1 + w.pick(2, "taps", m.ID) { // he taps twice at times
		if v.turn() {
			v.wants(seen)
		}
	}
}

// turn has him go on with the service that runs now, and reports whether one does.
func (v *visitor) turn() bool {
	v.w.turns.wait("page ", v.text)
	v.p = v.w.current()
	return !v.p.dead()
}

// wants is what he asks for: the same when he asks twice.
func (v *visitor) wants(seen callback.Promise) {
	ctx, desk := named(v.p.ctx, "page ", v.text), v.p.desk
	switch x := v.w.chance("wants", v.text); {
	case x < 0.2 && seen.Cancel:
		v.hears(desk.CallOff(ctx, v.name))
	case x < 0.6 && len(seen.Times) > 0:
		at := seen.Times[int(v.w.chance("time", v.text)*float64(len(seen.Times)))]
		p, err := desk.PutOff(ctx, v.name, at)
		if err == nil && p.State == callback.BookedState && p.At.Equal(at) {
			v.w.saw("put off on a page")
			v.w.told(v.phone, at)
		}
	case x < 0.9 && seen.Sooner:
		v.w.saw("asked for the call now")
		v.hears(desk.Hasten(ctx, v.name))
	default:
		v.hears(desk.Keep(ctx, v.name))
	}
}

// hears takes what the page tells him then: that he is not called, at times.
func (v *visitor) hears(p callback.Promise, err error) {
	switch {
	case errors.Is(err, callback.ErrNotFound):
		v.w.saw("page is gone")
	case err == nil && p.State == callback.CancelledState:
		v.w.saw("called off on a page")
		v.w.calledOff(v.phone)
	}
}
