package callback

import (
	"cmp"
	"errors"
	"slices"
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

// measureAgent counts what an agent did until now, when he is about to do
// something else, and finds out whose wait that ends.
func (d *Desk) measureAgent(tx Tx, s Status) error {
	was, err := tx.Status(s.Agent)
	if errors.Is(err, ErrNotFound) {
		return d.servedBy(tx, Status{}, s)
	}
	if err != nil || was.State == s.State && was.Ref == s.Ref {
		return err
	}
	queue, err := d.queueServed(tx, was)
	if err != nil || queue == nil {
		return err
	}
	about, err := d.scopeOf(tx, was, queue)
	if err != nil {
		return err
	}
	name, took := "", d.Now().Sub(was.Since)
	switch was.State {
	case Available:
		name, took = figures.Available, queue.worked(was.Since, d.Now())
	case OnRing, OnCall:
		name = figures.Ringing
		if s.State == WrappingUp {
			name = figures.Talking
		}
	case WrappingUp:
		name, took = figures.Writing, min(took, d.longestWrapUp(s.Agent))
	case OnBreak, Offline:
		return nil
	}
	return errors.Join(d.servedBy(tx, was, s), d.measure(tx, about, name, took))
}

// scopeOf is what an agent is busy with.
func (d *Desk) scopeOf(tx Tx, s Status, q *Queue) (scope, error) {
	about := scope{}
	if s.Ref != "" {
		t, err := tx.Talk(s.Ref)
		if missing(err) != nil {
			return about, err
		}
		about = t.scope()
		if c, err := tx.Callback(t.Callback); err == nil {
			about = c.scope()
		} else if missing(err) != nil {
			return about, err
		}
	}
	about.queue, about.agent = q.Name, s.Agent
	return about, nil
}

// queueServed is the queue that an agent works for: that of the talk he is busy
// with, or else the first of his.
func (d *Desk) queueServed(tx Tx, s Status) (*Queue, error) {
	if s.Ref != "" {
		t, err := tx.Talk(s.Ref)
		if err == nil && d.Queues[t.Queue] != nil {
			return d.Queues[t.Queue], nil
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	for _, name := range sorted(d.Queues) {
		if slices.Contains(d.Queues[name].Agents, s.Agent) {
			return d.Queues[name], nil
		}
	}
	return nil, nil
}

// worked is how long a queue was at work between two instants, of which at
// most two days are looked at.
func (q *Queue) worked(from, to time.Time) time.Duration {
	var sum time.Duration
	from = from.In(q.Zone)
	for n := range 3 {
		for _, s := range q.work().Spells(opening.DayOf(from).Plus(n), q.Zone) {
			begin, end := later(s.From, from), earlier(s.To, to)
			sum += max(0, end.Sub(begin))
		}
	}
	return sum
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
