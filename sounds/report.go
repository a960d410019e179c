package sounds

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/grammar"
)

// A Sound is one line of the list of prompts.
type Sound struct {
	Lang   string        `json:"lang"`
	Name   string        `json:"name"`
	Words  string        `json:"words"` // with its holes: "For {text}, press {key}."
	From   Source        `json:"from"`
	Text   string        `json:"text"`             // hash of the words, which a recording of them carries
	Length time.Duration `json:"length,omitempty"` // of prompts without holes
}

// Source says where the sound of a prompt comes from.
type Source string

// The sources, from the first that is asked to the last.
const (
	Recorded Source = "recorded" // by the operator
	Rendered Source = "rendered" // by the engine, and kept
	Spoken   Source = "engine"   // by the engine, when it is first said
	Shipped  Source = "shipped"  // with holdless, whole or in pieces
	Written  Source = "text"     // only ever sent as text
)

// List returns all prompts of a language by name, and who says them.
func (v *Voice) List(lang string) []Sound {
	t := v.tongue(lang)
	var all []Sound
	for _, name := range slices.Sorted(maps.Keys(t.lang.phrases)) {
		all = append(all, t.sound(name))
	}
	return all
}

func (t *tongue) sound(name string) Sound {
	ph := t.lang.phrases[name]
	s := Sound{Lang: t.lang.Code, Name: name, Words: ph.String(), From: t.source(name), Text: t.lang.hash(ph.String())}
	if len(ph.holes()) == 0 && s.From != Written && s.From != Spoken {
		for _, c := range t.say(ivr.Prompt{Name: name}) {
			s.Length += c.Duration()
		}
	}
	return s
}

func (t *tongue) source(name string) Source {
	if strings.HasPrefix(name, onlyWritten) {
		return Written
	}
	if _, ok := t.recording(name); ok {
		return Recorded
	}
	words := Words(t.lang.Code, ivr.Prompt{Name: name})
	if _, ok := t.recording(Slug(words)); ok {
		return Recorded
	}
	if t.engine == nil {
		return Shipped
	}
	_, whole := t.shipped[words]
	switch {
	case t.rendered.has(words):
		return Rendered
	case whole && t.engine.builtIn:
		return Shipped
	}
	return Spoken
}

// String returns the sentence as it is written in words.yaml, without bars.
func (p phrase) String() string {
	var b strings.Builder
	for _, c := range p[grammar.Other] {
		for _, part := range c {
			b.WriteString(part.words)
			if part.hole != "" {
				b.WriteString("{" + part.hole + "}")
			}
		}
	}
	return b.String()
}

// A Finding is something that callers would hear, or not hear, and what to do
// about it.
type Finding struct {
	Lang string `json:"lang"`
	What string `json:"what"`
	Do   string `json:"do"`
}

// An Own is one text of the supervisor, and the name of a recording of it.
type Own struct{ Lang, Text, Recording string }

// Check looks for words of the supervisor that nobody can say, for recordings
// that are missing, stale, too long or too loud, and for those that nothing
// plays. What New refuses is not seen here.
func (v *Voice) Check(own []Own) []Finding {
	texts, named := map[string][]string{}, map[string][]string{}
	var all []Finding
	for _, o := range own {
		named[o.Lang] = append(named[o.Lang], o.Recording)
		t := v.tongue(o.Lang)
		there, fresh := v.Recorded(o.Lang, o.Recording, o.Text)
		if !fresh {
			texts[o.Lang] = append(texts[o.Lang], o.Text)
		}
		switch {
		case o.Recording == "":
		case !there:
			all = append(all, Finding{o.Lang, fmt.Sprintf("recording %s/%s.wav is missing", o.Lang, o.Recording), fmt.Sprintf("record: %q", o.Text)})
		case !fresh:
			all = append(all, t.stale(o.Recording, o.Text))
		}
	}
	return append(all, v.amiss(texts, named)...)
}

func (v *Voice) amiss(texts, named map[string][]string) []Finding {
	var all []Finding
	for _, lang := range slices.Sorted(maps.Keys(v.tongues)) {
		t := v.tongues[lang]
		for _, text := range v.Missing(lang, texts[lang]) {
			all = append(all, Finding{
				lang, fmt.Sprintf("nobody can say %q", text),
				fmt.Sprintf("install %s, or record %s/%s.wav among the overrides", program, lang, Slug(t.lang.inWords(text))),
			})
		}
		for _, name := range slices.Sorted(maps.Keys(*t.override.Load())) {
			all = append(all, t.doubts(name)...)
		}
		for _, name := range t.unused(texts[lang], named[lang]) {
			all = append(all, Finding{
				lang, fmt.Sprintf("recording %s/%s.wav is never played", lang, name),
				"give it the name of a prompt, or of the words it says, as in: holdless sounds list",
			})
		}
	}
	return all
}

// unused returns the names of recordings that no prompt and no text plays.
func (t *tongue) unused(texts, named []string) []string {
	used := map[string]bool{}
	for _, name := range named {
		used[name] = true
	}
	for name, ph := range t.lang.phrases {
		used[name] = true
		used[Slug(ph.String())] = true
	}
	for _, words := range append(t.lang.repertoire(), texts...) {
		used[Slug(t.lang.inWords(words))] = true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(*t.override.Load())), func(name string) bool { return used[name] })
}

// Engine returns the speech engine of a language with its version and
// options, or "" when only the shipped sounds speak.
func (v *Voice) Engine(lang string) string {
	t := v.tongue(lang)
	if t.engine == nil {
		return ""
	}
	return t.engine.name
}
