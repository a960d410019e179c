package texts

import (
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A Specimen is a text as dear as it can get.
type Specimen struct {
	Name string
	Body string
}

// Names and numbers of people that are as long as most.
const (
	longName   = "Konstantinos-Alexander"
	longNumber = "+358 40 123 456 789"
	longID     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" // as all are
)

// Confirmations returns the names of the texts about a promise: each has digits
// that answer it, and a link where the desk has pages.
func Confirmations() []string {
	return []string{
		"text_booked", "text_placed", "text_moved", "text_late", "text_halted", "text_reminder",
		"text_tried", "text_unreached", "text_cancelled",
	}
}

// Specimens writes all texts in a language, each with the date, the number and the
// name that make it dearest by a cost. What is only added while there is room is
// left out. Page is where people see a promise, by its name; nil for nowhere.
func (w Writer) Specimens(lang string, page func(id string) string, cost func(body string) int) []Specimen {
	s := specimens{w: w, lang: lang, cost: cost}
	if page != nil {
		s.link = page(longID)
	}
	for _, name := range Confirmations() {
		s.confirm(name)
	}
	s.add("text_kept", "text_kept")
	s.add("text_cut_off", "text_cut_off")
	s.add("unclear", "unclear", "text_answers")
	s.add("text_which", "text_which", "text_slot", "text_slot", "text_slot")
	s.add("text_sorry", "text_sorry", "text_which", "text_slot", "text_slot")
	for _, name := range []string{"text_no_times", "text_help", "text_unhappy"} {
		s.add(name, name)
	}
	for _, name := range []string{"csat", "nps", "ces", "solved", "went_wrong", "thanks", "text_thanks", "survey_close", "texts_stop"} {
		s.add(name, name)
	}
	return s.all
}

type specimens struct {
	w    Writer
	lang string
	link string // of a promise
	cost func(string) int
	all  []Specimen
}

// confirm writes a text about a promise.
func (s *specimens) confirm(name string) {
	s.dearest(name, func(at, now time.Time) string {
		return s.w.Wording(s.lang, ivr.Prompt{Name: name, At: at, Now: now}, s.link)
	})
}

// add writes a text that is made of some prompts.
func (s *specimens) add(name string, prompts ...string) {
	s.dearest(name, func(at, now time.Time) string { return s.words(prompts, at, now) })
}

// dearest writes a text on the dearest day of a year.
func (s *specimens) dearest(name string, write func(at, now time.Time) string) {
	now := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	dearest := Specimen{Name: name}
	for day := range 366 {
		body := write(time.Date(2026, 1, 1+day, 20, 45, 0, 0, time.UTC), now)
		if s.cost(body) > s.cost(dearest.Body) {
			dearest.Body = body
		}
	}
	s.all = append(s.all, dearest)
}

func (s *specimens) words(prompts []string, at, now time.Time) string {
	all := make([]string, 0, len(prompts))
	key := 0
	for _, name := range slices.DeleteFunc(slices.Clone(prompts), func(n string) bool { return n == "" }) {
		p := ivr.Prompt{Name: name, At: at, Now: now, Digits: longNumber, Text: longName, N: 1, Key: "1"}
		if name == "text_slot" {
			key++
			p.Key = string(rune('0' + key))
		}
		all = append(all, s.w.Text(s.lang, p))
	}
	return strings.Join(all, " ")
}
