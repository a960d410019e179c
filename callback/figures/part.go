package figures

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// By what is counted apart, beside queue and day.
const (
	ByTopic = "topic"
	ByLang  = "language"
	ByAgent = "agent"
	ByHour  = "hour" // of the day, by the clock where the queue is
)

// said begins the names of answers.
const said = "said "

// Said names the count of an answer to a question of a survey.
func Said(question string, value int) string {
	return said + question + " " + strconv.Itoa(value)
}

// notByMatter are counts that say nothing about one topic or language.
var notByMatter = []string{Available, Coming, Told, Held, Over, Less}

// byAgent are counts that say something about one agent.
var byAgent = []string{
	Answered, Talking, Writing, Ringing, Available, Kept, Late, Unreached, Broken, Withdrawn, Resolved, Repeated,
}

// byHour are counts of which it is worth knowing the hour.
var byHour = []string{
	Offered, Answered, Abandoned, Short, Deferred, Unserved, Kept, Late, Unreached, Broken, FunnelAccepted,
}

// Apart reports whether something is counted by topic, by hour, and so on.
func Apart(by, name string) bool {
	switch by {
	case ByTopic, ByLang:
		return !slices.Contains(notByMatter, name) && !strings.HasPrefix(name, Why)
	case ByAgent:
		return slices.Contains(byAgent, name) || strings.HasPrefix(name, said) || strings.HasPrefix(name, punctualWithin)
	case ByHour:
		return slices.Contains(byHour, name)
	}
	return false
}

// Course names the counts of which days and weeks are compared, and the waits
// that the standard of the service level asks about.
func Course(within time.Duration) []string {
	all := append(Work(), Calls, Offered, Answered, Abandoned, Short, Deferred, Kept, Late, Unreached, Broken, Withdrawn)
	for _, e := range edges {
		if time.Duration(e)*time.Second <= within {
			all = append(all, answeredWithin+strconv.Itoa(e), abandonedWithin+strconv.Itoa(e))
		}
	}
	return append(all, Answers()...)
}

// Work names the counts of what agents do while they are at work.
func Work() []string { return []string{Talking, Writing, Ringing, Available} }

// most are the highest answers to the questions.
var most = map[string]int{"csat": 5, "nps": 10, "ces": 7, "solved": 2}

// Answers names the counts of what customers said and did afterwards.
func Answers() []string {
	all := []string{Resolved, Repeated}
	for _, question := range slices.Sorted(maps.Keys(most)) {
		for value := range most[question] + 1 {
			all = append(all, Said(question, value))
		}
	}
	return all
}

// Scores are the answers to each question, by value.
func (c Counts) Scores() map[string]map[int]int {
	all := map[string]map[int]int{}
	for name, count := range c {
		answer, ok := strings.CutPrefix(name, said)
		question, value, two := strings.Cut(answer, " ")
		n, err := strconv.Atoi(value)
		if !ok || !two || err != nil || count.N <= 0 {
			continue
		}
		if all[question] == nil {
			all[question] = map[int]int{}
		}
		all[question][n] = count.N
	}
	return all
}

// A Scope is what something that is counted was about, as far as that is known.
type Scope struct {
	Queue, Topic, Lang string
	Agent              string // "" when it is not the work of one
}

// mostTopic bounds the name of a topic: other programs make them up.
const mostTopic = 64

// Parts are what something is counted by that happened at an instant, by the clock
// where the queue is.
func (s Scope) Parts(name string, at time.Time) map[string]string {
	topic := []rune(s.Topic)
	all := map[string]string{}
	for by, of := range map[string]string{
		ByTopic: string(topic[:min(mostTopic, len(topic))]), ByLang: s.Lang, ByAgent: s.Agent, ByHour: strconv.Itoa(at.Hour()),
	} {
		if Apart(by, name) && (of != "" || by != ByAgent) {
			all[by] = of
		}
	}
	return all
}
