package callback

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/opening"
)

// Pulse is a short question to agents.
type Pulse struct {
	Question string `yaml:"question"` // "" for none
	Every    Span   `yaml:"every"`    // how often an agent is asked
}

// FewMoods is below how many answers of a week nothing is told of it: fewer
// people would know each other's answers.
const FewMoods = 5

// Mood is what agents answered in one week. Whose answer is whose is not kept.
type Mood struct {
	Week   time.Time   // its Monday
	Scores map[int]int // how many gave which answer
	Words  []string    // that were written beside them, by the alphabet
}

// Moods keeps what agents answered.
type Moods interface {
	PulseAsked(agent string) (day time.Time, err error) // the day alone; ErrNotFound when never
	PutPulseAsked(agent string, day time.Time) error
	AddMood(week time.Time, score int, words string) error // score 0 is no answer
	// Moods returns weeks that begin from an instant on, and before another.
	Moods(from, to time.Time) ([]Mood, error)
}

// ErrNotAsked says that nobody asks this agent just now.
var ErrNotAsked = errors.New("the question is not asked now")

// PulseDue reports whether an agent is to be asked now.
func (d *Desk) PulseDue(ctx context.Context, agent string) (due bool, err error) {
	if _, ok := d.Agents[agent]; !ok || d.Pulse.Question == "" {
		return false, nil
	}
	err = d.Store.View(ctx, func(tx Tx) error {
		due, err = d.pulseDue(tx, agent)
		return err
	})
	return due, err
}

func (d *Desk) pulseDue(tx Tx, agent string) (bool, error) {
	last, err := tx.PulseAsked(agent)
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	return !d.thisDay().Before(last.Add(d.Pulse.Every.Duration())), err
}

// thisDay is when this day began, where the service is.
func (d *Desk) thisDay() time.Time { return opening.DayOf(d.Now().In(d.zone)).Begins(d.zone) }

// mostMood bounds the words of an answer.
const mostMood = 300

// TakePulse keeps the answer of an agent, from 1 to 5, and forgets whose it is.
// 0 is for not now: he is asked again tomorrow.
func (d *Desk) TakePulse(ctx context.Context, agent string, score int, words string) error {
	if _, ok := d.Agents[agent]; !ok || d.Pulse.Question == "" || score < 0 || score > 5 {
		return ErrNotAsked
	}
	day := d.thisDay()
	asked, week := day, day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	if score == 0 {
		asked = day.AddDate(0, 0, 1).Add(-d.Pulse.Every.Duration())
	}
	said := []rune(strings.TrimSpace(words))
	return d.Store.Update(ctx, func(tx Tx) error {
		due, err := d.pulseDue(tx, agent)
		switch {
		case err != nil:
			return err
		case !due:
			return ErrNotAsked
		}
		err = tx.PutPulseAsked(agent, asked)
		if err != nil || score == 0 {
			return err
		}
		return tx.AddMood(week, score, string(said[:min(len(said), mostMood)]))
	})
}

// check says what is wrong with the question to agents.
func (p Pulse) check(m *mistakes) {
	if p.Every.Duration() < day1 {
		m.add("pulse.every", "must be a day at least")
	}
}

// Moods tells of the weeks that are over, of those in which enough agents
// answered.
func (d *Desk) Moods(ctx context.Context, from, to time.Time) ([]Mood, error) {
	var all []Mood
	if over := d.thisDay().AddDate(0, 0, -6); over.Before(to) {
		to = over
	}
	err := d.Store.View(ctx, func(tx Tx) error {
		found, err := tx.Moods(from.AddDate(0, 0, -6), to)
		all = nil
		for _, m := range found {
			n := 0
			for _, given := range m.Scores {
				n += given
			}
			if n >= FewMoods {
				all = append(all, m)
			}
		}
		return err
	})
	return all, err
}
