package booth

import (
	"cmp"
	"context"
	"time"

	"github.com/holdless/holdless/internal/phone"
)

// linesMost is how many things that happened are shown.
const linesMost = 50

// change does something to the telephone, and tells the pages.
func (b *Booth) change(do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	do()
	close(b.more)
	b.more = make(chan struct{})
}

func (b *Booth) current() *phone.Call {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.call
}

// enter goes from one state to another, and reports whether it was in the first.
func (b *Booth) enter(from, to State, do func()) (ok bool) {
	b.change(func() {
		if ok = b.state == from; ok {
			b.state = to
			do()
		}
	})
	return ok
}

// dial calls the number, until somebody answers or the telephone is hung up.
func (b *Booth) dial(ctx context.Context, number string) {
	ctx, stop := context.WithCancel(ctx)
	if !b.enter(Idle, Calling, func() { b.hangup, b.lines = stop, nil }) {
		stop()
		return
	}
	go func() {
		defer stop()
		call, err := b.config.Call(ctx, number)
		if err != nil {
			b.Tell("Nobody answers: " + err.Error())
			b.enter(Calling, Idle, func() {})
			return
		}
		b.hold(Calling, call)
	}()
}

// hold keeps a call until it is over.
func (b *Booth) hold(from State, call *phone.Call) {
	if !b.enter(from, Up, func() { b.call = call }) {
		b.end(call)
		return
	}
	<-call.Done()
	b.enter(Up, Idle, func() { b.call = nil })
}

// Ring lets the telephone ring until it is taken, or the caller gives up.
func (b *Booth) Ring(ctx context.Context, in *phone.Incoming) {
	answer := make(chan bool, 1)
	if !b.enter(Idle, Ringing, func() { b.answer, b.lines = answer, nil }) {
		b.refuse(in)
		return
	}
	if err := in.Ring(); err != nil {
		b.enter(Ringing, Idle, func() {})
		return
	}
	select {
	case taken := <-answer:
		if !taken {
			b.enter(Ringing, Idle, func() {})
			b.refuse(in)
			return
		}
		call, err := in.Accept(ctx)
		if err != nil {
			b.enter(Ringing, Idle, func() {})
			return
		}
		go b.hold(Ringing, call)
	case <-in.Gone():
		b.enter(Ringing, Idle, func() {})
	case <-ctx.Done():
	}
}

func (b *Booth) refuse(in *phone.Incoming) {
	if err := in.Refuse(486, "Busy Here"); err != nil {
		b.config.Log.Debug("call not refused", "err", err)
	}
}

// take answers the call that rings.
func (b *Booth) take() { b.decide(true) }

func (b *Booth) decide(taken bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == Ringing {
		select {
		case b.answer <- taken:
		default: // it was decided before
		}
	}
}

// hang ends whatever the telephone does.
func (b *Booth) hang() {
	b.decide(false)
	b.mu.Lock()
	call, hangup, state := b.call, b.hangup, b.state
	b.mu.Unlock()
	switch {
	case state == Calling:
		hangup()
	case call != nil:
		b.end(call)
	}
}

func (b *Booth) end(call *phone.Call) {
	if err := call.Hangup(context.Background()); err != nil {
		b.config.Log.Debug("hang-up not confirmed", "err", err)
	}
}

// Said shows what is said on the line, in words of a language.
func (b *Booth) Said(lang, words string) { b.write(line{service, lang, words}) }

// Tell shows what whoever stands at the telephone should know.
func (b *Booth) Tell(words string) { b.write(line{Who: telephone, Words: words}) }

// Texted shows a text that has come to this telephone, in the language that was
// spoken last.
func (b *Booth) Texted(words string) { b.write(line{Who: text, Words: words}) }

func (b *Booth) write(l line) {
	b.change(func() {
		if l.Who == text {
			l.Lang = b.spoken
		}
		if l.Who == service {
			b.spoken = l.Lang
		}
		b.lines = append(b.lines, l)
		b.lines = b.lines[max(0, len(b.lines)-linesMost):]
	})
}

// aloneTime is how long a call goes on with no page open, unless the
// configuration says otherwise.
const aloneTime = time.Minute

// attended counts a page that was opened, and returns what is to be done when it
// is closed. A page that is loaded anew finds its call; when nobody comes back,
// the call ends: it would else go on for ever, and the clock with it.
func (b *Booth) attended() (leave func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pages++
	if b.left != nil {
		b.left.Stop()
	}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.pages--; b.pages == 0 {
			b.left = time.AfterFunc(cmp.Or(b.config.Alone, aloneTime), b.abandon)
		}
	}
}

// abandon ends the call at which nobody is any more.
func (b *Booth) abandon() {
	b.mu.Lock()
	call, pages := b.call, b.pages
	b.mu.Unlock()
	if call != nil && pages == 0 {
		b.Tell("Nobody was at the telephone any more: it has hung up.")
		b.end(call)
	}
}
