package simulation

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// A bug is planted to see that the simulation finds it.
type bug struct {
	noFence        bool          // a process that stood still dials all the same
	losesClaims    bool          // the intent to dial is not committed
	losesBookings  bool          // a booking is not committed
	redials        bool          // what a crash left unknown is dialled again
	forgetsTurns   bool          // an event that comes twice is taken twice
	sellsTwice     bool          // slots are not counted
	sharesAgents   bool          // who speaks is taken for free
	forgetsTexts   bool          // a survey that was sent is not marked as sent
	forgetsJournal bool          // an end is not written down
	forgetsCancel  bool          // what was cancelled stays booked
	neverHangsUp   bool          // calls are left open
	anyHour        bool          // people are called at night
	tooOften       bool          // people are tried nine times
	saysWrong      time.Duration // texts tell another time

	inOrderOfComing   bool // promises are not held against their deadline
	lastFirst         bool // who came last is called up first
	sellsOneMore      bool // slots are counted one too low
	forgetsDials      bool // calls without an agent are not counted
	forgetsOwners     bool // callbacks are everybody's
	anyLanguage       bool // all agents are taken to speak all languages
	neverStops        bool // that dialling was stopped is not noticed
	callsWhoWasServed bool // a callback stays although its customer was served
	ringsAtBreak      bool // who is on a break is taken for free
	forgetsBreaks     bool // that somebody has a break is not kept
	forgetsRoster     bool // all agents are taken to be at work whenever their queue is
	helpsAtOnce       bool // agents of another queue help out, however short somebody has waited
	forgetsTakers     bool // who takes over somebody who is put through is taken for free
	dropsInVain       bool // who is put through is cut off when nobody takes it

	losesDeeds    bool // what was done at the desk is not committed
	tellsUndone   bool // what was undone is told all the same
	forgetsBefore bool // how it was before a deed is not kept
	forgetsMarks  bool // what is pressed twice is not known again

	forgetsPauses bool // whoever has keyed in two wrong PINs may go on
	callsFirst    bool // who calls now by telephone is given what is first by then
	staysFree     bool // whoever has taken a callback by telephone is taken for free
}

// hunts is after how many runs a bug counts as one that is not found.
const hunts = 50

func (b bug) configure(c *callback.Config) {
	if b.anyHour {
		c.Callbacks.Permitted = "00:00-23:59"
		for name, q := range c.Queues {
			q.Hours = map[string]string{"mon-sun": "00:00-24:00"}
			c.Queues[name] = q
		}
	}
	if b.anyLanguage {
		for name, a := range c.Agents {
			a.Languages = nil
			c.Agents[name] = a
		}
	}
	for name, a := range c.Agents {
		if b.forgetsRoster {
			a.Hours = nil
			c.Agents[name] = a
		}
	}
	for name, q := range c.Queues {
		if b.helpsAtOnce && q.Overflow != "" {
			q.OverflowAfter = callback.Span(time.Second)
			c.Queues[name] = q
		}
	}
	if b.tooOften {
		c.Callbacks.Attempts = 9
	}
}

// hidesInCalm reports whether a bug shows only when there are promises and a long
// line at the same time.
func (b bug) hidesInCalm() bool {
	return b.forgetsDials || b.inOrderOfComing || b.lastFirst || b.helpsAtOnce || b.forgetsTakers || b.dropsInVain
}

// isDialIn reports whether a bug shows only when agents call us.
func (b bug) isDialIn() bool {
	return b.forgetsPauses || b.callsFirst || b.staysFree
}

// isDeed reports whether a bug shows only when people do something at their desks.
func (b bug) isDeed() bool {
	return b.losesDeeds || b.tellsUndone || b.forgetsBefore || b.forgetsMarks
}

// TestFindsBugs plants one bug at a time. A simulation that does not notice is
// no proof of anything. What a bug needs to show is rare, so that one run may
// miss what the next one finds: a hunt goes on, seed after seed, and ends as
// soon as it has found what it looks for. Some is found only at the end of a
// run, and days says when that is.
func TestFindsBugs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		bug   bug
		finds string
		days  int
	}{
		{"dials after it stood still", bug{noFence: true}, "I3", 4},
		{"dials without an intent", bug{losesClaims: true}, "I3", 4},
		{"dials again what a crash left unknown", bug{redials: true}, "I3", 4},
		{"dials a customer at night", bug{anyHour: true}, "I5", 4},
		{"dials a customer too often", bug{tooOften: true}, "I7", 2},
		{"dials who has cancelled", bug{forgetsCancel: true}, "I9", 4},
		{"dials an agent who speaks", bug{sharesAgents: true}, "I13", 4},
		{"takes an event twice", bug{forgetsTurns: true}, "I17", 4},
		{"sells a slot twice", bug{sellsTwice: true}, "I6", 1},
		{"asks twice how it was", bug{forgetsTexts: true}, "I8", 4},
		{"leaves a line out of the journal", bug{forgetsJournal: true}, "I20", 1},
		{"tells another time", bug{saysWrong: time.Hour}, "I10", 1},
		{"loses what was booked", bug{losesBookings: true}, "I1", 1},
		{"serves in the order of coming", bug{inOrderOfComing: true}, "I26", 4},
		{"calls up who came last", bug{lastFirst: true}, "I27", 4},
		{"sells one place more than there is", bug{sellsOneMore: true}, "I6", 1},
		{"has more customers rung than agents are free", bug{forgetsDials: true}, "I30", 4},
		{"has anybody make a callback that is somebody's own", bug{forgetsOwners: true}, "I29", 4},
		{"has somebody rung who does not speak the language", bug{anyLanguage: true}, "I28", 4},
		{"dials while dialling is stopped", bug{neverStops: true}, "I25", 4},
		{"calls back who was served", bug{callsWhoWasServed: true}, "I32", 4},
		{"rings who has a break", bug{ringsAtBreak: true}, "I33", 4},
		{"forgets who has said that he has a break", bug{forgetsBreaks: true}, "I34", 4},
		{"sells places when nobody is at work", bug{forgetsRoster: true}, "I36", 4},
		{"has others help out at once", bug{helpsAtOnce: true}, "I35", 4},
		{"rings who has taken somebody over", bug{forgetsTakers: true}, "I13", 4},
		{"drops who was put through in vain", bug{dropsInVain: true}, "I37", 4},
		{"loses what was done at the desk", bug{losesDeeds: true}, "I40", 1},
		{"does twice what was pressed twice", bug{forgetsMarks: true}, "I40", 4},
		{"tells of what was undone", bug{tellsUndone: true}, "I41", 4},
		{"forgets whose own it was before", bug{forgetsBefore: true}, "I42", 4},
		{"lets in who has to wait", bug{forgetsPauses: true}, "I38", 4},
		{"calls another than was heard", bug{callsFirst: true}, "I39", 4},
		{"rings who has taken a callback by telephone", bug{staysFree: true}, "I13", 4},
		{"never hangs up", bug{neverHangsUp: true}, "I14", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for n := range uint64(hunts) {
				p := usual(*seed+n, tt.days)
				p.after, p.perDay, p.bug, p.finds = 0, 60, tt.bug, tt.finds
				if tt.bug.hidesInCalm() {
					p.rushes, p.crowd = 0.2, 11
				}
				if !tt.bug.isDeed() { // who moves callbacks about hides what others do
					p.clerks = 0
				}
				if tt.bug.isDialIn() {
					p.dialIns = 1
				}
				w := live(t, p)
				if w.ids[tt.finds] > 0 {
					return
				}
				t.Logf("seed %d: %s was not found in %d days, but %v", p.seed, tt.finds, tt.days, w.ids)
			}
			t.Errorf("%s was not found in %d runs from seed %d", tt.finds, hunts, *seed)
		})
	}
}
