package walk

import (
	"math"
	"strconv"
	"time"
)

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

// A Filter chooses which tallies are added up. Empty fields choose all.
type Filter struct {
	Menu    string
	Version string
	From    time.Time // inclusive, by the hour
	To      time.Time // exclusive
}

// Tallies counts what happened.
func (w Walk) Tallies() []Tally {
	if w.Menu == "" || len(w.Steps) == 0 {
		return nil
	}
	c := counted{walk: w, at: map[[2]string]int{}}
	c.add("", WayIn, w.Ended.Sub(w.Began))
	c.add("", WayEnd+EndOf(w.Steps), 0)
	c.took("", w.Ended.Sub(w.Began))
	node, since, stayed := "", int64(0), time.Duration(0)
	for _, s := range w.Steps {
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

// counted adds up one walk.
type counted struct {
	walk Walk
	all  []Tally
	at   map[[2]string]int // by node and way
}

func (c *counted) add(node, way string, d time.Duration) {
	i, known := c.at[[2]string{node, way}]
	if !known {
		i = len(c.all)
		c.at[[2]string{node, way}] = i
		c.all = append(c.all, Tally{
			Menu: c.walk.Menu, Version: c.walk.Version, Hour: c.walk.Ended.Truncate(time.Hour), Node: node, Way: way,
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
