package ivr

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/holdless/holdless/sounds/languages"
)

const (
	maxKeys  = 5 // more than a person can keep in mind
	goodKeys = 4
)

// menu says what there is to choose from, and waits for one key.
type menu struct {
	say, short []sentence
	options    []option
	note       string // remember the choice under this name
	listen     Listen
}

// An option is one key of a menu.
type option struct {
	key   string
	say   string            // a built-in prompt with a {key}, or
	label map[string]string // the matter, for the built-in sentence "option"
	to    string
	value string // what is noted
	noted *known
	lang  string // the language to go on in, if it changes
	only  string // whom it is offered to; "" for everybody
}

func readMenu(f *fields) kind {
	k := &menu{
		say: f.says("say"), short: f.says("short"),
		note: f.text("note"), listen: Listen{Max: 1, Wait: f.duration("wait", 6*time.Second, time.Minute)},
	}
	f.shape("keys", keysShape)
	n := f.need("keys")
	if n == nil {
		return k
	}
	var silent []*yaml.Node
	for _, p := range f.reader.pairs(n, "keys") {
		key, ok := f.key(p.name)
		o := f.option(key, p) // which leads somewhere, whatever the key is
		if !ok {
			continue
		}
		o.noted = knowing(k.note, o.value)
		k.options = append(k.options, o)
		if o.say == "" && o.label == nil {
			silent = append(silent, p.name)
		}
	}
	heard := slices.DeleteFunc(slices.Clone(k.options), func(o option) bool { return o.only != "" })
	f.count(n, len(k.options), len(heard))
	k.untold(f, silent)
	return k
}

// untold warns of keys that nothing is said about: they have no words, and the
// menu says no words of its own that could tell of them.
func (k *menu) untold(f *fields, keys []*yaml.Node) {
	if len(keys) == 0 || slices.ContainsFunc(k.say, func(s sentence) bool { return s.text != nil }) {
		return
	}
	names := make([]string, len(keys))
	for i, n := range keys {
		names[i] = n.Value
	}
	f.warn(keys[0], "callers are not told of "+"key "+strings.Join(names, ", "), "give it a label:, or tell of it in say:")
}

// count looks how many keys there are, and how many of them everybody hears.
func (f *fields) count(n *yaml.Node, keys, heard int) {
	switch text := fmt.Sprintf("%d keys are too many to remember", keys); {
	case n.Kind == yaml.MappingNode && keys == 0:
		f.fail(n, "there are no keys", "")
	case keys > maxKeys:
		f.fail(n, text, fmt.Sprintf("offer at most %d, better %d", maxKeys, goodKeys))
	case heard > goodKeys:
		f.warn(n, text, fmt.Sprintf("better offer %d", goodKeys))
	}
}

// option reads one key: the node that it leads to, or what is said of it too.
func (f *fields) option(key string, p pair) option {
	if p.value.Kind == yaml.ScalarNode {
		to := f.lead(p.value, "key "+key, false)
		return option{key: key, to: to, value: to}
	}
	o := f.reader.fields(p.value, "key "+key)
	if len(o.pairs) == 0 {
		return option{key: key}
	}
	return o.saidKey(key)
}

// saidKey reads a key that has more to it than a node.
func (f *fields) saidKey(key string) option {
	to := f.chosen("to")
	opt := option{key: key, to: to, value: cmp.Or(f.text("value"), to), say: f.keyPrompt(), lang: f.lang()}
	if f.get("if") != nil || f.shapes != nil {
		opt.only = f.word("if", mayRecord)
	}
	f.shape("label", shape{"anyOf": []shape{{"enum": matters()}, {"$ref": "#/$defs/words"}}})
	if n := f.get("label"); n != nil {
		opt.label = f.labels(n)
		if opt.say != "" {
			f.fail(n, "say: and label: are two sentences for one key", "take one of them out")
		}
	}
	f.done()
	return opt
}

// labels reads what a key is for: words of the supervisor's own, or the name
// of a matter that every language has words for.
func (f *fields) labels(n *yaml.Node) map[string]string {
	if n.Kind == yaml.MappingNode {
		return f.words(n, "label")
	}
	name, ok := f.scalar(n, "label")
	if ok && !slices.Contains(matters(), name) {
		f.fail(n, fmt.Sprintf("no matter is called %q", name),
			cmp.Or(f.meant(name, matters()), "write label: {en: ...}, or one of "+strings.Join(matters(), ", ")))
	}
	text := map[string]string{}
	for _, lang := range f.menu.languages {
		l, _ := languages.Find(lang)
		text[lang] = cmp.Or(l.Matters[name], name)
		f.menu.texts[lang] = append(f.menu.texts[lang], text[lang])
	}
	return text
}

// matters lists what people call about, as far as every language names it.
func matters() []string {
	return slices.Sorted(maps.Keys(languages.All()[0].Matters))
}

// keyPrompt reads the name of a built-in sentence about a key.
func (f *fields) keyPrompt() string {
	names := aboutKeys()
	f.shape("say", shape{"enum": names})
	n := f.get("say")
	if n == nil {
		return ""
	}
	s, ok := f.scalar(n, "say")
	if ok && prompts[s] != "key" {
		f.fail(n, fmt.Sprintf("no sentence about a key is called %q", s),
			cmp.Or(f.meant(s, names), "write label: {en: ...}, or one of "+strings.Join(names, ", ")))
	}
	return s
}

// aboutKeys lists the built-in sentences about a key.
func aboutKeys() []string {
	var names []string
	for name, holes := range prompts {
		if holes == "key" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (f *fields) lang() string {
	f.shape("lang", shape{"type": "string", "pattern": langName.String()})
	n := f.get("lang")
	if n == nil {
		return ""
	}
	s, ok := f.scalar(n, "lang")
	if ok && !slices.Contains(f.menu.languages, s) {
		f.fail(n, fmt.Sprintf("the menu does not speak %q", s), "it speaks "+strings.Join(f.menu.languages, ", "))
	}
	return s
}

func (k *menu) enter(t *talk) string {
	t.greet(k.say, k.short)
	for i := range k.options {
		switch o := &k.options[i]; {
		case !t.offers(o):
		case o.say != "":
			t.say(Prompt{Name: o.say, Key: o.key})
		case o.label != nil:
			t.say(Prompt{Name: "option", Text: o.label[t.Lang], Key: o.key})
		}
	}
	return t.listen(&k.listen)
}

func (k *menu) hear(t *talk, e Event) (string, bool) {
	if e.Kind != Heard {
		return "", false
	}
	for i := range k.options {
		if o := &k.options[i]; o.key == e.Text && t.offers(o) {
			if k.note != "" {
				t.noted(o.noted)
			}
			if o.lang != "" {
				t.Lang = o.lang
			}
			return o.to, true
		}
	}
	return "", false
}

// mayRecord is the condition of a key that only those are offered who may record
// what callers hear.
const mayRecord = "may_record"

// offers reports whether a key is there for this person.
func (t *talk) offers(o *option) bool { return o.only != mayRecord || t.MayRecord }

// hears returns where each key leads.
func (k *menu) hears() map[string]string {
	keys := map[string]string{}
	for _, o := range k.options {
		keys[o.key] = o.to
	}
	return keys
}
