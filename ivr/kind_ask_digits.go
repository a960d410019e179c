package ivr

import (
	"fmt"
	"time"
)

// askDigits asks for a number of the caller's: a customer number, an order.
type askDigits struct {
	say, short []sentence
	save       string
	min, max   int
	then       string
}

func readAskDigits(f *fields) kind {
	k := &askDigits{
		say: f.mustSay("say"), short: f.says("short"), save: f.text("save"),
		min: f.number("min", 1, 1, 32), max: f.number("max", 16, 1, 32),
		then: f.choice(),
	}
	if k.save == "" {
		f.need("save")
	}
	if k.min > k.max {
		f.fail(f.get("min"), fmt.Sprintf("at least %d and at most %d digits is impossible", k.min, k.max), "")
	}
	return k
}

func (k *askDigits) enter(t *talk) string {
	t.greet(k.say, k.short)
	return t.listen(&Listen{Max: k.max, Finish: "#", Wait: 8 * time.Second, Gap: keyGap})
}

func (k *askDigits) hear(t *talk, e Event) (string, bool) {
	if e.Kind != Heard || !digits(e.Text, k.min, k.max) {
		return "", false
	}
	t.note(k.save, e.Text)
	return k.then, true
}

// keyGap is how long after a key of many the input is taken as it is.
const keyGap = 4 * time.Second

// digits reports whether s is between lo and hi digits and nothing else.
func digits(s string, lo, hi int) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(s) >= lo && len(s) <= hi
}
