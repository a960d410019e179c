package callback

import "time"

// A Queue is a group of agents with hours of its own.
type Queue struct {
	Name     string
	Agents   []string
	Zone     *time.Location
	CallerID Phone
	Capacity int
	WrapUp   time.Duration
}

// Open reports whether the queue is at work.
func (q *Queue) Open(at time.Time) bool { return false }

// Opens returns when the queue is at work next; zero when nobody knows.
func (q *Queue) Opens(after time.Time) time.Time { return time.Time{} }
