// Package sounds knows how each language says what menus name: its words, its
// grammar of numbers, times and dates, and the audio of all of that.
//
// A prompt has two forms. [Text] is the written one, for text messages and
// captions: "today at 15:30". [Words] is the spoken one, in which everything
// is a word: "today at three thirty in the afternoon". No speech engine ever
// sees a digit.
package sounds

import (
	"cmp"
	"slices"
	"strings"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/grammar"
)

// Text returns the written form of a prompt, for text messages and captions.
// A language that is not known is served in English.
func Text(lang string, p ivr.Prompt) string {
	l := speaker(cmp.Or(p.Lang, lang))
	return l.write(p, l.Script)
}

// Words returns the spoken form of a prompt: numbers, times and keys are
// words. A language that is not known is served in English.
func Words(lang string, p ivr.Prompt) string {
	l := speaker(cmp.Or(p.Lang, lang))
	return l.inWords(l.write(p, l.Spoken))
}

// write fills in the sentence of a prompt by the rules of speech or script.
// A name that no language has is its own text: it must not be passed over.
func (l *language) write(p ivr.Prompt, r grammar.Rules) string {
	if p.Name == "" {
		return p.Text
	}
	phrase, ok := l.phrases[p.Name]
	if !ok {
		return p.Name
	}
	var b strings.Builder
	for _, c := range l.clauses(phrase, p) {
		for _, part := range c {
			b.WriteString(part.words)
			b.WriteString(join(fill(part, p, r)))
		}
	}
	return finish(b.String())
}

// clauses returns what can be said of a phrase: those clauses whose holes can
// be filled, or, as a prompt is never empty, all of them.
func (l *language) clauses(ph phrase, p ivr.Prompt) sentence {
	all := ph.sentence(l.Plural(p.N))
	can := make(sentence, 0, len(all))
	for _, c := range all {
		if known(c, p) {
			can = append(can, c)
		}
	}
	if len(can) == 0 {
		return all
	}
	return can
}

// known reports whether the holes of a clause can be filled. A count always
// can: nobody ahead is a count too.
func known(c clause, p ivr.Prompt) bool {
	switch {
	case c.has("text") && p.Text == "",
		c.has("digits") && p.Digits == "",
		c.has("key") && p.Key == "",
		(c.has("at") || c.has("day") || c.has("date") || c.has("time")) && p.At.IsZero():
		return false
	}
	return true
}

// fill returns the phrases that go into a hole.
func fill(gap part, p ivr.Prompt, r grammar.Rules) []string {
	switch gap.hole {
	case "text":
		return []string{p.Text}
	case "key":
		return []string{r.Key(p.Key)}
	case "digits":
		return r.Phone(p.Digits)
	case "n":
		return number(gap.form, min(max(p.N, 0), most), r)
	case "day":
		return r.Day(grammar.DayOf(p.At, p.Now))
	case "date":
		day := grammar.DayOf(p.At, p.Now)
		if r.Date == nil {
			return r.Day(day)
		}
		return []string{r.Date(day)}
	case "time":
		if r.Time != nil {
			return r.Time(p.At.Hour(), p.At.Minute())
		}
		return r.Clock(p.At.Hour(), p.At.Minute())
	case "at":
		day := r.Day(grammar.DayOf(p.At, p.Now))
		return append(slices.Clip(day), r.Clock(p.At.Hour(), p.At.Minute())...)
	}
	return nil
}

// number says a count in the form that its place asks for.
func number(form string, n int, r grammar.Rules) []string {
	if say, ok := r.Forms[form]; ok {
		return say(n)
	}
	return r.Number(n)
}

// most is the highest count that languages are asked to say.
const most = 999_999

// join puts phrases behind one another. A pause clings to the word before it.
func join(phrases []string) string {
	return strings.ReplaceAll(strings.Join(phrases, " "), " "+grammar.Pause, grammar.Pause)
}

// finish mends the end of a sentence whose last clause was left out.
func finish(s string) string {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutSuffix(s, ","); ok {
		return rest + "."
	}
	return s
}
