package ivr

// hours goes one way while the queue is at work. When it is not, it says when
// it opens, and goes the other way.
type hours struct {
	open, closed string
}

func readHours(f *fields) kind {
	return &hours{open: f.next("open"), closed: f.next("closed")}
}

func (k *hours) enter(t *talk) string {
	if t.Open {
		return k.open
	}
	t.sayAll(closedNow)
	return k.closed
}

var closedNow = []sentence{{name: "closed", fill: sayClosed}}

func (k *hours) hear(*talk, Event) (string, bool) { return "", false }
