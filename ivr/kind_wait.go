package ivr

import "time"

// wait keeps a caller in line for an agent, with music. What is told is true:
// the place, and for how long at most when anybody knows. Two keys lead out of
// it at any time, and the desk does when it is the caller's turn.
type wait struct {
	say    []sentence
	every  time.Duration
	then   string // when somebody is free
	place  string // for who wants to be called back when it is his turn; "" when that is not offered
	times  string // for who wants to choose a time; "" likewise
	closed string // when nobody may wait, or may any longer
}

// The keys of who waits.
const (
	keyPlace = "1"
	keyTimes = "2"
)

func readWait(f *fields) kind {
	k := &wait{
		say: f.says("say"), every: f.duration("every", time.Minute, 10*time.Minute),
		then: f.choice(), closed: f.next("closed"),
	}
	f.shape("place", refShape)
	if n := f.get("place"); n != nil {
		k.place = f.lead(n, "key "+keyPlace, false)
	}
	f.shape("times", refShape)
	if n := f.get("times"); n != nil {
		k.times = f.lead(n, "key "+keyTimes, false)
	}
	return k
}

func (k *wait) enter(t *talk) string {
	if !t.MayWait {
		if !t.Open {
			t.sayAll(closedNow)
		}
		return k.closed
	}
	t.greet(k.say, []sentence{})
	t.say(t.inLine()...)
	place := k.place != "" && !t.NoPlace
	if place {
		t.say(Prompt{Name: "press_place", Key: keyPlace})
	}
	if k.times != "" {
		t.say(Prompt{Name: "press_times", Key: keyTimes})
	}
	if !t.seen && (place || k.times != "") {
		t.say(Prompt{Name: "stay_on"})
	}
	return t.listen(&Listen{Max: 1, Wait: k.every, Hold: true})
}

// inLine says where in line a caller stands, and for how long at most.
func (t *talk) inLine() []Prompt {
	place := Prompt{Name: "next_in_line"}
	if t.Ahead > 0 {
		place = Prompt{Name: "in_line", N: t.Ahead + 1}
	}
	if t.Bound <= 0 {
		return []Prompt{place}
	}
	return []Prompt{place, {Name: "wait_most", N: atMost(t.Bound)}}
}

// atMost rounds a wait up to what can be said: minutes, and five of them from
// five on.
func atMost(bound time.Duration) int {
	minutes := int((bound + time.Minute - 1) / time.Minute)
	if minutes > 5 {
		minutes = (minutes + 4) / 5 * 5
	}
	return minutes
}

func (k *wait) hear(t *talk, e Event) (string, bool) {
	switch {
	case e.Kind == Free:
		return k.then, true
	case e.Kind == Silence:
		return t.Node, true
	case e.Kind == Heard && e.Text == keyPlace && k.place != "":
		return k.place, true
	case e.Kind == Heard && e.Text == keyTimes && k.times != "":
		return k.times, true
	}
	return "", false
}

// hears returns the keys that lead out of the line.
func (k *wait) hears() map[string]string {
	keys := map[string]string{}
	if k.place != "" {
		keys[keyPlace] = k.place
	}
	if k.times != "" {
		keys[keyTimes] = k.times
	}
	return keys
}
