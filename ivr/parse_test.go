package ivr_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/languages"
)

// whole is a menu without a mistake. Tests put one in.
const whole = `for: caller
languages: [en]
start: topics
stuck: person
nodes:
  topics:
    do: menu
    keys: {"1": times, "2": bye}
  times: {do: offer, then: number, none: bye}
  number: {do: ask_number, then: confirm}
  confirm: {do: book, action: confirm, then: bye, taken: times, refused: number}
  person: {do: connect, to: agents, then: bye, busy: bye}
  bye: {do: end, say: goodbye}
`

func TestParse(t *testing.T) {
	t.Parallel()
	src := strings.Replace(whole, "do: menu\n", "do: menu\n    say: {en: \"For a callback, press 1. Or press 2.\"}\n", 1)
	m, err := ivr.Parse("menu.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if m.Name() != "menu.yaml" || !m.Offers() || !slices.Equal(m.Languages(), []string{"en"}) || len(m.Warnings()) > 0 {
		t.Errorf("got %q, offers %v, speaks %v, warns %v", m.Name(), m.Offers(), m.Languages(), m.Warnings())
	}
	other, err := ivr.Parse("menu.yaml", []byte(src+"# changed\n"))
	if err != nil || other.Version() == m.Version() {
		t.Errorf("another text has the same version %q: %v", m.Version(), err)
	}
}

// mistakes are slips in a menu that is whole, each with what is said of it, and
// where; of "" nothing is said.
var mistakes = []struct{ name, from, to, want string }{
	{"unknown key of a node", "{do: end, say: goodbye}", "{do: end, sai: goodbye}", `13:18: bye has no "sai"; did you mean "say"?`},
	{"unknown key of the menu", "start:", "sart: topics\nstart:", `3:1: the menu has no "sart"; did you mean "start"?`},
	{"unknown kind", "do: menu", "do: mneu", `7:9: no kind of node is called "mneu"; did you mean "menu"?`},
	{"unknown target", `"2": bye`, `"2": bey`, `8:29: no node is called "bey"; did you mean "bye"?`},
	{"unknown start", "start: topics", "start: topic", `3:8: no node is called "topic"; did you mean "topics"?`},
	{"unknown prompt", "say: goodbye", "say: godbye", `13:23: no prompt is called "godbye"; did you mean "goodbye"?`},
	{"prompt with a hole", "say: goodbye", "say: booked", `13:23: "booked" cannot be said by itself: it has at to fill in`},
	{"unknown action", "action: confirm", "action: confrim", `11:31: action cannot be "confrim"; did you mean "confirm"?`},
	{"unknown party", "to: agents", "to: agent", `12:29: a call cannot be connected to "agent"; did you mean "agents"?`},
	{"unknown audience", "for: caller", "for: callers", `1:6: for cannot be "callers"; did you mean "caller"?`},
	{"bare number for a time span", "to: agents,", "to: agents, ring: 20,", `12:43: ring is a time span, and "20" is none; write 20s for seconds`},
	{"key twice", `"2": bye`, `1: bye`, `8:24: "1" is here for the second time; the first is on line 8`},
	{"key with leading zero", `"2"`, `02`, `8:24: "02" is not a key of a telephone; did you mean "2"?`},
	{"key of two digits", `"2"`, `"12"`, `8:24: "12" is not a key of a telephone; a key is one of 0 to 9, * and #`},
	{"node twice", "  bye:", "  times: {do: end}\n  bye:", `13:3: "times" is here for the second time; the first is on line 9`},
	{"no value because of a hash", "do: menu", "do: menu\n    note: #", `8:10: note has no value; a # starts a comment: write "#"`},
	{"a star as a value", "do: menu", "do: menu\n    note: *", `8:11: a * without quotes means something else in YAML; write "*"`},
	{"a star as a key", `"2": bye`, `*: bye`, `8:24: a * without quotes means something else in YAML; write "*"`},
	{"a tab", "    do: menu", "\tdo: menu", `7:1: YAML does not allow a tab here; use spaces`},
	{"a quote that is not closed", "say: goodbye", `say: "goodbye`, `13:23: a quote is opened here and never closed; close it on the same line`},
	{"two colons", "do: menu", "do: menu: x", `7:13: there is a second colon here`},
	{"an alias", "say: goodbye", "say: *goodbye", `13:23: a * without quotes means something else in YAML`},
	{"two documents", "nodes:", "---\nnodes:", `1:1: the file has more than one document`},
	{"nothing leads there", `, "2": bye`, "", ""},
	{"an island", "  bye:", "  lost: {do: end}\n  bye:", `13:3: nothing leads to lost; lead a key to it, or take it out`},
	{"too many keys", `"2": bye`, `"2": bye, "3": bye, "4": bye, "5": bye, "6": bye`, `8:11: 6 keys are too many to remember; offer at most 5, better 4`},
	{"key 0 is taken", `"2": bye`, `"0": bye`, `6:3: key 0 of topics is never heard: it leads to person at any time; take another key`},
	{"a time is taken", "stuck: person", "stuck: person\nanytime: {\"0\": person, \"3\": repeat}", `10:3: key 3 of times is never heard: it leads to repeat at any time; take another key`},
	{"the other number is taken", "stuck: person", "stuck: person\nanytime: {\"0\": person, \"2\": back}", `11:3: key 2 of number is never heard: it leads to back at any time; take another key`},
	{"0 reaches nobody", "stuck: person", "stuck: bye", `13:3: key 0 leads to bye, and that does not reach a person`},
	{"no key 0", "stuck: person", "stuck: person\nanytime: {\"*\": back}", `7:3: key 0 does not reach a person`},
	{"round and round", "busy: bye}", "busy: person}", `12:3: the talk goes round without asking: person -> person`},
	{"round over an offer with nothing free", "none: bye", "none: times", `9:3: the talk goes round without asking: times -> times`},
	{"no way out", `{"1": times, "2": bye}`, `{"1": times, "2": lost}` + "\n  lost: {do: menu, keys: {\"1\": lost}}", `9:3: lost leads to no person, no callback and no goodbye`},
	{"missing target", "busy: bye", "ring: 10s", `12:11: person needs busy:`},
	{"missing language", "languages: [en]", "languages: [en, fi]\nanytime: {\"0\": person}", ""},
	{"words in one language only", "say: goodbye", "say: {fi: Hei}", `13:24: the menu does not speak "fi"; it speaks en`},
	{"words in a language missing", "say: goodbye", "say: {}", `13:23: say has no words in "en"; add en: to it`},
	{"a name that cannot be", "  bye: {", "  back: {", `13:3: a node cannot be called "back"`},
	{"a key that changes to a language", `"2": bye`, `"2": {to: bye, lang: fi}`, `8:45: the menu does not speak "fi"; it speaks en`},
	{"a sentence that has no key", `"2": bye`, `"2": {to: bye, say: goodbye}`, `8:44: no sentence about a key is called "goodbye"`},
	{"a condition", "{do: ask_number, then: confirm}", "{do: goto, if: opne, then: confirm, else: bye}", `10:26: if: does not know "opne"`},
	{"no condition", "{do: ask_number, then: confirm}", "{do: goto, then: confirm, else: bye}", `10:43: else: without if:`},
	{"digits", "{do: ask_number,", "{do: ask_digits, say: thanks, save: id, min: 9, max: 3,", `10:56: at least 9 and at most 3 digits is impossible`},
	{"an outcome", "busy: bye}", "busy: bye, outcomes: {buzy: bye}}", `12:70: no call ends with "buzy"; did you mean "busy"?`},
	{"a transfer", "{do: connect, to: agents,", "{do: transfer, to: 911,", `12:30: a call cannot be transferred to "911"`},
	{"words by telephone", "{do: ask_number,", "{do: ask, say: csat, save: csat,", `10:11: number needs answers:`},
	{"a number", "{do: offer,", "{do: offer, max: 9,", `9:27: max is a number from 1 to 3, not "9"`},
	{"yes or no", "{do: offer,", "{do: offer, wait: maybe,", `9:28: wait is true or false, not "maybe"`},
	{"too long", "to: agents,", "to: agents, ring: 20m,", `12:43: ring is between 1s and 2m0s`},
	{"an answer", "{do: ask_number,", "{do: ask, say: csat, save: csat, answers: [1, 2, 11],", `10:60: an answer is a number from 0 to 10, not "11"`},
	{"no keys", `{"1": times, "2": bye}`, `{}`, `8:11: there are no keys`},
	{"two sentences for a key", `"2": bye`, `"2": {to: bye, say: press_no, label: {en: no}}`, `8:61: say: and label: are two sentences for one key`},
	{"a language twice", "languages: [en]", "languages: [en, en]", `2:17: "en" is here for the second time`},
	{"no language", "languages: [en]", "languages: [English]", `2:13: "English" is not the code of a language; write it like en or fi`},
	{"a bracket", `"2": bye}`, `"2": bye`, `8:11: what begins here is not finished`},
	{"a character", "say: goodbye", "say: @goodbye", `13:23: this character cannot stand here without quotes; put the word in quotes`},
	{"a node that is a list", "{do: end, say: goodbye}", "[end]", `13:8: bye must be written as name: value`},
	{"letters of another encoding", "say: goodbye", "say: {en: adi\xf3s}", `13:31: this letter is not written as UTF-8; save the file as UTF-8`},
	{"a control character", "say: goodbye", "say: good\x01bye", `13:27: a menu has no control characters, and this is U+0001`},
	{"a space that is none", "    do: menu", "\u00a0\u00a0\u00a0\u00a0do: menu", `7:1: this looks like a space and is none for YAML; write it anew with the space bar`},
	{"quotes of a word processor", `"2": bye`, `“2”: bye`, `8:24: "“2”" is not a key of a telephone; write it in straight quotes: "2"`},
	{"a node that is nothing", " {do: end, say: goodbye}", "", `13:7: bye has no value`},
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, tt := range mistakes {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src := strings.Replace(whole, tt.from, tt.to, 1)
			if src == whole {
				t.Fatalf("%q is not in the menu", tt.from)
			}
			_, err := ivr.Parse("menu.yaml", []byte(src))
			switch {
			case tt.want == "" && err != nil:
				t.Fatalf("got %v, want none", err)
			case tt.want == "":
				return
			case err == nil:
				t.Fatalf("got none, want %s", tt.want)
			}
			var ms ivr.Mistakes
			if !errors.As(err, &ms) || !slices.ContainsFunc(ms, func(m ivr.Mistake) bool {
				return strings.HasPrefix(m.String(), "menu.yaml:"+tt.want)
			}) {
				t.Errorf("got\n%v\nwant menu.yaml:%s", err, tt.want)
			}
		})
	}
}

// TestEveryMistakeAtOnce makes the slips of one bad day in one file.
func TestEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()
	src := "start: a\nstuck: b\ncolour: red\nnodes:\n" +
		"  a:\n    do: menu\n    note: *\n\tsay: welcom\n    keys: {\"1\": c, 01: b, x: b}\n" +
		"  b: {do: conect, to: agents}\n  d: {do: say, say: thanks, then: nowhere}\n"
	_, err := ivr.Parse("bad.yaml", []byte(src))
	var ms ivr.Mistakes
	if !errors.As(err, &ms) {
		t.Fatalf("got %v", err)
	}
	var lines []int
	for _, m := range ms {
		lines = append(lines, m.Line)
		if m.Excerpt == "" || !strings.Contains(m.Excerpt, "^") {
			t.Errorf("%s: no excerpt", m.Text)
		}
	}
	if want := []int{3, 7, 8, 8, 9, 9, 9, 10, 11}; !slices.Equal(lines, want) {
		t.Errorf("got mistakes on lines %v, want %v:\n%v", lines, want, err)
	}
}

// TestWrongKeyAccusesNobody: what a key leads to that is none is led to all the same.
func TestWrongKeyAccusesNobody(t *testing.T) {
	t.Parallel()
	_, err := ivr.Parse("menu.yaml", []byte(strings.Replace(whole, `"1": times`, `"one": times`, 1)))
	var ms ivr.Mistakes
	if !errors.As(err, &ms) || len(ms) != 1 {
		t.Errorf("got %v", err)
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	_, err := ivr.Parse("menu.yaml", []byte(strings.Replace(whole, `"2": bye`, `"2": bey`, 1)))
	want := `menu.yaml:8:29: no node is called "bey"; did you mean "bye"?
        keys: {"1": times, "2": bey}
                                ^`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestExcerptShowsNoControlCharacters(t *testing.T) {
	t.Parallel()
	_, err := ivr.Parse("menu.yaml", []byte("start: \x1b[31m\n"))
	if err == nil || strings.ContainsRune(err.Error(), '\x1b') {
		t.Errorf("got %q", err)
	}
}

func TestUnquotedDigits(t *testing.T) {
	t.Parallel()
	src := strings.Replace(whole, `{"1": times, "2": bye}`, `{1: times, 2: bye}`, 1)
	m, err := ivr.Parse("menu.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	s, _ := m.Step(ivr.State{}, ivr.Event{Kind: ivr.Begin}, ivr.Facts{})
	if s, _ = m.Step(s, ivr.Event{Kind: ivr.Heard, Text: "2"}, ivr.Facts{}); s.Node != "bye" {
		t.Errorf("key 2 leads to %q", s.Node)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	told := `{to: bye, label: {en: goodbye}}`
	for _, tt := range []struct{ name, keys, want string }{
		{"five keys", `{1: ` + told + `, 2: ` + told + `, 3: ` + told + `, 4: ` + told + `, 5: {to: times, label: {en: a callback}}}`, "8:11: 5 keys are too many to remember; better offer 4"},
		{"keys that nobody is told of", `{1: times, 2: {to: bye, label: {en: goodbye}}, 3: bye}`, "8:12: callers are not told of key 1, 3; give it a label:, or tell of it in say:"},
		{"words that may tell of keys", "{1: times, 2: bye}\n    say: {en: Press 1 or 2.}", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := ivr.Parse("menu.yaml", []byte(strings.Replace(whole, `{"1": times, "2": bye}`, tt.keys, 1)))
			if err != nil {
				t.Fatal(err)
			}
			got, _, _ := strings.Cut(m.Warnings().Error(), "\n")
			if want := "menu.yaml:" + tt.want; got != want && got+tt.want != "" {
				t.Errorf("got\n%v\nwant %s", m.Warnings(), want)
			}
		})
	}
}

func TestTooDeep(t *testing.T) {
	t.Parallel()
	src := strings.Replace(whole, `"2": bye`, `"2": two`, 1)
	for _, lead := range []string{"two three", "three four", "four bye"} {
		from, to, _ := strings.Cut(lead, " ")
		src += fmt.Sprintf("  %s: {do: menu, keys: {1: %s, 2: bye}}\n", from, to)
	}
	_, err := ivr.Parse("menu.yaml", []byte(src))
	if err == nil || !strings.HasPrefix(err.Error(), "menu.yaml:16:3: four is 4 menus deep; let callers choose at most 3 times") {
		t.Errorf("got %v", err)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	for _, src := range []string{strings.Repeat("#", 300<<10), strings.Repeat("[", 300<<10)} {
		_, err := ivr.Parse("menu.yaml", []byte(src))
		if err == nil || err.Error() != "menu.yaml: the file has 300 KiB, and the limit is 256" {
			t.Errorf("got %v", err)
		}
	}
}

func TestNotAMenu(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		"", "#\n", "---\n", "x", "[]", "{}", "&a [*a]", "start: &a [*a]\n", "\x00", "\xff\xfe", strings.Repeat("[", 200<<10),
		strings.Repeat("- ", 100<<10), strings.Repeat("a: ", 80<<10), "? [a]\n: b\n", "nodes: {}\n", "nodes: {a: *a}\n", strings.Repeat("\t", 300) + "a: 1",
	} {
		if _, err := ivr.Parse("menu.yaml", []byte(src)); err == nil {
			t.Errorf("%.20q was accepted", src)
		}
	}
}

func TestDefault(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"main", "agent", "whisper", "customer", "survey"} {
		m, err := ivr.Default(name)
		if err != nil {
			t.Fatal(err)
		}
		if w := m.Warnings(); len(w) > 0 {
			t.Errorf("%s has warnings:\n%v", name, w)
		}
		if want := name == "main" || name == "customer"; m.Offers() != want {
			t.Errorf("%s offers times: got %v", name, m.Offers())
		}
	}
	if _, err := ivr.Default("nobody"); err == nil {
		t.Error("a menu that does not ship was found")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	for _, name := range []string{"main", "agent", "whisper", "customer", "survey"} {
		src, err := ivr.DefaultSource(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, src := range []string{"nodes: {a: *a}", "a: #\n\tb: *\n", "start: &a [*a]", "nodes: {a: {do: menu, keys: {1: {label: {en: x}}}}}"} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := ivr.Parse("menu.yaml", src)
		var ms ivr.Mistakes
		switch {
		case err == nil:
			state, turn := m.Step(ivr.State{}, ivr.Event{Kind: ivr.Begin}, ivr.Facts{})
			checkTurn(t, turn)
			_, turn = m.Step(state, ivr.Event{Kind: ivr.Silence}, ivr.Facts{})
			checkTurn(t, turn)
		case !errors.As(err, &ms) || len(ms) == 0 || m != nil:
			t.Fatalf("got %v, %v", m, err)
		}
	})
}

// BenchmarkParse checks a menu of 200 nodes.
func BenchmarkParse(b *testing.B) {
	src := []byte(large(200))
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, err := ivr.Parse("large.yaml", src); err != nil {
			b.Fatal(err)
		}
	}
}

// large writes a menu of so many nodes: 40 matters on two levels, each with
// an offer of its own.
func large(nodes int) string {
	var b strings.Builder
	b.WriteString("start: top\nstuck: person\nlanguages: [en, fi]\nnodes:\n" +
		"  person: {do: connect, to: agents, then: bye, busy: bye}\n  bye: {do: end, say: goodbye}\n")
	b.WriteString("  top: {do: menu, say: welcome, keys: {1: s0, 2: s1, 3: s2, 4: s3}}\n")
	count := 3
	for i := range 4 {
		fmt.Fprintf(&b, "  s%d: {do: menu, keys: {1: t%d, 2: t%d, 3: t%d, 4: t%d}}\n", i, 4*i, 4*i+1, 4*i+2, 4*i+3)
		count++
	}
	for i := range 16 {
		fmt.Fprintf(&b, "  t%d:\n    do: menu\n    keys:\n      \"1\": {label: {en: matter %d, fi: asia %d}, to: h%d_0}\n      \"2\": bye\n", i, i, i, i)
		count++
	}
	for i := 0; count < nodes; i++ {
		chain, step := i%16, i/16
		next := fmt.Sprintf("h%d_%d", chain, step+1)
		if count+16 >= nodes {
			next = "bye"
		}
		fmt.Fprintf(&b, "  h%d_%d: {do: say, say: {en: some words, fi: sanoja}, then: %s}\n", chain, step, next)
		count++
	}
	return b.String()
}

// TestManyMistakes: a file that is all wrong is not an endless list, nor an
// endless wait.
func TestManyMistakes(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("start: n0\nstuck: n0\nnodes:\n")
	for i := range 2000 {
		fmt.Fprintf(&b, "  n%d: {do: goto, then: x%d}\n", i, i)
	}
	_, err := ivr.Parse("menu.yaml", []byte(b.String()))
	var ms ivr.Mistakes
	if !errors.As(err, &ms) || len(ms) != 201 || ms[200].Text != "and 1800 more mistakes" {
		t.Errorf("got %d mistakes", len(ms))
	}
}

// TestLongLine: the excerpt shows what is about the mistake.
func TestLongLine(t *testing.T) {
	t.Parallel()
	src := strings.Replace(whole, "say: goodbye", "say: [goodbye"+strings.Repeat(", goodbye", 1000)+", godbye]", 1)
	_, err := ivr.Parse("menu.yaml", []byte(src))
	if err == nil || len(err.Error()) > 400 || !strings.Contains(err.Error(), ", godbye]}\n") {
		t.Errorf("got %.1000v", err)
	}
}

func TestLanguagesAll(t *testing.T) {
	t.Parallel()
	const src = "languages: all\nstart: top\nstuck: person\nnodes:\n  top: {do: menu, keys: {1: {label: billing, to: person}}}\n" +
		"  person: {do: connect, to: agents, then: bye, busy: bye}\n  bye: {do: end, say: goodbye}\n"
	m, err := ivr.Parse("menu.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Languages(); !slices.Equal(got, languages.Codes()) {
		t.Errorf("speaks %q", got)
	}
	if got := m.Label("person", "fi"); got != "laskut" {
		t.Errorf("the matter is %q", got)
	}
	for _, tt := range []struct{ from, to, want string }{
		{"label: billing", "label: biling", `5:37: no matter is called "biling"; did you mean "billing"?`},
		{"label: billing", "label: {en: billing}", `5:37: label has no words in "fi"; add fi: to it, or name the languages of your words at the top in place of all`},
	} {
		_, err := ivr.Parse("menu.yaml", []byte(strings.Replace(src, tt.from, tt.to, 1)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}
