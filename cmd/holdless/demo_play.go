package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/holdless/holdless/callback"
)

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
