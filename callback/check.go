package callback

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"github.com/holdless/holdless/callback/dispatch"
)

// Mistakes are all that is wrong with a configuration, each with its place.
type mistakes []error

func (m mistakes) Error() string   { return errors.Join(m...).Error() }
func (m mistakes) Unwrap() []error { return m }

// add notes a mistake.
func (m *mistakes) add(place, format string, args ...any) {
	*m = append(*m, fmt.Errorf(place+": "+format, args...))
}

// zone reads the name of a time zone.
func (m *mistakes) zone(place, name string, other *time.Location) *time.Location {
	if name == "" {
		return other
	}
	z, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		m.add(place, `%q is not a time zone; write one like "Europe/Helsinki"`, name)
		return other
	}
	return z
}

// window reads one window of the day, which may reach past midnight: then from
// is after to.
func (m *mistakes) window(place, text string) window {
	from, to, _ := strings.Cut(text, "-")
	a, errA := parseClock(from)
	b, errB := parseClock(to)
	if errA != nil || errB != nil || a == b {
		m.add(place, `%q is not written like "08:00-21:00"`, text)
	}
	return window{a, b}
}

// daytime reads a window that lies within one day.
func (m *mistakes) daytime(place, text string) window {
	w := m.window(place, text)
	if w.from > w.to {
		m.add(place, "%q must begin and end on the same day", text)
	}
	return w
}

// positive asks for more than nothing.
func (m *mistakes) positive(place string, s Span) {
	if s <= 0 {
		m.add(place, "must be more than 0")
	}
}

// count asks for a number from 1 to most.
func (m *mistakes) count(place string, n, most int) {
	if n < 1 || n > most {
		m.add(place, "%d is not between 1 and %d", n, most)
	}
}

// mostADay is more than any person needs; a limit above it would be none.
const mostADay = 1000

func (p Policy) check(m *mistakes) {
	m.positive("callbacks.slot", p.Slot)
	m.positive("callbacks.horizon", p.Horizon)
	m.positive("callbacks.window", p.Window)
	m.positive("callbacks.hold", p.Hold)
	m.positive("callbacks.within", p.Within)
	if p.Slot.Duration()%time.Minute != 0 {
		m.add("callbacks.slot", "%s is not a number of whole minutes", p.Slot)
	}
	if p.Lead > p.Horizon {
		m.add("callbacks.lead", "%s is longer than the horizon of %s: no time could be offered", p.Lead, p.Horizon)
	}
	// People need time to reach their telephone.
	if p.Ring.Duration() < 5*time.Second || p.Ring.Duration() > 2*time.Minute {
		m.add("callbacks.ring", "%s is not between 5s and 2m", p.Ring)
	}
	m.count("callbacks.attempts", p.Attempts, 10)
	m.count("callbacks.bookings", p.Bookings, mostADay)
	m.count("callbacks.moves", p.Moves, mostADay)
	m.count("callbacks.dials", p.Dials, mostADay)
	m.count("callbacks.texts", p.Texts, mostADay)
}

func (s Survey) check(m *mistakes, agents map[string]Agent) {
	if surveyMenus[s.Kind] == "" && s.Kind != "off" {
		m.add("survey.kind", `%q is not one of csat, nps, ces, off`, s.Kind)
	}
	if s.By == byKeys && s.Kind != "csat" && s.Kind != "off" {
		m.add("survey.by", "keys asks for csat; a menu of yours may ask for %s", s.Kind)
	}
	if s.By != byText && s.By != byLink && s.By != byKeys {
		m.add("survey.by", `%q is not one of text, link, keys`, s.By)
	}
	if s.Consent != consentAsk && s.Consent != consentGiven && s.Consent != consentAssumed {
		m.add("survey.consent", `%q is not one of ask, given, assumed`, s.Consent)
	}
	if s.Sample < 0 || s.Sample > 100 {
		m.add("survey.sample", "%d is not between 0 and 100", s.Sample)
	}
	if _, ok := agents[s.Owner]; s.Owner != "" && !ok {
		m.add("survey.owner", "%q is not in agents%s", s.Owner, nearest(s.Owner, sorted(agents)))
	}
	m.positive("survey.within", s.Within)
}

// rules collects which numbers may be called. Without a list of countries,
// they are those of our own numbers.
func (c Config) rules(m *mistakes) *Rules {
	r := &Rules{Own: map[Phone]bool{}, Deny: map[Phone]bool{}}
	for _, region := range c.Callbacks.AllowRegions {
		if phonenumbers.GetCountryCodeForRegion(region) == 0 {
			m.add("callbacks.allow_regions", `%q is not a country; write one like "FI"`, region)
		}
		r.Regions = append(r.Regions, region)
	}
	for _, p := range c.Callbacks.Deny {
		m.phone("callbacks.deny", p)
		r.Deny[p] = true
	}
	for _, p := range c.VIPs {
		m.phone("vips", p)
	}
	for p := range c.Numbers {
		r.Own[p] = true
		if n, err := phonenumbers.Parse(string(p), ""); err == nil && len(c.Callbacks.AllowRegions) == 0 {
			r.Regions = append(r.Regions, phonenumbers.GetRegionCodeForNumber(n))
		}
	}
	for _, q := range c.Queues {
		r.Own[q.CallerID] = true
	}
	slices.Sort(r.Regions)
	r.Regions = slices.Compact(r.Regions)
	return r
}

func (m *mistakes) phone(place string, p Phone) {
	if !e164.MatchString(string(p)) {
		m.add(place, `%q is not a telephone number; write one like "+358912345"`, string(p))
	}
}

// queue reads one queue.
func (c Config) queue(m *mistakes, name string, zone *time.Location) *Queue {
	place, conf := "queues."+name, c.Queues[name]
	q := &Queue{
		Name: name, Agents: conf.Agents, CallerID: conf.CallerID, Line: conf.Line, Order: conf.Dialing,
		Zone:     m.zone(place+".zone", conf.Zone, zone),
		Capacity: conf.Capacity, Spare: conf.Spare, WrapUp: conf.WrapUp.Duration(),
		Slot:         c.Callbacks.Slot.Duration(),
		AnswerWithin: conf.AnswerWithin.Duration(), CallbackWithin: conf.CallbackWithin.Duration(),
		Waiting: conf.Waiting, VIPsAhead: conf.VIPsAhead.Duration(), AtClosing: conf.AtClosing,
		Overflow: conf.Overflow, OverflowAfter: conf.OverflowAfter.Duration(), Notice: conf.Notice,
		Lead:    c.Callbacks.Lead.Duration(),
		Horizon: c.Callbacks.Horizon.Duration(),
	}
	if q.Capacity == 0 {
		q.Capacity = len(conf.Agents)
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
	for _, a := range q.Agents {
		if _, ok := agents[a]; !ok {
			m.add(place+".agents", "%q is not in agents%s", a, nearest(a, sorted(agents)))
		}
	}
	if q.AnswerWithin < 0 || q.CallbackWithin < 0 {
		m.add(place, "answer_within and callback_within must not be less than 0")
	}
	if q.Capacity < 0 {
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
func (q QueueConfig) hours(m *mistakes, place string) hours {
	h := hours{dates: map[day][]window{}}
	if len(q.Hours) == 0 {
		m.add(place+".hours", `say when it is at work, like mon-fri: "09:00-17:00"`)
	}
	h.week = readWeek(m, place, q.Hours)
	for _, date := range sorted(q.Exceptions) {
		windows, err := parseWindows(q.Exceptions[date])
		m.check(place+".exceptions."+date, err)
		t, err := time.Parse(time.DateOnly, date)
		if err != nil {
			m.add(place+".exceptions", `%q is not written like "2026-12-24"`, date)
		}
		h.dates[dayOf(t)] = windows
	}
	h.holidays = q.free(m, place)
	return h
}

// readWeek reads when somebody is at work in a week.
func readWeek(m *mistakes, place string, text map[string]string) (week [7][]window) {
	seen := map[time.Weekday]string{}
	for _, days := range sorted(text) {
		windows, err := parseWindows(text[days])
		m.check(place+".hours."+days, err)
		list, err := parseDays(days)
		m.check(place+".hours", err)
		for _, d := range list {
			if other, ok := seen[d]; ok {
				m.add(place+".hours", "%s is in %q and in %q", weekdays[d], other, days)
			}
			seen[d], week[d] = days, windows
		}
	}
	return week
}

// shifts reads when agents work who have hours of their own.
func (c Config) shifts(m *mistakes) map[string]hours {
	all := map[string]hours{}
	for _, name := range sorted(c.Agents) {
		if own := c.Agents[name].Hours; len(own) > 0 {
			all[name] = hours{week: readWeek(m, "agents."+name, own)}
		}
	}
	return all
}

func (m *mistakes) check(place string, err error) {
	if err != nil {
		m.add(place, "%w", err)
	}
}

// free reads whose public holidays are free.
func (q QueueConfig) free(m *mistakes, place string) *holidays {
	if q.Holidays == "" {
		return nil
	}
	if countries[q.Holidays] == nil {
		m.add(place+".holidays", "%q is not one of %s", q.Holidays, strings.Join(HolidayCountries(), ", "))
		return nil
	}
	return newHolidays(q.Holidays)
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

// checkPeople looks at our numbers and at the agents' telephones.
func (c Config) checkPeople(m *mistakes) {
	for _, p := range sorted(c.Numbers) {
		place := fmt.Sprintf("numbers.%s", string(p))
		if p != AnyNumber && p != StarCodes {
			m.phone(place, p)
		}
		if _, ok := c.Queues[c.Numbers[p].Queue]; !ok {
			queue := c.Numbers[p].Queue
			m.add(place+".queue", "%q is not in queues%s", queue, nearest(queue, sorted(c.Queues)))
		}
		if c.Numbers[p].Menu == "" {
			m.add(place+".menu", `name a menu: "main", or a file`)
		}
	}
	for _, name := range sorted(c.Agents) {
		phone := c.Agents[name].Phone
		if !isURI(phone) && !e164.MatchString(phone) {
			m.add("agents."+name+".phone", `%q is neither a SIP URI nor a number like "+358401234567"`, phone)
		}
	}
	c.checkPINs(m)
}

var pinDigits = regexp.MustCompile(`^[0-9]{4,12}$`)

// checkPINs sees that a PIN says who keys it in.
func (c Config) checkPINs(m *mistakes) {
	whose := map[string]string{}
	for _, name := range sorted(c.Agents) {
		pin := c.Agents[name].PIN
		switch other, taken := whose[pin]; {
		case pin == "":
			continue
		case !pinDigits.MatchString(pin):
			m.add("agents."+name+".pin", "it must be 4 to 12 digits")
		case taken:
			m.add("agents."+name+".pin", "%s has the same", other)
		}
		whose[pin] = name
	}
}

// isURI reports whether an address is one of SIP (RFC 3261, 19.1).
func isURI(addr string) bool {
	return strings.HasPrefix(addr, "sip:") || strings.HasPrefix(addr, "sips:")
}

func sorted[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// nearest suggests the name that was meant.
func nearest(name string, names []string) string {
	best, least := "", 3
	for _, n := range names {
		if d := distance(name, n); d < least {
			best, least = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance counts the letters to change, add or drop (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
