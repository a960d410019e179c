package booth

import (
	"context"

	"github.com/holdless/holdless/internal/phone"
)

// wordsMost is how many things that were said are shown.
const wordsMost = 50

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
func (b *Booth) dial(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	if !b.enter(Idle, Calling, func() { b.hangup, b.words = stop, nil }) {
		stop()
		return
	}
	go func() {
		defer stop()
		call, err := b.config.Call(ctx)
		if err != nil {
			b.Said("(nobody answers: " + err.Error() + ")")
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
	if !b.enter(Idle, Ringing, func() { b.answer, b.words = answer, nil }) {
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
func (b *Booth) take(context.Context) { b.decide(true) }

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
func (b *Booth) hang(context.Context) {
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

// Said shows what is said on the line, in words.
func (b *Booth) Said(words string) {
	b.change(func() {
		b.words = append(b.words, words)
		b.words = b.words[max(0, len(b.words)-wordsMost):]
	})
}
