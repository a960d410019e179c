package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

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
	stored, err := st.rating(ctx)
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
	for late := time.After(st.patience); ; {
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
// until the survey leaves. What is on its way has its time: a text in hand that
// the clock has passed by would never be known to have left.
func (st *stage) waitForSurvey(ctx context.Context) error {
	for late := time.After(st.patience); ; {
		select {
		case t := <-st.texts:
			if st.asks(ctx, t.ID) {
				return nil
			}
		case <-time.After(250 * time.Millisecond):
			if err := st.moveOn(ctx); err != nil {
				return err
			}
		case <-late:
			return errors.New("no text asked how the call was")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// moveOn moves the clock on to what is due next, unless something is on its way.
// Nothing was when the same is due next before and after the look: what was taken
// in hand meanwhile would not be due any more, and what came of it would be.
func (st *stage) moveOn(ctx context.Context) error {
	before, err := st.service.desk.NextDue(ctx, time.Time{})
	if err != nil || !before.After(st.clock.now()) || st.service.sched.Busy() {
		return err
	}
	after, err := st.service.desk.NextDue(ctx, time.Time{})
	if err == nil && after.Equal(before) {
		st.clock.jump(before)
	}
	return err
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

// rating is how satisfied somebody was last, as the journal has it.
func (st *stage) rating(ctx context.Context) (value string, err error) {
	err = st.service.store.View(ctx, func(tx callback.Tx) error {
		entries, err := tx.Entries(0, 1000)
		for _, e := range entries {
			if e.Name == "csat" {
				value = e.Value
			}
		}
		return err
	})
	return value, err
}
