package callback

import (
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/dispatch"
	"github.com/holdless/holdless/callback/opening"
)

// queue reads one queue.
func (c Config) queue(m *mistakes, name string, zone *time.Location) *Queue {
	place, conf := "queues."+name, c.Queues[name]
	q := &Queue{
		Name: name, Agents: conf.Agents, CallerID: conf.CallerID, Line: conf.Line, Order: conf.Dialing,
		Zone:     m.zone(place+".zone", conf.Zone, zone),
		Capacity: int(conf.Capacity), Spare: conf.Spare, WrapUp: conf.WrapUp.Duration(),
		Slot:         c.Callbacks.Slot.Duration(),
		AnswerWithin: conf.AnswerWithin.Duration(), CallbackWithin: conf.CallbackWithin.Duration(),
		Waiting: conf.Waiting, VIPsAhead: conf.VIPsAhead.Duration(), AtClosing: conf.AtClosing,
		Overflow: conf.Overflow, OverflowAfter: conf.OverflowAfter.Duration(), Notice: conf.Notice,
		Voicemail: conf.Voicemail.Duration(), Lead: c.Callbacks.Lead.Duration(),
		Horizon: c.Callbacks.Horizon.Duration(),
	}
	if q.Capacity == 0 {
		q.Capacity = len(conf.Agents)
	}
	if q.Order == "" {
		q.Order = Adaptive
	}
	if q.Spare == 0 {
		q.Spare = dispatch.Adaptive
	}
	if q.WrapUp == 0 {
		q.WrapUp = 30 * time.Second
	}
	conf.check(m, place, c.Agents)
	conf.checkLine(m, place, c.Queues)
	q.hours = conf.hours(m, place)
	return q
}

func (q QueueConfig) check(m *mistakes, place string, agents map[string]Agent) {
	if len(q.Agents) == 0 {
		m.add(place+".agents", "nobody answers; name one of agents")
	}
	for i, a := range q.Agents {
		if slices.Contains(q.Agents[:i], a) {
			m.add(place+".agents", "%q is named twice", a)
		}
		if _, ok := agents[a]; !ok {
			m.add(place+".agents", "%q is not in agents%s", a, nearest(a, sorted(agents)))
		}
	}
	if q.AnswerWithin < 0 || q.CallbackWithin < 0 {
		m.add(place, "answer_within and callback_within must not be less than 0")
	}
	if v := q.Voicemail.Duration(); v != 0 && (v < leastMessage || v > mostMessage) {
		m.add(place+".voicemail", "%s is not between %s and %s", q.Voicemail, Span(leastMessage), Span(mostMessage))
	}
	if q.Capacity < 0 && q.Capacity != AutoPlaces {
		m.add(place+".capacity", "must not be less than 0")
	}
	if !slices.Contains([]Order{"", AgentFirst, CustomerFirst, Adaptive}, q.Dialing) {
		m.add(place+".dialing", "%q is not one of %s, %s, %s", q.Dialing, AgentFirst, CustomerFirst, Adaptive)
	}
	if q.Spare < 0 || q.Spare > 100 {
		m.add(place+".spare", "%d is not between 0 and 100", q.Spare)
	}
	if !slices.Contains([]string{"", "sip", "twilio"}, q.Line) {
		m.add(place+".line", "%q is neither sip nor twilio", q.Line)
	}
	if q.CallerID != "" {
		m.phone(place+".caller_id", q.CallerID)
	}
}

// hours reads when a queue is at work. A queue that says nothing always is.
func (q QueueConfig) hours(m *mistakes, place string) opening.Hours {
	h := opening.Hours{Dates: map[opening.Day][]opening.Window{}}
	if len(q.Hours) == 0 {
		m.add(place+".hours", `say when it is at work, like mon-fri: "09:00-17:00"`)
	}
	h.Week = readWeek(m, place, q.Hours)
	for _, date := range sorted(q.Exceptions) {
		windows, err := opening.ParseWindows(q.Exceptions[date])
		m.check(place+".exceptions."+date, err)
		t, err := time.Parse(time.DateOnly, date)
		if err != nil {
			m.add(place+".exceptions", `%q is not written like "2026-12-24"`, date)
		}
		h.Dates[opening.DayOf(t)] = windows
	}
	h.Holidays = q.free(m, place)
	return h
}

// readWeek reads when somebody is at work in a week.
func readWeek(m *mistakes, place string, text map[string]string) (week [7][]opening.Window) {
	seen := map[time.Weekday]string{}
	for _, days := range sorted(text) {
		windows, err := opening.ParseWindows(text[days])
		m.check(place+".hours."+days, err)
		list, err := opening.ParseDays(days)
		m.check(place+".hours", err)
		for _, d := range list {
			if other, ok := seen[d]; ok {
				m.add(place+".hours", "%s is in %q and in %q", opening.Weekdays[d], other, days)
			}
			seen[d], week[d] = days, windows
		}
	}
	return week
}

// shifts reads when agents work who have hours of their own.
func (c Config) shifts(m *mistakes) map[string]opening.Hours {
	all := map[string]opening.Hours{}
	for _, name := range sorted(c.Agents) {
		if own := c.Agents[name].Hours; len(own) > 0 {
			all[name] = opening.Hours{Week: readWeek(m, "agents."+name, own)}
		}
	}
	return all
}

// free reads whose public holidays are free.
func (q QueueConfig) free(m *mistakes, place string) *opening.Holidays {
	if q.Holidays == "" {
		return nil
	}
	all := opening.HolidaysOf(q.Holidays)
	if all == nil {
		m.add(place+".holidays", "%q is not one of %s", q.Holidays, strings.Join(opening.Countries(), ", "))
	}
	return all
}

// checkLine looks at what is said of callers who wait.
func (q QueueConfig) checkLine(m *mistakes, place string, queues map[string]QueueConfig) {
	if q.Waiting < 0 || q.VIPsAhead < 0 || q.OverflowAfter < 0 {
		m.add(place, "waiting, vips_ahead and overflow_after must not be less than 0")
	}
	if !slices.Contains([]AtClosing{"", CallLineBack, ServeLine}, q.AtClosing) {
		m.add(place+".at_closing", "%q is neither %s nor %s", q.AtClosing, CallLineBack, ServeLine)
	}
	if _, ok := queues[q.Overflow]; q.Overflow != "" && !ok {
		m.add(place+".overflow", "%q is not in queues%s", q.Overflow, nearest(q.Overflow, sorted(queues)))
	}
}
