package script

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// facts lists what can be said of the world before a talk begins.
var facts = map[string]func(*Talk, []string) error{
	"menu":   func(t *Talk, args []string) error { return one(args, &t.Menu) },
	"lang":   func(t *Talk, args []string) error { return one(args, &t.Lang) },
	"now":    func(t *Talk, args []string) error { return clock(t, args, &t.Facts.Now) },
	"free":   func(t *Talk, args []string) error { return clocks(t, args, &t.Facts.Slots) },
	"taken":  func(t *Talk, args []string) error { return clocks(t, args, &t.Taken) },
	"refuse": func(t *Talk, args []string) error { t.Refused = append(t.Refused, args...); return nil },
	"agents": agents,
	"closed": func(t *Talk, args []string) error {
		t.Facts.Open = false
		return clock(t, args, &t.Facts.Opens)
	},
	"booking": func(t *Talk, args []string) error { return clock(t, args, &t.Facts.Booking) },
	"ahead":   func(t *Talk, args []string) error { return number(args, &t.Facts.Ahead) },
	"line": func(t *Talk, args []string) error {
		t.Facts.MayWait = true
		return number(args, &t.Facts.Ahead)
	},
	"messages": func(t *Talk, args []string) error {
		t.Facts.Message = time.Minute
		return none(args)
	},
	"bound":  bound,
	"survey": survey,
	"caller": caller,
	"speaks": func(t *Talk, args []string) error { return one(args, &t.Facts.Caller.Lang) },
	"topic": func(t *Talk, args []string) error {
		t.brief().Topic = strings.Join(args, " ")
		return nil
	},
	"prompt":  recordable,
	"attempt": func(t *Talk, args []string) error { return number(args, &t.brief().Attempt) },
	"customer": func(t *Talk, args []string) error {
		t.brief().Name = strings.Join(args, " ")
		return nil
	},
}

func (t *Talk) brief() *ivr.Brief {
	if t.Facts.Brief == nil {
		t.Facts.Brief = &ivr.Brief{Attempt: 1}
	}
	return t.Facts.Brief
}

// recordable reads the number of a prompt that can be recorded, and its name.
func recordable(t *Talk, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("want a number and the name of a prompt")
	}
	if t.Prompts == nil {
		t.Prompts = map[string]ivr.Prompt{}
	}
	t.Prompts[args[0]] = ivr.Prompt{Name: args[1]}
	t.Facts.MayRecord = true
	return nil
}

func none(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("want nothing more, have %d words", len(args))
	}
	return nil
}

func one(args []string, to *string) error {
	if len(args) != 1 {
		return fmt.Errorf("want one word, have %d", len(args))
	}
	*to = args[0]
	return nil
}

func number(args []string, to *int) error {
	var word string
	if err := one(args, &word); err != nil {
		return err
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is not a count", word)
	}
	*to = n
	return nil
}

// agents reads how many agents could answer: a count, idle or busy.
func agents(t *Talk, args []string) error {
	switch {
	case slices.Equal(args, []string{"busy"}):
		t.Facts.Idle = 0
	case slices.Equal(args, []string{"idle"}):
		t.Facts.Idle = 1
	default:
		return number(args, &t.Facts.Idle)
	}
	return nil
}

// survey reads how callers are asked how it was: by keys, at the end of the
// call.
func survey(t *Talk, args []string) error {
	if !slices.Equal(args, []string{"keys"}) {
		return fmt.Errorf("want keys")
	}
	t.Facts.MaySurvey = true
	return nil
}

func bound(t *Talk, args []string) error {
	var word string
	if err := one(args, &word); err != nil {
		return err
	}
	d, err := time.ParseDuration(word)
	if err != nil {
		return fmt.Errorf("%q is not a time span like 5m", word)
	}
	t.Facts.Bound = d
	return nil
}

// caller reads a number, or withheld; then foreign for one that may not be
// called back, vip, and the name.
func caller(t *Talk, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("want a number, or withheld")
	}
	c := ivr.Caller{Phone: args[0], Callable: true}
	if args[0] == "withheld" {
		c = ivr.Caller{}
	}
	var name []string
	for _, arg := range args[1:] {
		switch arg {
		case "foreign":
			c.Callable = false
		case "vip":
			c.VIP, c.Known = true, true
		default:
			name = append(name, arg)
		}
	}
	if len(name) > 0 {
		c.Name, c.Known = strings.Join(name, " "), true
	}
	c.Lang = t.Facts.Caller.Lang
	t.Facts.Caller = c
	return nil
}

const (
	clockLayout = "15:04"
	dayLayout   = "2006-01-02"
)

// readClock reads a time, as "14:30", "Tue 09:00" or "2026-03-12 09:00", and
// returns the words behind it.
func readClock(args []string, now time.Time) (at time.Time, rest []string, err error) {
	if len(args) == 0 {
		return at, nil, fmt.Errorf("want a time")
	}
	day := now
	if d, ok := readDay(args[0], now); ok {
		day, args = d, args[1:]
	}
	if len(args) == 0 {
		return at, nil, fmt.Errorf("want a time behind the day")
	}
	clock, err := time.Parse(clockLayout, args[0])
	if err != nil {
		return at, nil, fmt.Errorf("%q is not a time like 14:30", args[0])
	}
	at = time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, now.Location())
	return at, args[1:], nil
}

// Clock reads a time as talks write it: "14:30", "Tue 09:00" or
// "2026-03-12 09:00". A day of the week is the next one, or today when that is
// not over.
func Clock(text string, now time.Time) (time.Time, error) {
	args := strings.Fields(text)
	if len(args) == 2 && args[0] == now.Format("Mon") {
		if at, _, err := readClock(args[1:], now); err == nil && !at.Before(now) {
			return at, nil
		}
	}
	at, rest, err := readClock(args, now)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("want one time, as Tue 09:00")
	}
	return at, err
}

// readDay reads a date, or the day of the week that comes next.
func readDay(word string, now time.Time) (time.Time, bool) {
	if d, err := time.ParseInLocation(dayLayout, word, now.Location()); err == nil {
		return d, true
	}
	for i := range 7 {
		if d := now.AddDate(0, 0, i+1); d.Format("Mon") == word {
			return d, true
		}
	}
	return time.Time{}, false
}

func clock(t *Talk, args []string, to *time.Time) error {
	at, rest, err := readClock(args, t.Facts.Now)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("want one time")
	}
	*to = at
	return err
}

// clocks reads times; a day stands for all that follow it.
func clocks(t *Talk, args []string, to *[]time.Time) error {
	now := t.Facts.Now
	for day := ""; len(args) > 0; {
		if _, ok := readDay(args[0], now); ok {
			day, args = args[0], args[1:]
			continue
		}
		words := args[:1]
		if day != "" {
			words = []string{day, args[0]}
		}
		at, _, err := readClock(words, now)
		if err != nil {
			return err
		}
		*to = append(*to, at)
		args = args[1:]
	}
	return nil
}

// writeClock writes a time as [readClock] reads it.
func writeClock(at, now time.Time) string {
	at = at.In(now.Location())
	if at.Format(dayLayout) == now.Format(dayLayout) {
		return at.Format(clockLayout)
	}
	if d, ok := readDay(at.Format("Mon"), now); ok && d.Format(dayLayout) == at.Format(dayLayout) {
		return at.Format("Mon 15:04")
	}
	return at.Format("2006-01-02 15:04")
}
