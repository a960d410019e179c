package store

import (
	"time"

	"github.com/holdless/holdless/callback"
)

// PulseAsked implements [callback.Moods].
func (t *tx) PulseAsked(agent string) (time.Time, error) {
	return first(t, func(day *time.Time) []any { return []any{moment{day}} }, `SELECT day FROM pulse_asked WHERE agent = $1`+t.lock, agent)
}

// PutPulseAsked implements [callback.Moods].
func (t *tx) PutPulseAsked(agent string, day time.Time) error {
	_, err := t.exec(`INSERT INTO pulse_asked (agent, day) VALUES ($1, $2) ON CONFLICT (agent) DO UPDATE SET day = excluded.day`, agent, day)
	return err
}

// AddMood implements [callback.Moods].
func (t *tx) AddMood(week time.Time, score int, words string) error {
	_, err := t.exec(`INSERT INTO pulse (week, score, n) VALUES ($1, $2, 1)
		ON CONFLICT (week, score) DO UPDATE SET n = pulse.n + 1`, week, score)
	if err != nil || words == "" {
		return err
	}
	_, err = t.exec(`INSERT INTO pulse_word (week, words) VALUES ($1, $2) ON CONFLICT DO NOTHING`, week, words)
	return err
}

// Moods implements [callback.Moods].
func (t *tx) Moods(from, to time.Time) ([]callback.Mood, error) {
	type count struct {
		week     time.Time
		score, n int
		words    string
	}
	counts, err := list(t, func(c *count) []any { return []any{moment{&c.week}, &c.score, &c.n} },
		`SELECT week, score, n FROM pulse WHERE week >= $1 AND week < $2 ORDER BY week`, from, to)
	if err != nil {
		return nil, err
	}
	var all []callback.Mood
	place := map[time.Time]int{}
	for _, c := range counts {
		if _, known := place[c.week]; !known {
			place[c.week] = len(all)
			all = append(all, callback.Mood{Week: c.week, Scores: map[int]int{}})
		}
		all[place[c.week]].Scores[c.score] = c.n
	}
	said, err := list(t, func(c *count) []any { return []any{moment{&c.week}, &c.words} },
		`SELECT week, words FROM pulse_word WHERE week >= $1 AND week < $2 ORDER BY week, words`, from, to)
	for _, c := range said {
		if i, known := place[c.week]; known {
			all[i].Words = append(all[i].Words, c.words)
		}
	}
	return all, err
}
