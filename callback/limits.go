package callback

import (
	"slices"
	"time"

	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
)

// Somebody who makes a machine call numbers can do so for the money that some
// numbers bring, or to annoy. So nothing is called without bound: neither one
// number, nor those beside it, nor all of them together. The day is the last 24
// hours, which has no midnight to wait for.

// Limits bound what callers can make this system dial. 0 is for no bound, but
// where nothing is allowed.
type Limits struct {
	PerMinute   int `yaml:"per_minute"`    // customers dialled in a minute
	PerDay      int `yaml:"per_day"`       // customers dialled in 24 hours
	PerCallerID int `yaml:"per_caller_id"` // of these, with one number shown: each trunk has its own
	PerPrefix   int `yaml:"per_prefix"`    // of these, to numbers that differ in their last four digits only
	PerCaller   int `yaml:"per_caller"`    // callbacks promised to one caller in 24 hours, to whatever numbers
	Others      int `yaml:"others"`        // of these, to another number than he calls from; 0 for none
	Withheld    int `yaml:"withheld"`      // callbacks promised in 24 hours to all who withhold their number; 0 for none
	Neighbours  int `yaml:"neighbours"`    // numbers that differ in their last two digits only, promised in an hour to other callers
	Over        int `yaml:"over"`          // dialling stops by itself when of so many calls
	Answered    int `yaml:"answered"`      // fewer than so many percent were answered,
	Abandoned   int `yaml:"abandoned"`     // or of the answered calls of a day more than so many percent found no agent free,
	Enough      int `yaml:"enough"`        // of at least so many; of fewer only when chance seldom brings it
	Short       int `yaml:"short"`         // or of those answered more than so many percent were over in 6 seconds
}

// defaultLimits are for a team of some forty agents.
func defaultLimits() Limits {
	return Limits{
		PerMinute: 60, PerDay: 4000, PerCallerID: 4000, PerPrefix: 200, PerCaller: 4, Others: 1, Withheld: 20, Neighbours: 5,
		Over: 50, Answered: 20, Short: 30, Abandoned: 1, Enough: 200,
	}
}

func (l Limits) check(m *mistakes) {
	for _, n := range []struct {
		key string
		n   int
	}{
		{"per_minute", l.PerMinute},
		{"per_day", l.PerDay},
		{"per_caller_id", l.PerCallerID},
		{"per_prefix", l.PerPrefix},
		{"per_caller", l.PerCaller},
		{"others", l.Others},
		{"withheld", l.Withheld},
		{"neighbours", l.Neighbours},
		{"enough", l.Enough},
	} {
		if n.n < 0 {
			m.add("limits."+n.key, "%d is less than 0", n.n)
		}
	}
	if l.Over < 0 || l.Over > 1000 {
		m.add("limits.over", "%d is not between 0 and 1000", l.Over)
	}
	if l.Answered < 0 || l.Answered > 100 {
		m.add("limits.answered", "%d is not a share between 0 and 100 percent", l.Answered)
	}
	if l.Abandoned < 0 || l.Abandoned > 100 {
		m.add("limits.abandoned", "%d is not a share between 0 and 100 percent", l.Abandoned)
	}
	if l.Short < 0 || l.Short > 100 {
		m.add("limits.short", "%d is not a share between 0 and 100 percent", l.Short)
	}
}

// Anonymous stands for callers who withhold their number.
const Anonymous Phone = "anonymous"

// asker names the caller of a talk, for [Callback.Caller].
func (t *Talk) asker() Phone {
	if t.Phone == "" {
		return Anonymous
	}
	return t.Phone
}

// mayCall reports, as a [*number.RefusalError], why a number may not be called now.
func (d *Desk) mayCall(tx Tx, p Phone) error {
	if err := d.Rules.Check(p); err != nil {
		return err
	}
	blocked, err := tx.Blocked(p, NoCalls, d.Now())
	if err == nil && blocked {
		return &number.RefusalError{Phone: p, Reason: number.ReasonDenied}
	}
	return err
}

// mayPromise reports, as a [*number.RefusalError], why no further callback can be
// promised to a number. Bookings of one number, and those of one caller, wait
// for each other here. People and programs, who are no callers, are trusted.
func (d *Desk) mayPromise(tx Tx, p, caller Phone) error {
	for _, name := range slices.Compact(slices.Sorted(slices.Values([]Phone{p, caller}))) {
		if err := tx.LockPhone(name); err != nil {
			return err
		}
	}
	since := d.Now().Add(-day1)
	booked, err := tx.FindCallbacks(Filter{Phone: p, States: served, Since: since, Max: d.Policy.Bookings})
	switch {
	case err != nil:
		return err
	case len(booked) >= d.Policy.Bookings:
		return d.limit(tx, p, "bookings")
	}
	if err := d.withinPrefix(tx, p); err != nil || caller == "" {
		return err
	}
	if err := d.mayAskFor(tx, p, caller); err != nil || caller == p || d.Limits.Neighbours == 0 {
		return err
	}
	return d.apart(tx, p)
}

// mayAskFor bounds what one caller can have promised, and what all those
// together can who withhold their number.
func (d *Desk) mayAskFor(tx Tx, p, caller Phone) error {
	asked, err := tx.FindCallbacks(Filter{Caller: caller, States: served, Since: d.Now().Add(-day1)})
	if err != nil {
		return err
	}
	others := 0
	for _, c := range asked {
		if c.Phone != caller {
			others++
		}
	}
	l := d.Limits
	switch {
	case caller == Anonymous && len(asked) >= l.Withheld:
		return d.limit(tx, p, "withheld")
	case caller == Anonymous:
	case l.PerCaller > 0 && len(asked) >= l.PerCaller:
		return d.limit(tx, p, "per_caller")
	case caller != p && others >= l.Others:
		return d.limit(tx, p, "others")
	}
	return nil
}

// apart refuses what looks like somebody going through a block of numbers:
// whoever earns by being called has many in a row. Those that were called for
// from themselves do not count, as when a whole company calls in.
func (d *Desk) apart(tx Tx, p Phone) error {
	near, err := tx.FindCallbacks(Filter{Prefix: p.Without(2), States: served, Since: d.Now().Add(-time.Hour)})
	if err != nil {
		return err
	}
	numbers := map[Phone]bool{p: true}
	for _, c := range near {
		if c.Caller != "" && c.Caller != c.Phone {
			numbers[c.Phone] = true
		}
	}
	if len(numbers) > d.Limits.Neighbours {
		return d.limit(tx, p, "neighbours")
	}
	return nil
}

// withinPrefix bounds the calls to numbers that begin alike.
func (d *Desk) withinPrefix(tx Tx, p Phone) error {
	full, err := d.full(tx, d.Limits.PerPrefix, DialFilter{Prefix: p.Without(4), Since: d.Now().Add(-day1)})
	if err == nil && full {
		return d.limit(tx, p, "per_prefix")
	}
	return err
}

// full reports whether as many calls were placed as may be; 0 is for no bound.
func (d *Desk) full(tx Tx, most int, f DialFilter) (bool, error) {
	if most == 0 {
		return false, nil
	}
	n, err := tx.Dialled(f)
	return n >= most, err
}

// limit refuses a number because of a limit, and says which in log and journal.
func (d *Desk) limit(tx Tx, p Phone, name string) error {
	d.Log.Warn("limit reached", "limit", name, "phone", p)
	if err := tx.Record(Entry{At: d.Now(), Kind: "limit.reached", Phone: p, Actor: "desk", Name: name}); err != nil {
		return err
	}
	return &number.RefusalError{Phone: p, Reason: ivr.TooMany}
}

// mayDial reports, as a [*number.RefusalError], why a number must not be called now.
func (d *Desk) mayDial(tx Tx, p Phone) error {
	if err := d.mayCall(tx, p); err != nil {
		return err
	}
	n, err := tx.Dials(p, d.Now().Add(-day1))
	switch {
	case err != nil:
		return err
	case n >= d.Policy.Dials:
		return d.limit(tx, p, "dials")
	}
	return d.withinPrefix(tx, p)
}

// refuse ends a callback whose number must not be called, and leaves it to a
// person.
func (d *Desk) refuse(tx Tx, c *Callback, why Cause, reason string) error {
	if err := d.move(tx, c, why, "desk"); err != nil {
		return err
	}
	if err := d.task(tx, *c, "number refused: "+reason); err != nil {
		return err
	}
	if reason != ivr.TooMany {
		return nil
	}
	return d.tell(tx, *c, "text_unreached")
}
