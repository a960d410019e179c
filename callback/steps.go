package callback

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A Step is one event of a talk, what held at that moment, and where it led.
// Of what was keyed in only single keys are kept.
type Step struct {
	At    int64    `json:"at,omitempty"` // milliseconds since the talk began
	Kind  ivr.Kind `json:"do"`
	Text  string   `json:"text,omitempty"` // a key, "many" keys, an outcome or a reason
	Facts string   `json:"if,omitempty"`   // as [Step.Held] reads them
	Lost  bool     `json:"lost,omitempty"` // it meant nothing there
	To    []string `json:"to,omitempty"`   // the nodes that the talk came to
}

// Many stands for more than one key, or words.
const Many = "many"

// stepsMost bounds what is kept of one talk.
const stepsMost = 400

// The facts of a step, one letter each; the number of free times follows them,
// when it was looked at.
const (
	factOpen     = 'o'
	factIdle     = 'i'
	factBooking  = 'b'
	factKnown    = 'k'
	factCallable = 'c'
	factMayAsk   = 'm'
	factVIP      = 'v'
	factSurvey   = 's'
	factMessage  = 'l'
	factWait     = 'w'
)

// walked notes one step of a talk.
func (t *Talk) walked(now time.Time, e ivr.Event, f ivr.Facts, to []string) {
	if len(t.Walk) >= stepsMost {
		return
	}
	s := Step{At: now.Sub(t.BeganAt).Milliseconds(), Kind: e.Kind, Facts: shortly(f), Lost: t.Last.Misheard, To: to}
	switch {
	case e.Kind == ivr.Heard && len(e.Text) > 1:
		s.Text = Many
	case e.Kind == ivr.Heard || e.Kind == ivr.NoAnswer || e.Kind == ivr.Refused:
		s.Text = e.Text
	}
	t.Walk = append(slices.Clip(t.Walk), s)
}

func shortly(f ivr.Facts) string {
	var b strings.Builder
	for _, fact := range []struct {
		letter rune
		holds  bool
	}{
		{factOpen, f.Open},
		{factIdle, f.Idle > 0},
		{factBooking, !f.Booking.IsZero()},
		{factKnown, f.Caller.Known},
		{factCallable, f.Caller.Callable},
		{factMayAsk, f.MayAsk},
		{factVIP, f.Caller.VIP},
		{factSurvey, f.MaySurvey},
		{factMessage, f.Message > 0},
		{factWait, f.MayWait},
	} {
		if fact.holds {
			b.WriteRune(fact.letter)
		}
	}
	if f.Slots != nil {
		b.WriteString(strconv.Itoa(len(f.Slots)))
	}
	return b.String()
}

// Held returns facts as they were, as far as they were kept: whether something
// was so, and how many times were free, but neither which nor whose. Times
// that nobody looked at are as many as a menu reads out.
func (s Step) Held(now time.Time) ivr.Facts {
	has := func(letter rune) bool { return strings.ContainsRune(s.Facts, letter) }
	f := ivr.Facts{
		Now: now, Open: has(factOpen), MayWait: has(factWait), MayAsk: has(factMayAsk), MaySurvey: has(factSurvey),
		Caller: ivr.Caller{Known: has(factKnown), Callable: has(factCallable), VIP: has(factVIP)},
	}
	if f.Caller.Callable {
		f.Caller.Phone = "+358401234567"
	}
	if has(factIdle) {
		f.Idle = 1
	}
	if has(factMessage) {
		f.Message = time.Minute
	}
	if !f.Open {
		f.Opens = now.Add(12 * time.Hour)
	}
	if has(factBooking) {
		f.Booking = now.Add(time.Hour)
	}
	free, err := strconv.Atoi(strings.TrimLeft(s.Facts, "oibkcmvslw"))
	if err != nil {
		free = 12
	}
	for n := range min(free, 40) {
		f.Slots = append(f.Slots, now.Truncate(time.Hour).Add(time.Duration(n+2)*30*time.Minute))
	}
	return f
}

// A Tally is how often something happened at a node of one version of a menu,
// within an hour or since a time.
type Tally struct {
	Menu    string
	Version string
	Hour    time.Time // zero when several hours were added up
	Node    string    // "" for the talk as a whole
	Way     string
	N       int
	Time    time.Duration // that it took in all
}

// The ways of a [Tally]. A key is "key 1", a way to another node "> name", and
// what a line or the desk answered has its own name: "spoke", "booked".
const (
	WayIn      = "in"      // came to the node, and how long people stayed
	WaySilence = "silence" // did nothing
	WayWrong   = "wrong"   // pressed a key that means nothing there
	WayGone    = "gone"    // hung up
	WayMany    = "keys"    // keyed in more than one key, or wrote words
	WayKey     = "key "
	WayTo      = "> "
	WayEnd     = "end "  // of the talk as a whole; how it ended follows
	WayTook    = "took " // stayed for about as long as [Took] says of the number that follows
)

// How a talk ended, the best thing first.
const (
	EndPerson    = "person"    // spoke with somebody
	EndBooked    = "booked"    // has a promise
	EndCancelled = "cancelled" // took a promise back
	EndGone      = "gone"      // hung up before anything came of it
	EndOver      = "over"      // heard all there was to hear
)

// Ends lists how talks end, the best first.
func Ends() []string { return []string{EndPerson, EndBooked, EndCancelled, EndOver, EndGone} }

// TallyFilter chooses what is added up. Empty fields choose all.
type TallyFilter struct {
	Menu    string
	Version string
	From    time.Time // inclusive, by the hour
	To      time.Time // exclusive
}

// EndOf says how a talk ended, by what happened in it.
func EndOf(walk []Step) string {
	end := EndOver
	for i, s := range walk {
		switch {
		case s.Kind == ivr.Spoke:
			return EndPerson
		case s.Kind == ivr.Booked, s.Kind == ivr.Done && i > 0 && walk[i-1].message():
			end = EndBooked
		case s.Kind == ivr.Cancelled:
			end = EndCancelled
		case s.Kind == ivr.Gone && end == EndOver:
			end = EndGone
		}
	}
	return end
}

// message reports whether a caller has spoken a message, with which he is
// promised a call. An agent who speaks a prompt may leave none.
func (s Step) message() bool {
	return s.Kind == ivr.Recorded && strings.ContainsRune(s.Facts, factMessage)
}

// outcome says how a call ended, or why nobody took it.
func (t *Talk) outcome() string {
	if len(t.Walk) == 1 && t.Walk[0].Kind == ivr.NoAnswer {
		return t.Walk[0].Text
	}
	return EndOf(t.Walk)
}

// tallies counts what happened in a talk that is over.
func (t *Talk) tallies() []Tally {
	if t.Menu == "" || len(t.Walk) == 0 {
		return nil
	}
	c := counted{talk: t, at: map[[2]string]int{}}
	c.add("", WayIn, t.EndedAt.Sub(t.BeganAt))
	c.add("", WayEnd+EndOf(t.Walk), 0)
	c.took("", t.EndedAt.Sub(t.BeganAt))
	node, since, stayed := "", int64(0), time.Duration(0)
	for _, s := range t.Walk {
		if node != "" {
			d := time.Duration(s.At-since) * time.Millisecond
			stayed += d
			c.stay(node, d)
			c.add(node, s.way(), 0)
		}
		for _, to := range s.To {
			if node != "" {
				c.add(node, WayTo+to, 0)
			}
			if to != node {
				c.took(node, stayed)
				c.add(to, WayIn, 0)
				stayed = 0
			}
			node = to
		}
		since = s.At
	}
	c.took(node, stayed)
	return c.all
}

// way names what a step was.
func (s Step) way() string {
	switch {
	case s.Kind == ivr.Heard && s.Lost:
		return WayWrong
	case s.Kind == ivr.Heard && s.Text == Many:
		return WayMany
	case s.Kind == ivr.Heard:
		return WayKey + s.Text
	case s.Kind == ivr.NoAnswer:
		return s.Text
	}
	return string(s.Kind) // silence and gone among them
}

// counted adds up one talk.
type counted struct {
	talk *Talk
	all  []Tally
	at   map[[2]string]int // by node and way
}

func (c *counted) add(node, way string, d time.Duration) {
	i, known := c.at[[2]string{node, way}]
	if !known {
		i = len(c.all)
		c.at[[2]string{node, way}] = i
		c.all = append(c.all, Tally{
			Menu: c.talk.Menu, Version: c.talk.Version, Hour: c.talk.EndedAt.Truncate(time.Hour), Node: node, Way: way,
		})
	}
	c.all[i].N++
	c.all[i].Time += d
}

// took counts one stay by its length. Nodes that only pass people on take no
// time, and have none.
func (c *counted) took(node string, d time.Duration) {
	if d > 0 {
		c.add(node, WayTook+strconv.Itoa(classOf(d)), 0)
	}
}

// Lengths of stays are counted in classes, each a quarter longer than the one
// before: enough to tell how long half of the people stay, in few numbers.
const (
	shortest      = 100 * time.Millisecond
	classesDouble = 3 // classes until the length has doubled
)

// classOf is the class of a length.
func classOf(d time.Duration) int {
	return max(0, int(math.Round(classesDouble*math.Log2(float64(d)/float64(shortest)))))
}

// Took is the length in the middle of a class, by its number in a [Tally].
func Took(class int) time.Duration {
	return time.Duration(float64(shortest) * math.Exp2(float64(class)/classesDouble)).Round(10 * time.Millisecond)
}

// stay adds time at a node, which the talk came to before.
func (c *counted) stay(node string, d time.Duration) {
	if i, known := c.at[[2]string{node, WayIn}]; known {
		c.all[i].Time += d
	}
}
