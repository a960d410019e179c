package ivr

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A sentence is one thing to say: a built-in prompt, or words of the
// supervisor in each language.
type sentence struct {
	name string
	text map[string]string
	rec  string                     // the name of recordings of text
	fill func(*talk) (Prompt, bool) // for prompts with holes; false says nothing
}

// fills lists the prompts with holes that a menu may say by name, because the
// facts of the talk fill them.
var fills = map[string]func(*talk) (Prompt, bool){
	"brief_attempt": func(t *talk) (Prompt, bool) {
		return Prompt{Name: "brief_attempt", N: t.brief().Attempt}, t.brief().Attempt > 1
	},
	"brief_name": func(t *talk) (Prompt, bool) {
		return Prompt{Name: "brief_name", Text: t.brief().Name}, t.brief().Name != ""
	},
	"brief_topic": func(t *talk) (Prompt, bool) {
		return Prompt{Name: "brief_topic", Text: t.brief().Topic}, t.brief().Topic != ""
	},
	"closed": sayClosed,
	"notice": func(t *talk) (Prompt, bool) {
		return Prompt{Text: t.Notice[t.Lang]}, t.Notice[t.Lang] != ""
	},
	"have_booking": func(t *talk) (Prompt, bool) {
		return t.timed("have_booking", t.Booking), !t.Booking.IsZero()
	},
	"thanks_by_name": func(t *talk) (Prompt, bool) {
		if t.Caller.Name == "" {
			return Prompt{Name: "thanks"}, true
		}
		return Prompt{Name: "text_thanks", Text: t.Caller.Name}, true
	},
	"unreached": func(t *talk) (Prompt, bool) {
		name := "unreached_" + t.event.Text
		if _, ok := prompts[name]; !ok {
			name = "unreached_no_answer"
		}
		return Prompt{Name: name}, true
	},
}

func sayClosed(t *talk) (Prompt, bool) {
	if t.Opens.IsZero() {
		return Prompt{Name: "closed_now"}, true
	}
	return t.timed("closed", t.Opens), true
}

// says reads what a node says, and may be left out.
func (f *fields) says(name string) []sentence {
	f.shape(name, shape{"$ref": "#/$defs/say"})
	n := f.get(name)
	if n == nil {
		return nil
	}
	var all []sentence
	for _, item := range f.list(n) {
		if item.Kind == yaml.MappingNode {
			rec := f.recording(item)
			all = append(all, sentence{text: f.words(item, name), rec: rec})
			f.recorded(rec, name)
		} else if s, ok := f.scalar(item, name); ok {
			all = append(all, f.builtin(item, s))
		}
	}
	return all
}

// recordingName is what the recordings of words may be called.
var recordingName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,59}$`)

// recordingKey stands among the languages of words that somebody has spoken.
const recordingKey = "recording"

// recording reads the name of the recordings of some words, one for each
// language; "" when there are none.
func (f *fields) recording(n *yaml.Node) string {
	for c := range slices.Chunk(n.Content, 2) {
		if c[0].Value != recordingKey {
			continue
		}
		name, ok := f.scalar(c[1], recordingKey)
		if _, taken := prompts[name]; ok && (taken || !recordingName.MatchString(name)) {
			f.fail(c[1], fmt.Sprintf("a recording cannot be called %q", name), "use small letters, digits, - and _, and not the name of a built-in sentence")
		}
		return name
	}
	return ""
}

// recorded notes which of the words just read have recordings.
func (f *fields) recorded(name, what string) {
	for i := range f.menu.words {
		w := &f.menu.words[i]
		if last := len(f.menu.words) - len(f.menu.languages); i >= last && w.Node == f.node && w.What == what {
			w.Recording = name
		}
	}
}

// mustSay is says for what may not be left out.
func (f *fields) mustSay(name string) []sentence {
	all := f.says(name)
	if !slices.ContainsFunc(f.pairs, func(p pair) bool { return p.key == name }) {
		f.missing(name)
	}
	return all
}

func (r *reader) builtin(n *yaml.Node, name string) sentence {
	fill, filled := fills[name]
	holes, known := prompts[name]
	switch {
	case filled || known && holes == "":
	case known:
		r.fail(n, fmt.Sprintf("%q cannot be said by itself: it has %s to fill in", name, strings.ReplaceAll(holes, " ", " and ")), "")
	default:
		r.fail(n, fmt.Sprintf("no prompt is called %q", name), cmp.Or(r.meant(name, sayable()), "write words of your own as {en: ...}"))
	}
	return sentence{name: name, fill: fill}
}

func sayable() []string {
	names := slices.Collect(maps.Keys(fills))
	for name, holes := range prompts {
		if holes == "" {
			names = append(names, name)
		}
	}
	return names
}

// more suggests what to do about words that are missing in a language.
func (m *Menu) more(lang string) string {
	hint := fmt.Sprintf("add %s: to it", lang)
	if m.speaksAll {
		hint += ", or name the languages of your words at the top in place of all"
	}
	return hint
}

// words reads the supervisor's own words, one text for each language.
func (r *reader) words(n *yaml.Node, what string) map[string]string {
	text := map[string]string{}
	for _, p := range r.pairs(n, what) {
		s, ok := r.scalar(p.value, what+" in "+p.key)
		switch {
		case p.key == recordingKey && what != "label":
		case !slices.Contains(r.menu.languages, p.key):
			r.fail(p.name, fmt.Sprintf("the menu does not speak %q", p.key), "it speaks "+strings.Join(r.menu.languages, ", "))
		case ok:
			text[p.key] = strings.TrimSpace(s)
			r.menu.texts[p.key] = append(r.menu.texts[p.key], text[p.key])
			r.menu.words = append(r.menu.words, Words{
				Node: r.node, What: what, Lang: p.key, Text: text[p.key], Line: p.value.Line, Column: p.value.Column,
			})
			r.speakable(p.value, what, text[p.key])
		default:
			text[p.key] = "" // reported already
		}
	}
	for _, lang := range r.menu.languages {
		if _, ok := text[lang]; !ok && n.Kind == yaml.MappingNode {
			r.fail(n, fmt.Sprintf("%s has no words in %q", what, lang), r.menu.more(lang))
		}
	}
	return text
}
