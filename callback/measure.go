package callback

import (
	"cmp"
	"errors"
	"time"

	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/callback/wait"
)

// A Measure is what was counted of one queue on one day of its place, or within
// a quarter of an hour: people who ask for a person are forecast by the quarter.
type Measure struct {
	Queue string
	Since time.Time
	figures.Count
	Parts map[string]string // what it is counted by beside that: figures.ByTopic and the topic
}

// A Part is what was counted of one topic, language, agent, queue or hour.
type Part struct {
	Of    string
	Since time.Time // the day; zero where the days are added up
	figures.Count
}

// PartFilter chooses parts. Empty fields choose all.
type PartFilter struct {
	By       string // figures.ByTopic and so on; "" for queues
	Queue    string
	From, To time.Time // inclusive, exclusive
	Names    []string  // of the counts
	Daily    bool      // each day for itself
	Together bool      // all queues as one, which has no name
}

// MeasureFilter chooses what is added up. Empty fields choose all.
type MeasureFilter struct {
	Queue    string
	Name     string
	From, To time.Time // inclusive, exclusive
}

// Measures keeps what was counted, and what estimates are made of.
type Measures interface {
	// Measure adds to what was counted, and moves the running estimates of the
	// queue on.
	Measure(Measure) error
	Measures(MeasureFilter) ([]Measure, error) // added up by queue and name
	Parts(PartFilter) ([]Part, error)          // added up by what they are of and name
	FirstPart(by string) (time.Time, error)    // the first day with parts of a kind, answers left out
	// Course returns what was counted of one queue under one name, in order.
	Course(MeasureFilter) ([]Measure, error)
	Running(queue string) (wait.Running, error) // ErrNotFound before anything was measured
	PutTold(Told) error                         // adds or replaces
	Told(id string) (Told, error)
}

// quarter is the span by which the coming of callers is forecast.
const quarter = 15 * time.Minute

// scope is what a talk is about.
func (t *Talk) scope() figures.Scope {
	return figures.Scope{Queue: t.Queue, Topic: t.State.Data["topic"], Lang: t.State.Lang}
}

// scope is what a callback is about.
func (c Callback) scope() figures.Scope {
	return figures.Scope{Queue: c.Queue, Topic: c.Topic, Lang: c.Lang, Agent: cmp.Or(c.Agent, c.Owner)}
}

// measure counts something that ended now, or just happened.
func (d *Desk) measure(tx Tx, s figures.Scope, name string, took time.Duration) error {
	now := d.Now()
	err := tx.Measure(d.counted(s, now, figures.Count{Name: name, N: 1, Time: max(took, 0)}))
	if name != figures.Offered {
		return err
	}
	coming := Measure{Queue: s.Queue, Since: now.Truncate(quarter), Count: figures.Count{Name: figures.Coming, N: 1}}
	return errors.Join(err, tx.Measure(coming))
}

// counted puts a count to the day of its queue, and to what it was about.
func (d *Desk) counted(s figures.Scope, at time.Time, c figures.Count) Measure {
	zone := d.zone
	if q := d.Queues[s.Queue]; q != nil {
		zone = q.Zone
	}
	at = at.In(zone)
	return Measure{Queue: s.Queue, Since: opening.DayOf(at).Begins(zone), Count: c, Parts: s.Parts(c.Name, at)}
}
