package callback_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestPulse holds that agents are asked once in a while, and that nothing is
// told of a week in which few answered, or that is not over.
func TestPulse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		c.Pulse.Question = "How was the week?"
		for i := range 4 {
			c.Agents[fmt.Sprint("agent", i)] = callback.Agent{Name: "A", Phone: fmt.Sprintf("sip:a%d@127.0.0.1", i)}
		}
	})
	due := func(agent string, want bool) {
		t.Helper()
		if got, err := w.PulseDue(t.Context(), agent); got != want || err != nil {
			t.Errorf("%s: %s is asked: %t, %v", w.now, agent, got, err)
		}
	}
	answer := func(agent string, score int, words string, want error) {
		t.Helper()
		if err := w.TakePulse(t.Context(), agent, score, words); !errors.Is(err, want) {
			t.Errorf("%s says %d: %v", agent, score, err)
		}
	}
	moods := func(want int) []callback.Mood {
		t.Helper()
		all, err := w.Moods(t.Context(), w.now.AddDate(0, -1, 0), w.now.AddDate(0, 0, 1))
		if err != nil || len(all) != want {
			t.Errorf("%s: the weeks are %+v, %v", w.now, all, err)
		}
		return all
	}
	due("nobody", false)
	answer("nobody", 3, "", callback.ErrNotAsked)
	answer("anna", 6, "", callback.ErrNotAsked)
	due("anna", true)
	answer("anna", 0, "", nil)
	due("anna", false)
	w.pass(24 * time.Hour)
	due("anna", true)
	answer("anna", 2, " too many on Monday ", nil)
	answer("anna", 1, "", callback.ErrNotAsked)
	for i, agent := range []string{"bo", "agent0", "agent1"} {
		answer(agent, 3+i%2, "", nil)
	}
	w.pass(7 * 24 * time.Hour)
	due("anna", true)
	moods(0) // four, and the week is over
	w.now = w.now.AddDate(0, 0, -7)
	answer("agent2", 5, "good", nil)
	moods(0) // five, and it is not
	w.now = w.now.AddDate(0, 0, 7)
	if all := moods(1); len(all) == 1 {
		m := all[0]
		if fmt.Sprint(m.Scores) != "map[2:1 3:2 4:1 5:1]" || fmt.Sprintf("%q", m.Words) != `["good" "too many on Monday"]` {
			t.Errorf("they said %+v", m)
		}
	}
}

// TestNoPulse holds that nobody is asked unless the configuration says so.
func TestNoPulse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if due, err := w.PulseDue(t.Context(), "anna"); due || err != nil {
		t.Errorf("anna is asked: %t, %v", due, err)
	}
}
