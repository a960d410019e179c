package simulation

import (
	"context"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

// served is how soon after a caller has spoken with an agent his open callback
// must be off.
const served = 2 * time.Second

// join looks at two people who are joined; part is called when they speak no
// longer.
func (w *world) join(a, b *leg) (part func()) {
	w.saw("spoke")
	for _, l := range []*leg{a, b} {
		if l.joined.Swap(true) {
			w.violated("I13", "%s speaks in two calls", l.who)
		}
		l.asked = false
		if c, ok := l.who.(*customer); ok && c.machine {
			w.violated("I31", "the machine of %s was put through", c.phone)
		}
	}
	a.meets(b)
	b.meets(a)
	open := map[*leg]callback.Callback{}
	for _, l := range []*leg{a, b} {
		if c, ok := l.openOf(); ok {
			open[l] = c
		}
	}
	return func() {
		for _, l := range []*leg{a, b} {
			l.joined.Store(false)
			if c, ok := open[l]; ok && !l.asked {
				w.people.Go(func() { l.isServed(c) })
			}
		}
		a.p.stir()
	}
}

// openOf returns the callback that a caller has open whom an agent serves now.
func (l *leg) openOf() (c callback.Callback, ok bool) {
	who, in := l.who.(*caller)
	if !in || who.hides {
		return c, false
	}
	err := l.p.store.View(context.Background(), func(tx callback.Tx) error {
		t, err := tx.Talk(l.name)
		if err == nil {
			c, err = tx.OpenCallback(t.Queue, callback.Phone(who.phone))
		}
		return err
	})
	return c, err == nil && (c.State == callback.BookedState || c.State == callback.RetryWait)
}

// isServed: nobody is called back who has spoken with an agent meanwhile.
func (l *leg) isServed(c callback.Callback) {
	if !l.p.wait(named(l.p.ctx, "served ", l.name), served) || l.w.unheard(l.name) {
		return
	}
	err := l.p.store.View(context.Background(), func(tx callback.Tx) (err error) {
		c, err = tx.Callback(c.ID)
		return err
	})
	switch {
	case err != nil:
		l.w.violated("store", "callback %s: %v", c.ID, err)
	case c.State == callback.BookedState || c.State == callback.RetryWait:
		l.w.violated("I32", "%s has spoken with an agent %s ago, and his callback is still %s", c.Phone, served, c.State)
	default:
		l.w.saw("served, and not called back")
	}
}

// miss remembers a talk of which the store could not be told.
func (w *world) miss(name string) {
	if talk, ok := strings.CutPrefix(name, "talk "); ok {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.untold[talk] = true
	}
}

// unheard reports whether the desk knows more of a talk than its store.
func (w *world) unheard(talk string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.untold[talk]
}

// ownerOf returns whose own a callback is.
func (w *world) ownerOf(callback string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.owners[callback]
}
