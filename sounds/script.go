package sounds

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A Script is something that one recording can say: a prompt that ships, or
// words of the supervisor.
type Script struct {
	Number string // to key in; it follows from language and name
	Lang   string
	Name   string // of the recording
	Words  string
	Hash   string // of the words
	Prompt ivr.Prompt

	State  Heard
	Was    string // stale: what the recording says
	By     string // who recorded it, when that is known
	At     time.Time
	Length time.Duration // of the recording
	Level  float64       // of speech in it, in dBov
}

// Heard says what callers hear of a script.
type Heard string

// What callers hear.
const (
	HeardOwn     Heard = "own"     // the recording
	HeardStale   Heard = "stale"   // the recording says something else by now, and is not played
	HeardShipped Heard = "shipped" // what comes with holdless
	HeardEngine  Heard = "engine"  // a speech engine
	HeardNothing Heard = "nothing" // nobody can say it
)

// Scripts lists what can be recorded in the languages that are loaded: every
// prompt that is said without a hole in it, and the words of the supervisor.
func (v *Voice) Scripts(own []Own) []Script {
	var all []Script
	for _, lang := range slices.Sorted(maps.Keys(v.tongues)) {
		t, seen := v.tongues[lang], map[string]bool{}
		for _, name := range slices.Sorted(maps.Keys(t.lang.phrases)) {
			ph := t.lang.phrases[name]
			if len(ph.holes()) > 0 || strings.HasPrefix(name, onlyWritten) {
				continue
			}
			seen[name] = true
			all = append(all, t.script(name, ph.String(), ivr.Prompt{Name: name, Lang: lang}))
		}
		for _, o := range own {
			name := o.Recording
			if name == "" {
				name = Slug(t.lang.inWords(o.Text))
			}
			if o.Lang != lang || seen[name] || !recordedName.MatchString(name) {
				continue
			}
			seen[name] = true
			all = append(all, t.script(name, o.Text, ivr.Prompt{Text: o.Text, Sound: o.Recording, Lang: lang}))
		}
	}
	enumerate(all)
	return all
}

func (t *tongue) script(name, words string, p ivr.Prompt) Script {
	s := Script{Lang: t.lang.Code, Name: name, Words: words, Hash: t.lang.hash(words), Prompt: p, State: t.unrecorded(p)}
	r, there := t.recording(name)
	if !there {
		return s
	}
	s.State, s.By, s.At, s.Length, s.Level = HeardOwn, r.by, r.at, r.length, r.level
	if !t.fresh(name, words) {
		s.State, s.Was = HeardStale, r.words
	}
	return s
}

// unrecorded is who says a prompt that has no recording.
func (t *tongue) unrecorded(p ivr.Prompt) Heard {
	_, whole := t.shipped[t.lang.inWords(t.lang.write(p, t.lang.Spoken))]
	switch {
	case p.Name != "" && (t.engine == nil || t.engine.builtIn), whole && t.engine == nil:
		return HeardShipped
	case t.engine != nil:
		return HeardEngine
	}
	return HeardNothing
}

// enumerate gives numbers. They have five digits. Each follows from the language and the name, so that
// it stays what it is when other prompts come and go; should two be the same,
// the later in the list moves on.
func enumerate(all []Script) {
	const first, many = 10000, 90000
	taken := map[uint32]bool{}
	for i := range all {
		h := fnv.New32a()
		h.Write([]byte(all[i].Lang + "/" + all[i].Name))
		n := h.Sum32() % many
		for taken[n] {
			n = (n + 1) % many
		}
		taken[n] = true
		all[i].Number = fmt.Sprint(first + n)
	}
}

// Advice says what is better about a recording that can be used; "" when nothing
// is.
func (s Script) Advice() string {
	switch {
	case s.State == HeardOwn && s.Length > tooLong:
		return "it is long: people listen for 30 seconds at most"
	case s.State == HeardOwn && s.Level > tooLoud:
		return "it was recorded too loud: record it with less gain"
	}
	return ""
}
