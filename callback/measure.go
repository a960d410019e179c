package callback

import (
	"cmp"
	"errors"
	"strconv"
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

// Running is what is known of the calls and the callers of a queue just now.
type Running struct {
	Queue string
	Talk  wait.Handling // how long calls keep an agent
	Write wait.Handling // and how long he writes after them
	Gives wait.Giving   // how long callers wait until they give up
}

// Unmeasured is what is taken for granted of a queue before its first call.
func Unmeasured(queue string) Running {
	return Running{
		Queue: queue, Talk: wait.Handled, Write: wait.Handling{Mean: 30 * time.Second}, Gives: wait.GivingUp,
	}
}

// Handle is how long one call keeps an agent, writing included.
func (r Running) Handle() time.Duration { return r.Talk.Mean + r.Write.Mean }

// Add counts in what was measured. It reports false for what says nothing
// about calls and callers.
func (r Running) Add(c figures.Count) (Running, bool) {
	switch c.Name {
	case figures.Talking:
		r.Talk = r.Talk.Add(c.Time)
	case figures.Writing:
		r.Write = r.Write.Add(c.Time)
	case figures.Abandoned:
		r.Gives = r.Gives.Add(c.Time, 1)
	case figures.Answered, figures.Deferred, figures.Unserved:
		r.Gives = r.Gives.Add(c.Time, 0)
	default:
		return r, false
	}
	return r, true
}

// quarter is the span by which the coming of callers is forecast.
const quarter = 15 * time.Minute

// A scope is what something that is counted was about, as far as that is known.
type scope struct {
	queue, topic, lang string
	agent              string // "" when it is not the work of one
}

// mostTopic bounds the name of a topic: other programs make them up.
const mostTopic = 64

// scope is what a talk is about.
func (t *Talk) scope() scope {
	return scope{queue: t.Queue, topic: t.State.Data["topic"], lang: t.State.Lang}
}

// scope is what a callback is about.
func (c Callback) scope() scope {
	return scope{queue: c.Queue, topic: c.Topic, lang: c.Lang, agent: cmp.Or(c.Agent, c.Owner)}
}

// parts are what something is counted by that happened at an instant.
func (s scope) parts(name string, at time.Time) map[string]string {
	all := map[string]string{}
	for by, of := range map[string]string{
		figures.ByTopic: string([]rune(s.topic)[:min(mostTopic, len([]rune(s.topic)))]), figures.ByLang: s.lang,
		figures.ByAgent: s.agent, figures.ByHour: strconv.Itoa(at.Hour()),
	} {
		if figures.Apart(by, name) && (of != "" || by != figures.ByAgent) {
			all[by] = of
		}
	}
	return all
}

// measure counts something that ended now, or just happened.
func (d *Desk) measure(tx Tx, s scope, name string, took time.Duration) error {
	now := d.Now()
	err := tx.Measure(d.counted(s, now, figures.Count{Name: name, N: 1, Time: max(took, 0)}))
	if name != figures.Offered {
		return err
	}
	coming := Measure{Queue: s.queue, Since: now.Truncate(quarter), Count: figures.Count{Name: figures.Coming, N: 1}}
	return errors.Join(err, tx.Measure(coming))
}

// counted puts a count to the day of its queue, and to what it was about.
func (d *Desk) counted(s scope, at time.Time, c figures.Count) Measure {
	zone := d.zone
	if q := d.Queues[s.queue]; q != nil {
		zone = q.Zone
	}
	at = at.In(zone)
	return Measure{Queue: s.queue, Since: opening.DayOf(at).Begins(zone), Count: c, Parts: s.parts(c.Name, at)}
}
