package ivr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// language asks in which language the talk goes on, each choice in its own
// language. Who has chosen before is not asked again.
type language struct {
	say     []sentence
	options []tongue
	wait    time.Duration
	then    string
}

// A tongue is one language to choose.
type tongue struct{ key, lang string }

// chosenLanguage is the name of the note with the language that was chosen.
const chosenLanguage = "language"

func readLanguage(f *fields) kind {
	k := &language{say: f.says("say"), wait: f.duration("wait", 6*time.Second, time.Minute), then: f.next("then")}
	f.shape("keys", keyed(shape{"type": "string", "pattern": langName.String()}))
	n := f.get("keys")
	if n == nil {
		for i, lang := range f.menu.languages {
			k.options = append(k.options, tongue{strconv.Itoa(i + 1), lang})
		}
		if len(k.options) > goodKeys {
			f.fail(f.whole, fmt.Sprintf("%d languages are too many to read out", len(k.options)), fmt.Sprintf("choose at most %d under keys:", maxKeys))
		}
		return k
	}
	for _, p := range f.reader.pairs(n, "keys") {
		if key, ok := f.key(p.name); ok {
			k.options = append(k.options, tongue{key, f.spoken(p)})
		}
	}
	f.count(n, len(k.options), len(k.options))
	return k
}

// spoken reads a language that the menu speaks.
func (f *fields) spoken(p pair) string {
	s, ok := f.scalar(p.value, "a language")
	if ok && !slices.Contains(f.menu.languages, s) {
		f.fail(p.value, fmt.Sprintf("the menu does not speak %q", s), "it speaks "+strings.Join(f.menu.languages, ", "))
	}
	return s
}

func (k *language) enter(t *talk) string {
	known := func(o tongue) bool { return o.lang == t.Caller.Lang }
	if t.event.Kind == Begin && slices.ContainsFunc(k.options, known) {
		t.Lang = t.Caller.Lang
		return k.then
	}
	t.sayAll(k.say)
	for _, o := range k.options {
		t.say(Prompt{Name: "press_language", Key: o.key, Lang: o.lang})
	}
	return t.listen(&Listen{Max: 1, Wait: k.wait})
}

// hear takes the choice. Who says nothing is served in the language that the
// talk has.
func (k *language) hear(t *talk, e Event) (string, bool) {
	if e.Kind == Silence {
		return k.then, true
	}
	i := slices.IndexFunc(k.options, func(o tongue) bool { return e.Kind == Heard && o.key == e.Text })
	if i < 0 {
		return "", false
	}
	t.Lang = k.options[i].lang
	t.note(chosenLanguage, t.Lang)
	return k.then, true
}

// hears returns where each key leads.
func (k *language) hears() map[string]string {
	keys := map[string]string{}
	for _, o := range k.options {
		keys[o.key] = k.then
	}
	return keys
}
