package callback

import (
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/callback/opening"
)

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
func (c Config) rules(m *mistakes) *number.Rules {
	r := &number.Rules{Own: map[Phone]bool{}, Deny: map[Phone]bool{}}
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

// Dialable returns which numbers may be called, whatever else is wrong with a
// configuration; nil when that cannot be told.
func (c Config) Dialable() *number.Rules {
	var m mistakes
	if r := c.rules(&m); len(m) == 0 {
		return r
	}
	return nil
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
		if !isURI(phone) && !Phone(phone).Valid() {
			m.add("agents."+name+".phone", `%q is neither a SIP URI nor a number like "+358401234567"`, phone)
		}
		c.Agents[name].checkLetters(m, "agents."+name)
	}
	c.checkPINs(m)
}

// checkLetters sees that letters to an agent have somewhere to go.
func (a Agent) checkLetters(m *mistakes, place string) {
	at, err := mail.ParseAddress(a.Email)
	switch {
	case a.Email == "" && a.Calendar:
		m.add(place+".calendar", "it takes an email: invitations come by mail")
	case a.Email != "" && (err != nil || at.Address != a.Email):
		m.add(place+".email", "%q is no address like anna@example.com", a.Email)
	}
}

var pinDigits = regexp.MustCompile(`^[0-9]{6,12}$`)

// checkPINs sees that a PIN says who keys it in.
func (c Config) checkPINs(m *mistakes) {
	whose := map[string]string{}
	for _, name := range sorted(c.Agents) {
		pin := c.Agents[name].PIN
		switch other, taken := whose[pin]; {
		case pin == "" && c.Agents[name].Prompts:
			m.add("agents."+name+".prompts", "it takes a pin: to record by telephone")
			continue
		case pin == "":
			continue
		case !pinDigits.MatchString(pin):
			m.add("agents."+name+".pin", "it must be 6 to 12 digits")
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

// Doubts tells what is allowed in a configuration, and yet means that callers
// cannot be offered what the file seems to say. Each begins with its place.
func (d *Desk) Doubts(now time.Time) error {
	var all mistakes
	for _, name := range sorted(d.Queues) {
		d.doubt(&all, d.Queues[name], now)
	}
	if len(all) == 0 {
		return nil
	}
	return errors.Join(all...)
}

func (d *Desk) doubt(m *mistakes, q *Queue, now time.Time) {
	place := "queues." + q.Name
	today := opening.DayOf(now.In(q.Zone))
	for _, date := range slices.SortedFunc(maps.Keys(q.work().Dates), opening.Day.Compare) {
		if date.Compare(today) < 0 {
			m.add(place+".exceptions", "%s is over", date)
		}
	}
	d.doubtOffers(m, q, now)
	d.doubtCapacity(m, q, now)
	for n := range opening.Farthest {
		if text := q.changed(today.Plus(n)); text != "" {
			m.add(place+".hours", "%s", text)
		}
	}
	if soonest := q.Lead + q.Slot; q.CallbackWithin > 0 && soonest > q.CallbackWithin {
		m.add(place+".callback_within", "the soonest callback is up to %s away (lead %s, slot %s): the standard cannot be met",
			plain(soonest), plain(q.Lead), plain(q.Slot))
	}
}

// doubtOffers looks for a time that could be promised to a caller who is where
// the queue is.
func (d *Desk) doubtOffers(m *mistakes, q *Queue, now time.Time) {
	times, place := q.Times(now), "queues."+q.Name+".hours"
	late := func(at time.Time) bool { return !d.permitted.Next(at, q.Zone).Equal(at) }
	switch i := slices.IndexFunc(times, late); {
	case len(times) == 0:
		m.add(place, "no time can be offered from now to %s", now.In(q.Zone).Add(q.Horizon).Format("2 January"))
	case !slices.ContainsFunc(times, func(at time.Time) bool { return !late(at) }):
		m.add(place, "nobody may be called in these hours (callbacks.permitted)")
	case i >= 0:
		m.add(place, "nobody may be called at %s (callbacks.permitted): such times are not offered", times[i].In(q.Zone).Format("15:04"))
	}
}

// changed tells what a change of the clock makes of the hours of a date.
func (q *Queue) changed(d opening.Day) string {
	_, before := d.Begins(q.Zone).Zone()
	if _, after := d.Plus(1).Begins(q.Zone).Zone(); before == after {
		return ""
	}
	var written, left time.Duration
	for _, w := range q.work().On(d) {
		if w.From == 0 && w.To == opening.WholeDay {
			return "" // whatever the day has
		}
		written += time.Duration(w.To-w.From) * time.Minute
	}
	for _, s := range q.work().Spells(d, q.Zone) {
		left += s.To.Sub(s.From)
	}
	if written == left {
		return ""
	}
	return fmt.Sprintf("on %s the clock changes: %s at work, not %s", d, plain(left), plain(written))
}

// plain writes a length of time without parts that are nothing.
func plain(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
