package ivr

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// connect rings somebody for a short while. Nobody is held: when no one picks
// up, the talk goes on.
type connect struct {
	say      []sentence
	to       string
	ring     time.Duration
	transfer bool
	then     string             // when the two have spoken
	busy     string             // when nobody took the call
	callback string             // when the person would rather be called back; "" when that is not offered
	outcomes map[Outcome]string // the same, for one reason
}

// reasons lists the outcomes that may lead to a node of their own.
var reasons = []string{
	string(Unsent), string(Busy), string(Unanswered), string(Machine),
	string(Rejected), string(BadNumber), string(Carrier), string(Later), string(Unknown),
}

var (
	agentName = regexp.MustCompile(`^agent:[A-Za-z0-9_.-]+$`)
	address   = regexp.MustCompile(`^(\+[1-9][0-9]{4,14}|sips?:[^\s@]+@[^\s@]+)$`)
)

// keyCallback is what a person presses who would rather be called back than
// wait until somebody is reached.
const keyCallback = "2"

func readConnect(f *fields) kind {
	k := f.connect(20 * time.Second)
	f.shape("callback", refShape)
	if n := f.get("callback"); n != nil {
		k.callback = f.lead(n, "callback", false)
	}
	names := []string{"agents", "customer", Waiting}
	f.shape("to", shape{"anyOf": []shape{{"enum": names}, {"type": "string", "pattern": agentName.String()}}})
	n := f.need("to")
	if n == nil {
		return k
	}
	to, ok := f.scalar(n, "to")
	k.to = to
	if ok && !slices.Contains(names, to) && !agentName.MatchString(to) {
		f.fail(n, fmt.Sprintf("a call cannot be connected to %q", to),
			cmp.Or(f.meant(to, names), "agents, agent:<name>, customer or waiting"))
	}
	return k
}

// connect reads what a connect and a transfer have in common.
func (f *fields) connect(ring time.Duration) *connect {
	k := &connect{
		say: f.says("say"), ring: f.duration("ring", ring, 2*time.Minute),
		then: f.next("then"), busy: f.next("busy"),
	}
	f.shape("outcomes", mapped(reasons, refShape))
	n := f.get("outcomes")
	if n == nil {
		return k
	}
	k.outcomes = map[Outcome]string{}
	for _, p := range f.reader.pairs(n, "outcomes") {
		if !slices.Contains(reasons, p.key) {
			f.fail(p.name, fmt.Sprintf("no call ends with %q", p.key), cmp.Or(f.meant(p.key, reasons), "one of "+strings.Join(reasons, ", ")))
		}
		k.outcomes[Outcome(p.key)] = f.lead(p.value, p.key, true)
	}
	return k
}

func (k *connect) enter(t *talk) string {
	t.sayAll(k.say)
	t.out.Connect = &Connect{To: k.to, Ring: k.ring, Transfer: k.transfer}
	if k.callback != "" {
		t.out.Connect.Offer = &Prompt{Name: "press_called", Key: keyCallback}
	}
	return ""
}

func (k *connect) hear(t *talk, e Event) (string, bool) {
	switch e.Kind {
	case Heard:
		return k.callback, k.callback != "" && e.Text == keyCallback
	case Spoke:
		return k.then, true
	case NoAnswer:
		if to, ok := k.outcomes[Outcome(e.Text)]; ok {
			return to, true
		}
		return k.busy, true
	default:
		return "", false
	}
}
