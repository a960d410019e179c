package ivr_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
)

var (
	nine  = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	menus = []string{"main", "agent", "whisper", "customer", "survey"}
)

// checkTurn checks what every turn promises to its line.
func checkTurn(t *testing.T, turn ivr.Turn) {
	t.Helper()
	verbs := 0
	for _, has := range []bool{turn.Listen != nil, turn.Connect != nil, turn.Book != nil, turn.End} {
		if has {
			verbs++
		}
	}
	if verbs != 1 {
		t.Fatalf("want exactly one of listen, connect, book, end: %+v", turn)
	}
	if turn.Lang == "" || turn.No < 1 {
		t.Fatalf("turn without language or number: %+v", turn)
	}
	known := ivr.PromptNames()
	for _, p := range turn.Say {
		holes, ok := known[p.Name]
		if p.Name != "" && !ok {
			t.Fatalf("says %q, which has no words", p.Name)
		}
		for _, hole := range holes {
			if !filled(p, hole) {
				t.Fatalf("%s has no %s: %+v", p.Name, hole, p)
			}
		}
	}
}

func filled(p ivr.Prompt, hole string) bool {
	switch hole {
	case "text":
		return p.Text != ""
	case "key":
		return p.Key != ""
	case "digits":
		return p.Digits != ""
	case "n":
		return p.N != 0
	}
	return !p.At.IsZero()
}

func load(t testing.TB, name string) *ivr.Menu {
	t.Helper()
	m, err := ivr.Default(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestUnexpected tells every menu, wherever it stands, everything that could
// be told: no event may break a talk.
func TestUnexpected(t *testing.T) {
	t.Parallel()
	kinds := []ivr.Kind{
		ivr.Begin, ivr.Heard, ivr.Silence, ivr.Gone, ivr.Spoke, ivr.NoAnswer, ivr.Number,
		ivr.Held, ivr.Booked, ivr.Taken, ivr.Refused, ivr.Cancelled, "unheard of",
	}
	for _, name := range menus {
		m := load(t, name)
		for _, kind := range kinds {
			_, turn := m.Step(ivr.State{}, ivr.Event{Kind: kind, Text: "1"}, ivr.Facts{Now: nine})
			checkTurn(t, turn)
			if kind != ivr.Begin && !turn.End {
				t.Errorf("%s: %s before the beginning does not end the talk", name, kind)
			}
			_, turn = m.Step(ivr.State{Turn: 3, Node: "gone_since"}, ivr.Event{Kind: kind}, ivr.Facts{Now: nine})
			checkTurn(t, turn)
		}
	}
}

// TestStuckNode: a talk whose node is no longer in the menu reaches a person.
func TestStuckNode(t *testing.T) {
	t.Parallel()
	_, turn := load(t, "main").Step(ivr.State{Turn: 3, Node: "gone_since"}, ivr.Event{Kind: ivr.Heard, Text: "1"}, ivr.Facts{Now: nine, Open: true, Idle: 1})
	if turn.Connect == nil || turn.Connect.To != "agents" {
		t.Errorf("got %+v, want a person", turn)
	}
}

func TestBookingFails(t *testing.T) {
	t.Parallel()
	m := load(t, "main")
	f := ivr.Facts{Now: nine, Open: true, Idle: 1, Booking: nine.Add(time.Hour)}
	s, _ := m.Step(ivr.State{}, ivr.Event{Kind: ivr.Begin}, f)
	s, turn := m.Step(s, ivr.Event{Kind: ivr.Heard, Text: "1"}, f)
	for range 2 { // the desk does not know this booking any more
		if turn.Book == nil || turn.Book.Do != ivr.Keep {
			t.Fatalf("got %+v, want keep", turn)
		}
		s, turn = m.Step(s, ivr.Event{Kind: ivr.Refused}, f)
	}
	if turn.Connect == nil {
		t.Errorf("got %+v, want a person", turn)
	}
}

// TestStepIsPure: what the caller of Step holds is not changed under it, and
// the state survives the store.
func TestStepIsPure(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, name := range menus {
		m := load(t, name)
		s := ivr.State{}
		e := ivr.Event{Kind: ivr.Begin}
		for range 500 {
			f := someFacts(rnd)
			before, free := stored(t, s), slices.Clone(f.Slots)
			next, turn := m.Step(s, e, f)
			again, turn2 := m.Step(before, e, f)
			if !reflect.DeepEqual(stored(t, s), before) || !slices.Equal(free, f.Slots) {
				t.Fatalf("%s: the step changed what it was given", name)
			}
			if !reflect.DeepEqual(stored(t, next), stored(t, again)) || !reflect.DeepEqual(turn, turn2) {
				t.Fatalf("%s: the same step had another end", name)
			}
			if s = next; turn.End {
				s = ivr.State{}
			}
			e = someEvent(rnd, turn)
		}
	}
}

// Talks that step at the same moment do not hear of each other.
func TestStepsBesideEachOther(t *testing.T) {
	t.Parallel()
	for _, name := range menus {
		m := load(t, name)
		talks := make([][]ivr.Turn, 8)
		var crowd sync.WaitGroup
		for i := range talks {
			crowd.Go(func() { talks[i] = someTalk(m) })
		}
		crowd.Wait()
		for _, talk := range talks[1:] {
			if !reflect.DeepEqual(talk, talks[0]) {
				t.Fatalf("%s: the same talk went another way", name)
			}
		}
	}
}

// someTalk returns all turns of a few talks.
func someTalk(m *ivr.Menu) []ivr.Turn {
	rnd := rand.New(rand.NewPCG(3, 4))
	s, e := ivr.State{}, ivr.Event{Kind: ivr.Begin}
	var all []ivr.Turn
	for range 300 {
		var turn ivr.Turn
		s, turn = m.Step(s, e, someFacts(rnd))
		all = append(all, turn)
		if turn.End {
			s = ivr.State{}
		}
		e = someEvent(rnd, turn)
	}
	return all
}

func stored(t *testing.T, s ivr.State) ivr.State {
	t.Helper()
	body, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back ivr.State
	if err := json.Unmarshal(body, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

func FuzzStep(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed, uint64(7), uint8(seed))
	}
	loaded := make([]*ivr.Menu, len(menus))
	for i, name := range menus {
		loaded[i] = load(f, name)
	}
	f.Fuzz(func(t *testing.T, a, b uint64, which uint8) {
		m := loaded[int(which)%len(loaded)]
		rnd := rand.New(rand.NewPCG(a, b))
		s, e := ivr.State{}, ivr.Event{Kind: ivr.Begin}
		for range 200 {
			var turn ivr.Turn
			s, turn = m.Step(s, e, someFacts(rnd))
			checkTurn(t, turn)
			if turn.End {
				return
			}
			e = someEvent(rnd, turn)
		}
		t.Fatalf("%s: the talk does not end", m.Name())
	})
}

// someFacts makes up a world.
func someFacts(rnd *rand.Rand) ivr.Facts {
	f := ivr.Facts{Now: nine, Open: rnd.IntN(3) > 0, Idle: rnd.IntN(2), Bound: time.Duration(rnd.IntN(3)) * time.Minute}
	for at := nine; rnd.IntN(8) > 0 && len(f.Slots) < 40; {
		at = at.Add(time.Duration(1+rnd.IntN(40)) * 15 * time.Minute)
		f.Slots = append(f.Slots, at)
	}
	if rnd.IntN(3) == 0 {
		f.Booking, f.Opens = nine.Add(time.Hour), nine.Add(24*time.Hour)
	}
	if rnd.IntN(3) > 0 {
		f.Caller = ivr.Caller{Phone: "+358401234567", Callable: rnd.IntN(2) == 0}
	}
	if rnd.IntN(3) == 0 {
		f.Brief = &ivr.Brief{Name: "Aino", Topic: "billing", Attempt: rnd.IntN(3)}
	}
	return f
}

// someEvent makes up what comes next: mostly what fits the turn, and now and
// then anything at all.
func someEvent(rnd *rand.Rand, turn ivr.Turn) ivr.Event {
	pick := func(all ...ivr.Event) ivr.Event { return all[rnd.IntN(len(all))] }
	at := nine.Add(time.Duration(rnd.IntN(100)) * 15 * time.Minute)
	anything := pick(
		ivr.Event{Kind: ivr.Begin}, ivr.Event{Kind: ivr.Heard, Text: "\x00 neljä"}, ivr.Event{Kind: ivr.Spoke},
		ivr.Event{Kind: ivr.NoAnswer, Text: "eaten by a bear"}, ivr.Event{Kind: ivr.Held, At: at}, ivr.Event{Kind: ivr.Booked, At: at},
		ivr.Event{Kind: ivr.Taken}, ivr.Event{Kind: ivr.Refused}, ivr.Event{Kind: ivr.Cancelled}, ivr.Event{Kind: ivr.Number, Text: "+358401234567"},
	)
	keys := []string{"0", "1", "2", "3", "4", "9", "*", "#", "1530", "330", "25", "0401234567", "4 thanks", "stop"}
	switch {
	case rnd.IntN(10) == 0:
		return anything
	case turn.Listen != nil && rnd.IntN(5) == 0:
		return ivr.Event{Kind: ivr.Silence}
	case turn.Listen != nil:
		return ivr.Event{Kind: ivr.Heard, Text: keys[rnd.IntN(len(keys))]}
	case turn.Connect != nil:
		return pick(ivr.Event{Kind: ivr.Spoke}, ivr.Event{Kind: ivr.NoAnswer, Text: "busy"}, ivr.Event{Kind: ivr.NoAnswer})
	case turn.Book == nil:
		return ivr.Event{Kind: ivr.Begin}
	}
	answers := map[ivr.Do]ivr.Event{
		ivr.Check: {Kind: ivr.Number, Text: "+358401234567"}, ivr.Hold: {Kind: ivr.Held, At: turn.Book.At},
		ivr.Confirm: {Kind: ivr.Booked, At: at}, ivr.Keep: {Kind: ivr.Booked, At: at}, ivr.Cancel: {Kind: ivr.Cancelled},
	}
	return pick(answers[turn.Book.Do], ivr.Event{Kind: ivr.Taken}, ivr.Event{Kind: ivr.Refused})
}

// TestSilentCallerIsReleased: somebody who never does anything is given to a
// person, offered a time, and let go in the end.
func TestSilentCallerIsReleased(t *testing.T) {
	t.Parallel()
	m := load(t, "main")
	f := ivr.Facts{Now: nine, Open: true, Idle: 1, Slots: []time.Time{nine.Add(time.Hour)}}
	s, turn := m.Step(ivr.State{}, ivr.Event{Kind: ivr.Begin}, f)
	for range 12 {
		switch {
		case turn.End:
			if last := turn.Say[len(turn.Say)-1]; last.Name != "goodbye" {
				t.Errorf("the last word is %q", last.Name)
			}
			return
		case turn.Connect != nil:
			s, turn = m.Step(s, ivr.Event{Kind: ivr.NoAnswer}, f)
		default:
			s, turn = m.Step(s, ivr.Event{Kind: ivr.Silence}, f)
		}
	}
	t.Error("a silent caller is kept on the line")
}

func BenchmarkStep(b *testing.B) {
	m := load(b, "main")
	f := ivr.Facts{Now: nine, Open: true, Idle: 1, Caller: ivr.Caller{Phone: "+358401234567", Callable: true}}
	for i := range 32 {
		f.Slots = append(f.Slots, nine.Add(time.Duration(i+1)*15*time.Minute))
	}
	start, _ := m.Step(ivr.State{}, ivr.Event{Kind: ivr.Begin}, f)
	times, _ := m.Step(start, ivr.Event{Kind: ivr.Heard, Text: "1"}, f)
	for _, bb := range []struct {
		name  string
		state ivr.State
		key   string
	}{{"menu", start, "1"}, {"wrong", start, "7"}, {"offer", times, "1"}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			e := ivr.Event{Kind: ivr.Heard, Text: bb.key}
			for b.Loop() {
				m.Step(bb.state, e, f)
			}
		})
	}
}

// A person who waits until somebody is reached can choose to be called back
// instead, where the menu offers it. No other key does anything to the menu
// but ask again.
func TestCallbackInstead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, key, to string }{
		{"back instead", "2", "times"},
		{"another key", "1", "ring"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := ivr.Parse("menu.yaml", []byte(`languages: [en]
start: ring
stuck: ring
anytime: {"0": ring}
nodes:
  ring: {do: connect, to: agents, then: bye, busy: bye, callback: times}
  times: {do: say, say: no_times, then: bye}
  bye: {do: end, say: bye}
`))
			if err != nil {
				t.Fatal(err)
			}
			s, turn := m.Step(ivr.State{}, ivr.Event{Kind: ivr.Begin}, ivr.Facts{Now: nine})
			if o := turn.Connect.Offer; o == nil || o.Name != "press_called" || o.Key != "2" {
				t.Errorf("offers %+v", o)
			}
			var path []string
			m.Trace(s, ivr.Event{Kind: ivr.Heard, Text: tt.key}, ivr.Facts{Now: nine}, func(node string) { path = append(path, node) })
			if len(path) == 0 || path[0] != tt.to {
				t.Errorf("key %s leads to %v, want %s", tt.key, path, tt.to)
			}
		})
	}
}
