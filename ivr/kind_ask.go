package ivr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// ask puts a question of a survey. It is answered by a key or in words; with
// no Answers listed any words will do.
type ask struct {
	say, short []sentence
	save       string
	answers    []int          // ascending; none for any words
	then       map[int]string // by answer, where it matters
	other      string         // after any other
	stop       string         // when the person wants no more questions; "" for then
	none       string         // when no answer comes; "" for where all go who are not understood
	byText     bool
}

func readAsk(f *fields) kind {
	k := &ask{
		say: f.mustSay("say"), short: f.says("short"), save: f.text("save"),
		byText: f.menu.audience == texter,
	}
	if k.save == "" {
		f.need("save")
	}
	if n := f.get("stop"); n != nil {
		k.stop = f.lead(n, "stop", false)
	} else if k.byText {
		f.needed = append(f.needed, "stop")
		f.fail(f.whole, f.what+" needs stop:", "people may ask for no more texts")
	}
	if n := f.get("none"); n != nil {
		k.none = f.lead(n, "none", false)
	}
	f.shape("answers", oneOrMore(shape{"type": "integer", "minimum": 0, "maximum": 10}))
	n := f.get("answers")
	switch {
	case n != nil:
		k.answers = f.scale()
	case !k.byText:
		f.needed = append(f.needed, "answers")
		f.fail(f.whole, f.what+" needs answers:", "a telephone has no words, only keys")
	}
	k.readThen(f)
	return k
}

// readThen reads what follows: one node, or one for each answer.
func (k *ask) readThen(f *fields) {
	f.shape("then", shape{"anyOf": []shape{refShape, {
		"type": "object", "patternProperties": shape{"^[0-9]+(-[0-9]+)?$": refShape}, "additionalProperties": false,
	}}})
	n := f.need("then")
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		k.other = f.lead(n, "then", false)
		return
	}
	k.then = map[int]string{}
	for _, p := range f.reader.pairs(n, "then") {
		to := f.lead(p.value, "then "+p.key, false)
		for _, a := range f.answersIn(p.name, p.key) {
			if !slices.Contains(k.answers, a) {
				f.fail(p.name, fmt.Sprintf("%d is not one of answers:", a), "")
			}
			k.then[a] = to
		}
	}
	for _, a := range k.answers {
		if k.then[a] == "" {
			f.fail(n, fmt.Sprintf("nothing follows the answer %d", a), "")
		}
	}
}

// answersIn reads one answer, or several like 1-2.
func (f *fields) answersIn(n *yaml.Node, text string) []int {
	from, to, several := strings.Cut(text, "-")
	if !several {
		to = from
	}
	a, errA := strconv.Atoi(from)
	b, errB := strconv.Atoi(to)
	if errA != nil || errB != nil || a > b || b > 10 {
		f.fail(n, strconv.Quote(text)+" is neither an answer nor several like 1-2", "")
		return nil
	}
	var all []int
	for i := a; i <= b; i++ {
		all = append(all, i)
	}
	return all
}

// scale reads the numbers that are answers.
func (f *fields) scale() []int {
	var all []int
	n := f.get("answers")
	for _, item := range f.list(n) {
		s, ok := f.scalar(item, "an answer")
		i, err := strconv.Atoi(s)
		switch {
		case !ok:
		case err != nil || i < 0 || i > 10:
			f.fail(item, "an answer is a number from 0 to 10, not "+strconv.Quote(s), "")
		case slices.Contains(all, i):
			f.fail(item, strconv.Quote(s)+" is here for the second time", "")
		default:
			all = append(all, i)
		}
	}
	slices.Sort(all)
	if len(all) == 1 {
		f.fail(n, "one answer is no question", "")
	}
	return all
}

func (k *ask) enter(t *talk) string {
	t.greet(k.say, k.short)
	l := Listen{Wait: 8 * time.Second}
	if !k.byText {
		l.Max, l.Gap = 1, 1500*time.Millisecond
		if k.answers[len(k.answers)-1] > 9 {
			l.Max, l.Finish = 2, "#"
		}
	}
	return t.listen(&l)
}

func (k *ask) hear(t *talk, e Event) (string, bool) {
	if e.Kind != Heard {
		return k.unanswered(t)
	}
	a := readAnswer(e.Text, t.Lang, k.answers)
	switch {
	case a.stop && k.stop != "":
		t.note("stop", "yes")
		return k.stop, true
	case a.given:
		t.note(k.save, a.value)
	}
	if a.words != "" {
		t.note(k.save+"_comment", a.words)
	}
	if !a.given {
		return k.unanswered(t)
	}
	return k.after(a), true
}

// unanswered leads on from a question that was asked often enough.
func (k *ask) unanswered(t *talk) (string, bool) {
	return k.none, k.none != "" && t.Wrong+t.Quiet+1 >= maxTries
}

// after is where an answer leads.
func (k *ask) after(a answer) string {
	if n, err := strconv.Atoi(a.value); err == nil && k.then[n] != "" {
		return k.then[n]
	}
	return k.other
}
