package reports

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
)

// ask is what somebody wants to know.
type ask struct {
	From, Last time.Time // both days included
	Period     string
	Queue      string
	By         string
	Step       string // day or week
	Heat       string // what the hours are coloured by
	Sort       string // of agents: name or csat
	Whole      bool   // everybody is named, as in a file
	Standard   figures.Standard
}

// to is the day after the last.
func (a ask) to() time.Time { return opening.DayOf(a.Last).Plus(1).Begins(a.Last.Location()) }

// A choice is what can be chosen in a form.
type choice struct {
	Value, Title string
	On           bool
}

// The periods that have a name.
var periods = []choice{
	{Value: "today", Title: "Today"},
	{Value: "yesterday", Title: "Yesterday"},
	{Value: "7d", Title: "7 days"},
	{Value: "30d", Title: "30 days"},
	{Value: "90d", Title: "90 days"},
	{Value: "month", Title: "This month"},
	{Value: "lastmonth", Title: "Last month"},
	{Value: "year", Title: "This year"},
	{Value: "own", Title: "From … to"},
}

// groups are by what a report is told apart.
var groups = []choice{
	{Value: callback.ByQueue, Title: "Queue"},
	{Value: figures.ByTopic, Title: "Topic"},
	{Value: figures.ByLang, Title: "Language"},
	{Value: figures.ByAgent, Title: "Agent"},
}

// heats are what the hours of a week can be coloured by.
var heats = []choice{
	{Value: figures.Offered, Title: "Callers who asked for a person"},
	{Value: figures.Abandoned, Title: "Callers who hung up"},
	{Value: figures.FunnelAccepted, Title: "Callbacks that were promised"},
	{Value: figures.Late, Title: "Promises connected too late"},
}

// variants are those of the service level.
var variants = []choice{
	{Value: string(figures.Negative), Title: "who hung up counts against us"},
	{Value: string(figures.Ignored), Title: "who hung up in time is left out"},
	{Value: string(figures.Positive), Title: "who hung up in time counts for us"},
}

// mostDays bounds a report.
const mostDays = 2 * 366

// longDays is from how many days on weeks are compared.
const longDays = 45

// read reads what a request asks for.
func (s *Server) read(r *http.Request) (ask, error) {
	q := r.URL.Query()
	a := ask{
		Period: one(q, "period", "7d", periods), By: one(q, "by", callback.ByQueue, groups), Heat: one(q, "heat", figures.Offered, heats),
		Queue: q.Get("queue"), Sort: q.Get("sort"), Whole: r.PathValue("file") != "",
		Standard: figures.Standard{Within: figures.Usual.Within, Variant: figures.Variant(one(q, "variant", string(figures.Usual.Variant), variants))},
	}
	if a.Queue != "" && s.Desk.Queues[a.Queue] == nil {
		return a, fmt.Errorf("there is no queue %q", tame(a.Queue))
	}
	if within, err := strconv.Atoi(q.Get("within")); err == nil && within > 0 && within <= 3600 {
		a.Standard.Within = time.Duration(within) * time.Second
		a.Standard = a.Standard.Counted()
	}
	if err := a.days(q, s.Desk.Now().In(s.Zone)); err != nil {
		return a, err
	}
	long := opening.DayOf(a.From).Plus(longDays).Compare(opening.DayOf(a.Last)) <= 0
	if a.Step = q.Get("step"); a.Step != callback.ByDay && a.Step != callback.ByWeek {
		a.Step = callback.ByDay
		if long {
			a.Step = callback.ByWeek
		}
	}
	return a, nil
}

// one is what was chosen, or else the usual.
func one(q url.Values, key, usual string, all []choice) string {
	if v := q.Get(key); slices.ContainsFunc(all, func(c choice) bool { return c.Value == v }) {
		return v
	}
	return usual
}

// days finds the days that are asked for. Days that are written down win over
// a period that has a name.
func (a *ask) days(q url.Values, now time.Time) error {
	day := func(y int, m time.Month, d int) time.Time {
		return opening.DayOf(time.Date(y, m, d, 12, 0, 0, 0, time.UTC)).Begins(now.Location())
	}
	y, m, d := now.Date()
	a.Last = day(y, m, d)
	switch a.Period {
	case "today":
		a.From = a.Last
	case "yesterday":
		a.From, a.Last = day(y, m, d-1), day(y, m, d-1)
	case "30d":
		a.From = day(y, m, d-29)
	case "90d":
		a.From = day(y, m, d-89)
	case "month":
		a.From = day(y, m, 1)
	case "lastmonth":
		a.From, a.Last = day(y, m-1, 1), day(y, m, 0)
	case "year":
		a.From = day(y, 1, 1)
	default:
		a.From = day(y, m, d-6)
	}
	for key, at := range map[string]*time.Time{"from": &a.From, "to": &a.Last} {
		if q.Get(key) == "" || a.Period != "own" {
			continue
		}
		written, err := time.Parse(time.DateOnly, q.Get(key))
		if err != nil {
			return fmt.Errorf("%q is not a day written like 2026-11-30", tame(q.Get(key)))
		}
		*at = day(written.Date())
	}
	switch days := int(math.Round(a.to().Sub(a.From).Hours() / 24)); { // a day may have 23 hours
	case days < 1:
		return fmt.Errorf("the last day, %s, is before the first, %s", a.Last.Format(time.DateOnly), a.From.Format(time.DateOnly))
	case days > mostDays:
		return fmt.Errorf("a report tells of two years at the most, and these are %d days", days)
	}
	return nil
}

// query writes what is asked for as an address has it, with one thing changed.
func (a ask) query(change ...string) string {
	q := url.Values{
		"period": {a.Period}, "by": {a.By}, "step": {a.Step}, "heat": {a.Heat},
		"within": {strconv.Itoa(int(a.Standard.Within.Seconds()))}, "variant": {string(a.Standard.Variant)},
	}
	if a.Queue != "" {
		q.Set("queue", a.Queue)
	}
	if a.Sort != "" {
		q.Set("sort", a.Sort)
	}
	if a.Period == "own" {
		q.Set("from", a.From.Format(time.DateOnly))
		q.Set("to", a.Last.Format(time.DateOnly))
	}
	for i := 0; i+1 < len(change); i += 2 {
		q.Set(change[i], change[i+1])
	}
	return q.Encode()
}

// chosen marks what is chosen.
func chosen(all []choice, value string) []choice {
	marked := slices.Clone(all)
	for i := range marked {
		marked[i].On = marked[i].Value == value
	}
	return marked
}
