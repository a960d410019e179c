package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/ivr"
)

// cueTime is how long a player waits for his cue before something is wrong.
const cueTime = time.Minute

// play holds the whole story with one caller who presses these keys. An error
// says what did not happen.
func (st *stage) play(ctx context.Context, keys []string) error {
	promised, err := st.callIn(ctx, keys)
	if err != nil {
		return fmt.Errorf("the caller books: %w", err)
	}
	if err := st.keep(ctx, promised); err != nil {
		return fmt.Errorf("the callback is kept: %w", err)
	}
	if err := st.survey(ctx, promised); err != nil {
		return fmt.Errorf("the survey is answered: %w", err)
	}
	return nil
}

// callIn is the first act: the caller presses keys and hangs up with a promise.
func (st *stage) callIn(ctx context.Context, keys []string) (callback.Callback, error) {
	none := callback.Callback{}
	addr := st.service.line.Addrs()[0].String()
	st.line("caller", demoCustomer+" dials "+demoNumber)
	call, err := st.carrier.Call(ctx, "sip:"+demoNumber+"@"+addr, demoCustomer)
	if err != nil {
		return none, err
	}
	for _, k := range keys {
		if err := st.pressWhenAsked(ctx, callerPart, call, k); err != nil {
			return none, err
		}
	}
	if err := st.end(ctx, callerPart, call); err != nil {
		return none, err
	}
	return st.promised(ctx)
}

// pressWhenAsked waits until a player is asked and hears it, and presses keys
// before it was said to its end.
func (st *stage) pressWhenAsked(ctx context.Context, who part, call *phone.Call, keys string) error {
	if err := st.cue(ctx, who, func(t ivr.Turn) bool { return t.Listen != nil }); err != nil {
		return err
	}
	if err := st.hears(ctx, who, call); err != nil {
		return err
	}
	st.line(string(who), "presses "+keys)
	return call.Press(ctx, keys)
}

// hears waits until real sound has come in: a tenth of a second of it.
func (st *stage) hears(ctx context.Context, who part, call *phone.Call) error {
	const span = 800
	from := len(call.Heard())
	ctx, stop := context.WithTimeout(ctx, cueTime)
	defer stop()
	err := call.Hear(ctx, func(heard []byte) bool {
		return len(heard) >= from+span && call.Level(heard[len(heard)-span:]) > -45
	})
	if err != nil {
		return fmt.Errorf("the %s hears nothing: %w", who, err)
	}
	return nil
}

// cue waits until a player is told something that fits.
func (st *stage) cue(ctx context.Context, who part, fits func(ivr.Turn) bool) error {
	late := time.NewTimer(cueTime)
	defer late.Stop()
	for {
		select {
		case t := <-st.turns[who]:
			if fits(t) {
				return nil
			}
			if t.End {
				return fmt.Errorf("the talk with the %s was over too early", who)
			}
		case <-late.C:
			return fmt.Errorf("the %s was asked nothing for %s", who, cueTime)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// end lets a player hear the beginning of the goodbye, and hangs up.
func (st *stage) end(ctx context.Context, who part, call *phone.Call) error {
	if err := st.cue(ctx, who, func(t ivr.Turn) bool { return t.End }); err != nil {
		return err
	}
	if err := st.hears(ctx, who, call); err != nil {
		return err
	}
	return st.hangUp(ctx, who, call)
}

func (st *stage) hangUp(ctx context.Context, who part, call *phone.Call) error {
	select {
	case <-call.Done():
		st.line(string(who), "hears that the other end has hung up")
		return nil
	default:
	}
	st.line(string(who), "hangs up")
	return call.Hangup(ctx)
}

// promised finds the one callback that was promised.
func (st *stage) promised(ctx context.Context) (callback.Callback, error) {
	list, err := st.service.desk.List(ctx, callback.Filter{Phone: demoCustomer, States: openStates})
	switch {
	case err != nil:
		return callback.Callback{}, err
	case len(list) == 0:
		return callback.Callback{}, errors.New("no callback was promised; try the keys 1 1 1")
	case len(list) > 1:
		return callback.Callback{}, fmt.Errorf("%d callbacks were promised to one number", len(list))
	}
	return list[0], nil
}

// keep is the second act: the agent's telephone rings at the promised time,
// then the customer's, and the two hear each other.
func (st *stage) keep(ctx context.Context, promised callback.Callback) error {
	st.clock.jump(promised.DueAt)
	st.line("clock", "moves on to the promised time")
	agent, err := st.pickUp(ctx, agentPart, "Aino’s telephone rings")
	if err != nil {
		return err
	}
	if err := st.pressWhenAsked(ctx, agentPart, agent, "1"); err != nil {
		return err
	}
	customer, err := st.pickUp(ctx, customerPart, "the customer’s telephone rings")
	if err != nil {
		return err
	}
	if err := st.pressWhenAsked(ctx, customerPart, customer, "1"); err != nil {
		return err
	}
	if err := st.speak(ctx, agent, customer); err != nil {
		return err
	}
	if err := st.hangUp(ctx, customerPart, customer); err != nil {
		return err
	}
	if err := st.pressWhenAsked(ctx, agentPart, agent, "1"); err != nil {
		return err
	}
	return st.end(ctx, agentPart, agent)
}

// pickUp takes the next call of a player.
func (st *stage) pickUp(ctx context.Context, who part, what string) (*phone.Call, error) {
	select {
	case r := <-st.rings[who]:
		defer close(r.taken)
		st.line(string(who), what)
		call, err := r.in.Accept(ctx)
		if err == nil {
			st.line(string(who), "picks up")
		}
		return call, err
	case <-time.After(cueTime):
		return nil, fmt.Errorf("the %s’s telephone did not ring within %s", who, cueTime)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// The tones that the two speak with.
const (
	agentHz    = 440.0
	customerHz = 620.0
)

// speak lets the two speak at once, each in a tone of his own, and measures
// that each hears the other.
func (st *stage) speak(ctx context.Context, agent, customer *phone.Call) error {
	ctx, stop := context.WithTimeout(ctx, cueTime)
	defer stop()
	talk, quiet := context.WithCancel(ctx)
	var speaking sync.WaitGroup
	for call, hz := range map[*phone.Call]float64{agent: agentHz, customer: customerHz} {
		speaking.Go(func() {
			for talk.Err() == nil && call.Say(talk, call.Tone(hz, 50)) == nil {
			}
		})
	}
	toCustomer, err1 := hearsTone(ctx, customer, agentHz)
	toAgent, err2 := hearsTone(ctx, agent, customerHz)
	quiet()
	speaking.Wait()
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("they are joined and do not hear each other: %w", err)
	}
	st.line("both", fmt.Sprintf("hear each other: %.0f%% of what the customer hears is the agent’s tone, %.0f%% the other way", 100*toCustomer, 100*toAgent))
	return nil
}

// hearsTone waits until a fifth of a second of a tone has come in.
func hearsTone(ctx context.Context, call *phone.Call, hz float64) (float64, error) {
	const span = 1600
	var strength float64
	err := call.Hear(ctx, func(heard []byte) bool {
		if len(heard) >= span {
			strength = call.Strength(heard[len(heard)-span:], hz)
		}
		return strength > 0.9
	})
	if err != nil {
		return strength, fmt.Errorf("%.0f Hz: %w", hz, err)
	}
	return strength, nil
}

// survey is the third act: the text after the call, and its answer.
func (st *stage) survey(ctx context.Context, promised callback.Callback) error {
	if err := st.waitForSurvey(ctx); err != nil {
		return err
	}
	const answer = "5"
	st.line("customer", "answers the text with "+answer)
	answered, err := st.service.texts.Answer(ctx, demoCustomer, answer)
	if err != nil {
		return err
	}
	if !answered {
		return errors.New("nobody was waiting for the answer")
	}
	stored, err := st.stored(ctx, "csat")
	if err != nil {
		return err
	}
	if stored != answer {
		return fmt.Errorf("the answer was %s, and %q is stored", answer, stored)
	}
	if err := st.done(ctx, promised.ID); err != nil {
		return err
	}
	st.line("desk", fmt.Sprintf("callback of %s kept; satisfaction %s of 5 is stored", promised.At.In(st.service.config.zoneOf("")).Format("15:04"), stored))
	return nil
}

// done waits until the desk has closed a callback: the agent writes notes first.
func (st *stage) done(ctx context.Context, id string) error {
	for late := time.After(cueTime); ; {
		found, _, err := st.service.desk.Show(ctx, id)
		if err != nil {
			return err
		}
		switch found.State {
		case callback.Done:
			return nil
		case callback.Wrapup:
			st.clock.jump(found.DueAt)
		default:
			return fmt.Errorf("the callback is %s, and not done", found.State)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-late:
			return errors.New("the callback is never closed")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// waitForSurvey moves the clock on, from one thing that is due to the next,
// until the survey leaves.
func (st *stage) waitForSurvey(ctx context.Context) error {
	for late := time.After(cueTime); ; {
		select {
		case t := <-st.texts:
			if st.asks(ctx, t.ID) {
				return nil
			}
		case <-time.After(250 * time.Millisecond):
			next, err := st.service.desk.NextDue(ctx, time.Time{})
			if err != nil {
				return err
			}
			if next.After(st.clock.now()) {
				st.clock.jump(next)
			}
		case <-late:
			return errors.New("no text asked how the call was")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// asks tells whether a text is one that an answer is expected to.
func (st *stage) asks(ctx context.Context, text string) bool {
	var m callback.Message
	err := st.service.store.View(ctx, func(tx callback.Tx) (err error) {
		m, err = tx.Message(text)
		return err
	})
	return err == nil && strings.HasPrefix(m.Key, "survey:")
}

// stored is the last note of that name in the journal.
func (st *stage) stored(ctx context.Context, name string) (value string, err error) {
	err = st.service.store.View(ctx, func(tx callback.Tx) error {
		entries, err := tx.Entries(0, 1000)
		for _, e := range entries {
			if e.Name == name {
				value = e.Value
			}
		}
		return err
	})
	return value, err
}
