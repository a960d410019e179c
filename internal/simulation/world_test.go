package simulation

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A world is all that does not crash: people, carriers, and what they saw.
type world struct {
	t    testing.TB
	plan plan
	dir  string // of the database

	menus map[string]*ivr.Menu

	mu       sync.Mutex
	wrong    []string
	ids      map[string]int // violations by invariant
	seen     map[string]int // interesting states that were reached
	now      *process
	boots    int
	off      time.Duration  // how far the clock of the processes is set wrong
	calls    []*call        // every call that left a process
	refs     map[string]int // how many, by attempt
	books    books
	live     map[string]int
	heard    []promise
	texts    map[string]int // delivered, by dedupe key
	bodies   []promise      // times told by text
	quit     map[string]time.Time
	requeued map[string]time.Time // by callback: a person had it tried again
	decided  map[string]int       // how often
	later    map[string]int       // how often somebody asked to be called again soon
	untold   map[string]bool      // talks of which the store knows less than the desk
	owners   map[string]string    // of callbacks
	ordered  map[string]bool      // refs of calls that the scheduler asked for
	days     map[string]int       // the process that did a daily job last, by its name and day
	ended    map[string]bool      // of which it is written down that it was done
	moves    map[string]bool      // calls for somebody who is put through: by their refs, whether they are to be in the ledger
	takers   map[string]string    // who is rung, or speaks, for somebody who was put through, by his talk
	feats    map[string]*feats    // deeds at the desk, by callback and kind
	undone   map[string]bool      // texts that would have told of a deed that was undone
	cut      []string             // callbacks whose customers a crash has cut off while they were put through
	calm     bool                 // nothing crashes any more
	enough   chan struct{}        // closed when the planted bug is found
	people   sync.WaitGroup
	turns    turns
	named    map[string]int // names that were given, by their beginning
	tries    atomic.Int64   // so that a planted bug does not strike for ever at one instant
}

// A plan says what is lived through.
type plan struct {
	seed    uint64
	from    time.Time
	days    int
	after   int     // days in which nobody calls any more, and nothing breaks in the end
	perDay  int     // people who call
	rushes  float64 // probability that a caller is one of many who want a person
	crowd   int     // how many
	dialIns float64 // probability that an agent who says what he does now calls us from anywhere
	clerks  int     // people at their desks
	crash   float64 // probability at each crash point
	jumps   bool    // the clock is set wrong at times
	bug     bug     // planted, to see that it is found
	diary   bool    // keep the whole journal, to compare it
	finds   string  // the invariant that the bug breaks; when it is seen to be broken, all ends
}

// end is when nobody calls any more.
func (p plan) end() time.Time { return p.from.AddDate(0, 0, p.days) }

func newWorld(t testing.TB, p plan) *world {
	w := &world{
		t: t, plan: p, dir: memoryDir(t), menus: shippedMenus(),
		refs: map[string]int{}, books: newBooks(), ids: map[string]int{}, seen: map[string]int{}, live: map[string]int{}, texts: map[string]int{},
		quit: map[string]time.Time{}, requeued: map[string]time.Time{},
		decided: map[string]int{}, later: map[string]int{}, ordered: map[string]bool{}, untold: map[string]bool{}, owners: map[string]string{}, days: map[string]int{}, ended: map[string]bool{}, named: map[string]int{},
		moves: map[string]bool{}, takers: map[string]string{}, feats: map[string]*feats{}, undone: map[string]bool{},
	}
	w.turns.w, w.books.keep = w, p.diary
	return w
}

// A promise is a time that a person was told.
type promise struct {
	phone string
	at    time.Time
	when  time.Time
}

// chance returns a number from 0 to 1 that follows from the seed and a key,
// whatever else happens at the same moment.
func (w *world) chance(key ...any) float64 {
	h := fnv.New64a()
	fmt.Fprint(h, w.plan.seed, key)
	x := h.Sum64() // mixed once more: FNV leaves the high bits of short keys alike
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}

// moment is chance at this instant.
func (w *world) moment(key ...any) float64 { return w.chance(key, time.Now().UnixNano()) }

// newID makes up a name that follows from the seed.
func (w *world) newID(key ...any) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	name := fmt.Sprint(key...)
	w.named[name]++
	return fmt.Sprintf("%013x-%s-%d", uint64(w.chance("id", name, w.named[name])*(1<<52)), name, w.named[name])
}

// pick chooses one of n.
func (w *world) pick(n int, key ...any) int { return int(w.moment(key...) * float64(n)) }

// between chooses a duration.
func (w *world) between(from, to time.Duration, key ...any) time.Duration {
	return from + time.Duration(w.moment(key...)*float64(to-from)).Truncate(time.Millisecond)
}

// clock is what the processes take for the time.
func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.off)
}

// saw counts a state that the run must reach, or else it proves little.
func (w *world) saw(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[what]++
}

// violated writes down that an invariant does not hold.
func (w *world) violated(id, format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.report(id, format, args...)
}

// report is violated, for those who have the lock.
func (w *world) report(id, format string, args ...any) {
	w.ids[id]++
	if id == w.plan.finds && w.ids[id] == 1 {
		close(w.enough)
	}
	if w.ids[id] <= 3 {
		when := time.Now().UTC().Format("2006-01-02 15:04:05.000")
		w.wrong = append(w.wrong, fmt.Sprintf("%s at %s: ", id, when)+fmt.Sprintf(format, args...))
	}
}

// judge fails the test for all that went wrong.
func (w *world) judge() {
	w.t.Helper()
	for _, line := range w.wrong {
		w.t.Errorf("seed %d: %s", w.plan.seed, line)
	}
	var all []string
	for _, what := range slices.Sorted(maps.Keys(w.seen)) {
		all = append(all, fmt.Sprintf("%s %d", what, w.seen[what]))
	}
	w.t.Logf("seed %d, %d days, %d calls: %s", w.plan.seed, w.plan.days, len(w.calls), strings.Join(all, ", "))
}
