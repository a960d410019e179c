package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/holdless/holdless/internal/phone"
)

// The tones that the two speak with.
const (
	agentHz    = 440.0
	customerHz = 620.0
)

// speak lets the two speak at once, each in a tone of his own, and measures
// that each hears the other.
func (st *stage) speak(ctx context.Context, agent, customer *phone.Call) error {
	ctx, stop := context.WithTimeout(ctx, st.patience)
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
