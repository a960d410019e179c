package liveline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// A Switchboard says whom an agent may put people through to. The desk is one.
type Switchboard interface {
	// Transfer returns whom to ring; an error when nobody may be.
	Transfer(ctx context.Context, talk, to string) (callback.Handover, error)
	// TransferIdle is the same where nobody is rung who is in a call.
	TransferIdle(ctx context.Context, talk, to string) (callback.Handover, error)
	// Transferred takes how it ended: "" when somebody has taken over.
	Transferred(ctx context.Context, talk string, h callback.Handover, outcome ivr.Outcome) error
	// Parted takes that the call with whoever has taken over is over.
	Parted(ctx context.Context, h callback.Handover) error
	// Deserted takes that a person was put through by somebody to whom he had been
	// put through, and nobody is there for him any more.
	Deserted(ctx context.Context, talk string) error
}

var _ Switchboard = (*callback.Desk)(nil)

// A TransferError is somebody asking, in the middle of a conversation, that the other
// be put through to a third party (RFC 3515). Bridge returns it as its error.
type TransferError struct {
	By       Leg            // who asks
	To       string         // whom: a number or a SIP URI
	Replaces string         // the call with the third party that ours takes the place of (RFC 3891)
	Answer   func(no error) // called once: nil when we try, else why not
	News     func(code int) // after that: how it goes, by a status of SIP; from 200 on it is over

	// Take answers the call of the third party, when that one calls us to take the
	// place of who asks; nil when it has to be rung.
	Take func(context.Context) (Leg, error)

	desk  *pair // where more is heard of who asks at the desk; nil when his telephone asks
	first bool  // he speaks with the third party before
}

func (t *TransferError) Error() string { return "somebody is to be put through" }

// The statuses that tell how a transfer goes.
const (
	newsTrying  = 100
	newsRinging = 180
	newsTaken   = 200
	newsNobody  = 503
)

// newsOf says by a status of SIP why nobody took a call.
var newsOf = map[ivr.Outcome]int{
	ivr.Busy: 486, ivr.Unanswered: 480, ivr.Rejected: 603, ivr.BadNumber: 404, ivr.Machine: 480,
}

// A party is the other side of a conversation.
type party struct {
	leg    Leg
	talk   string // "" when no talk is held with it
	part   func() // the two have spoken
	desert func() // it is left alone
}

// alone is a party without a talk: when nobody speaks with it, it is hung up.
func alone(ctx context.Context, leg Leg) party {
	end := func() { _ = leg.Hangup(context.WithoutCancel(ctx)) } // one that has left already is no fault
	return party{leg: leg, part: end, desert: end}
}

// How putting somebody through ended.
type through int

const (
	staysHere through = iota // nothing has changed: the two speak on
	putOn                    // the third party has taken over
	recalled                 // nobody took it, and who asked had left and is back
	forsaken                 // nobody is there any more
)

// putThrough rings the third party, while the one who is put through hears the
// sound of waiting. Nobody is lost when the third party does not take it: the
// two speak on, and who asked for it and has left meanwhile is rung again.
func (c *conversation) putThrough(ctx context.Context, t *TransferError, talk string, stays Leg) (party, through) {
	h, err := c.mayPutThrough(ctx, t, talk)
	t.Answer(err)
	if err != nil {
		c.holder.Log.Info("transfer refused", "talk", talk, "err", err)
		return party{}, staysHere
	}
	t.News(newsTrying)
	stays.Wait(true)
	defer stays.Wait(false)
	third, err := c.find(ctx, stays, h, t)
	c.putOver(ctx, t, talk, h, err)
	if err != nil && third.leg != nil {
		third.part()
	}
	switch {
	case err == nil:
		c.relieve(ctx, t)
		return c.third(ctx, third, h), putOn
	case !gone(t.By) || gone(stays):
		return party{}, staysHere
	}
	if again, err := c.ringFor(ctx, stays, h.Back, nil); err == nil {
		return alone(ctx, again), recalled
	}
	return party{}, forsaken
}

// find reaches the third party, as who asks has said.
func (c *conversation) find(ctx context.Context, stays Leg, h callback.Handover, t *TransferError) (party, error) {
	if t.desk != nil {
		return c.byDesk(ctx, stays, h, t)
	}
	return c.reachThird(ctx, ctx, stays, h, t)
}

// asked reports whether who asks for it has spoken with the third party before.
func (t *TransferError) asked() bool { return t.Replaces != "" || t.Take != nil }

// reachThird rings the third party. Who was not asked before hears what it is
// about, and takes the call with a key: a voicemail cannot. When ringing is done it
// is given up.
func (c *conversation) reachThird(ctx, ringing context.Context, stays Leg, h callback.Handover, t *TransferError) (party, error) {
	leg, err := c.ringFor(ringing, stays, h.To, t)
	switch {
	case err != nil:
		return party{}, err
	case h.To.Talk == "" || t.asked():
		return alone(ctx, leg), nil
	}
	return c.briefed(ctx, ringing, stays, party{leg: leg, talk: h.To.Talk})
}

// briefedWithin is how long somebody may take to hear what a call is about.
const briefedWithin = time.Minute

// errNotTaken means that a telephone was answered, and nobody took the call.
var errNotTaken = errors.New("no key took the call")

// briefed holds the talk of somebody who was rung for a person, until he takes
// the call, or the person has left.
func (c *conversation) briefed(ctx, ringing context.Context, stays Leg, rung party) (party, error) {
	m := newMeeting()
	talkCtx, stop := context.WithCancel(ctx)
	c.far.Go(func() {
		defer stop()
		m.finish(c.holder.receive(talkCtx, rung.talk, rung.leg, m))
	})
	late := time.NewTimer(briefedWithin)
	defer late.Stop()
	select {
	case <-m.accepted:
		return party{leg: rung.leg, talk: rung.talk, part: m.part, desert: m.desert}, nil
	case <-m.finished:
		return party{}, &NotTakenError{Outcome: m.outcome, Err: errNotTaken}
	case <-stays.Gone():
	case <-ringing.Done():
	case <-late.C:
	}
	m.desert()
	stop()
	return party{}, &NotTakenError{Outcome: ivr.Unanswered, Err: errNotTaken}
}

// third is the party who has taken over. The desk hears when it is left.
func (c *conversation) third(ctx context.Context, p party, h callback.Handover) party {
	end := sync.OnceFunc(func() {
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
		defer stop()
		if err := c.holder.Switchboard.Parted(ctx, h); err != nil {
			c.holder.Log.Error("end of a transfer not stored", "talk", h.With, "err", err)
		}
	})
	return party{leg: p.leg, talk: p.talk, part: func() { p.part(); end() }, desert: func() { p.desert(); end() }}
}

// relieve ends the call whose place another has taken (RFC 3891, 3).
func (c *conversation) relieve(ctx context.Context, t *TransferError) {
	if t.Take != nil {
		_ = t.By.Hangup(context.WithoutCancel(ctx)) // who has left already is no fault
	}
}

// errNobodyPutsThrough means that the desk knows of no transfers.
var errNobodyPutsThrough = errors.New("nobody may be put through")

func (c *conversation) mayPutThrough(ctx context.Context, t *TransferError, talk string) (callback.Handover, error) {
	if c.holder.Switchboard == nil || talk == "" {
		return callback.Handover{}, errNobodyPutsThrough
	}
	ctx, stop := context.WithTimeout(ctx, storeWithin)
	defer stop()
	if t.desk != nil {
		return c.holder.Switchboard.TransferIdle(ctx, talk, t.To)
	}
	return c.holder.Switchboard.Transfer(ctx, talk, t.To)
}

// putOver tells everybody who has to know how it ended.
func (c *conversation) putOver(ctx context.Context, t *TransferError, talk string, h callback.Handover, err error) {
	news, outcome := newsTaken, ivr.Outcome("")
	if err != nil {
		outcome = ivr.Outcome(missed(err).Text)
		if news = newsOf[outcome]; news == 0 {
			news = newsNobody
		}
	}
	t.News(news)
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer stop()
	if err := c.holder.Switchboard.Transferred(ctx, talk, h, outcome); err != nil {
		c.holder.Log.Error("transfer not stored", "talk", talk, "err", err)
	}
}

// ringFor rings somebody for a person who waits, and gives up when that person
// leaves.
func (c *conversation) ringFor(ctx context.Context, waits Leg, w ivr.Connect, t *TransferError) (Leg, error) {
	call := Call{Addr: w.Addr, Ref: w.Ref, CallerID: w.CallerID, Ring: w.Ring, Before: w.Before}
	if t != nil {
		call.Replaces, call.Ringing = t.Replaces, func() { t.News(newsRinging) }
	}
	ring := func(ctx context.Context) (Leg, error) { return c.holder.Line.Ring(ctx, call) }
	if t != nil && t.Take != nil {
		ring = t.Take
	}
	return c.place(ctx, waits, ring)
}

// byNear has the other side put through, as the person of this talk has asked.
// Who has put it through is done: the two others speak on by themselves.
func (c *conversation) byNear(ctx context.Context, t *TransferError, far *party) (over bool, err error) {
	third, how := c.putThrough(ctx, t, c.talk, far.leg)
	stays := *far
	switch how {
	case putOn:
		far.part = func() {}
		c.far.Go(func() { c.carry(ctx, stays, third) })
		return true, nil
	case recalled:
		c.leg = third.leg
	case forsaken:
		far.part = stays.desert
		return true, io.EOF
	case staysHere:
	}
	return false, nil
}

// byFar has the person of this talk put through, as the other side has asked.
func (c *conversation) byFar(ctx context.Context, t *TransferError, far *party) (over bool, e ivr.Event) {
	if c.passOn(ctx, t, c.leg, far) {
		return false, ivr.Event{}
	}
	return true, ivr.Event{Kind: ivr.NoAnswer, Text: string(ivr.Unanswered)}
}

// passOn has somebody put through as the other side asks, which is whoever is there
// for him then. It reports false when nobody is.
func (c *conversation) passOn(ctx context.Context, t *TransferError, stays Leg, other *party) bool {
	third, how := c.putThrough(ctx, t, other.talk, stays)
	switch how {
	case putOn:
		other.part()
		*other = third
	case recalled:
		before := other.part
		*other = party{leg: third.leg, talk: other.talk, part: func() { third.part(); before() }, desert: other.desert}
	case forsaken:
		return false
	case staysHere:
	}
	return true
}

// survive keeps a panic beside a call within it.
func (c *conversation) survive() {
	if p := recover(); p != nil {
		c.holder.Log.Error("call panicked", "talk", c.talk, "err", fmt.Sprint(p), "stack", string(debug.Stack()))
	}
}

// gone reports whether somebody has hung up.
func gone(l Leg) bool {
	select {
	case <-l.Gone():
		return true
	default:
		return false
	}
}
