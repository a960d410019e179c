package number

import "sync"

// mostJudged bounds how many numbers are remembered.
const mostJudged = 4096

// judged remembers what numbers are: it takes 20 µs to find out, and is asked
// at every turn of a talk.
type judged struct {
	mu      sync.Mutex
	reasons map[Phone]string
}

// reason returns why a number is refused, and "" when it is not.
func (j *judged) reason(p Phone, judge func(Phone) string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	if reason, known := j.reasons[p]; known {
		return reason
	}
	if len(j.reasons) >= mostJudged || j.reasons == nil {
		j.reasons = map[Phone]string{} // who calls now is asked for again soon
	}
	j.reasons[p] = judge(p)
	return j.reasons[p]
}
