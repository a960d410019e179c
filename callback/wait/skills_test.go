package wait

import (
	"container/heap"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestShare splits agents by the work of their queues.
func TestShare(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		own    float64
		agents []float64
		want   float64
	}{
		{"all serve this queue alone", 4, []float64{4, 4, 4}, 3},
		{"half of the work is elsewhere", 4, []float64{8, 8}, 1},
		{"some serve others", 6, []float64{6, 8, 12}, 2.25},
		{"nobody", 6, nil, 0},
		{"nothing is known of the work", 0, []float64{0, 0}, 2},
	} {
		if got := Share(tt.own, tt.agents); got != tt.want {
			t.Errorf("%s: %.3f agents, want %.3f", tt.name, got, tt.want)
		}
	}
}

// TestChecked holds how much the head of a line counts.
func TestChecked(t *testing.T) {
	t.Parallel()
	e, never := Estimate{Mean: 6 * time.Minute, Variance: 900}, Estimate{Mean: Never}
	if got, want := e.Checked(3*time.Minute), (Estimate{Mean: 5 * time.Minute, Variance: 600 + 7200}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := e.Checked(0); got != e {
		t.Errorf("%+v when nobody has waited, want %+v", got, e)
	}
	if got := never.Checked(time.Minute); got != never {
		t.Errorf("%+v when nobody serves", got)
	}
}

// TestSkills lives through days of two queues of which some agents serve both,
// and holds the bound of both to be honest.
func TestSkills(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		loads [2]float64 // Erlangs
		only  [2]int     // agents of one queue
		both  int
	}{
		{"even", [2]float64{6.6, 6.6}, [2]int{4, 4}, 4},
		{"uneven", [2]float64{8.2, 3.9}, [2]int{4, 2}, 5},
		{"everybody serves both", [2]float64{5, 8.2}, [2]int{0, 0}, 12},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSkilled(tt.loads, tt.only, tt.both)
			for range 60 {
				s.live()
			}
			for q := range 2 {
				held, plain := s.held[q]/s.waits[q], s.plain[q]/s.waits[q]
				t.Logf("queue %d: %.0f waits, held %.1f %% (unchecked %.1f %%)", q, s.waits[q], 100*held, 100*plain)
				if held < 0.88 || held > 0.96 {
					t.Errorf("the bound of queue %d holds for %.1f %%, want 88 to 96 %%", q, 100*held)
				}
			}
		})
	}
}

// skilled is a centre with two queues.
type skilled struct {
	rand   *rand.Rand
	loads  [2]float64
	serves [][]int // by agent
	share  [2]float64

	events events
	lines  [2][]*caller
	idle   []int
	giving [2]Giving
	handle Handling

	waits, held, plain [2]float64
}

func newSkilled(loads [2]float64, only [2]int, both int) *skilled {
	s := &skilled{rand: rand.New(rand.NewPCG(3, 9)), loads: loads, giving: [2]Giving{GivingUp, GivingUp}, handle: Handled}
	var work [2][]float64
	for q := range 2 {
		for range only[q] {
			s.serves = append(s.serves, []int{q})
			work[q] = append(work[q], loads[q])
		}
	}
	for range both {
		s.serves = append(s.serves, []int{0, 1})
		work[0], work[1] = append(work[0], loads[0]+loads[1]), append(work[1], loads[0]+loads[1])
	}
	for q := range 2 {
		s.share[q] = Share(loads[q], work[q])
	}
	return s
}

func (s *skilled) live() {
	s.lines, s.idle = [2][]*caller{}, nil
	for a := range s.serves {
		s.idle = append(s.idle, a)
	}
	for q, load := range s.loads {
		rate := load / handle
		for t := s.rand.ExpFloat64() / rate; t < shiftEnd; t += s.rand.ExpFloat64() / rate {
			heap.Push(&s.events, event{at: t, kind: arrives, agent: q, caller: &caller{at: t, patience: s.rand.ExpFloat64() * patience}})
		}
	}
	for len(s.events) > 0 {
		e := heap.Pop(&s.events).(event)
		switch e.kind {
		case arrives:
			s.arrive(e.agent, e.caller)
		case ends:
			s.handle = s.handle.Add(duration(e.took))
			s.idle = append(s.idle, e.agent)
			s.serve(e.agent, e.at)
		case givesUp:
			s.giveUp(e)
		}
	}
}

func (s *skilled) giveUp(e event) {
	if !e.caller.taken {
		e.caller.gone = true
		s.giving[e.agent] = s.giving[e.agent].Add(duration(e.at-e.caller.at), 1)
	}
}

func (s *skilled) arrive(q int, p *caller) {
	for _, a := range s.idle {
		if slices.Contains(s.serves[a], q) {
			s.start(a, q, p, p.at)
			return
		}
	}
	l := Line{Agents: s.share[q], Handle: s.handle.Mean, Patience: s.giving[q].Patience()}
	head := 0.0
	for _, other := range s.lines[q] {
		if !other.gone {
			l.Ahead++
			head = max(head, p.at-other.at)
		}
	}
	p.waited, p.told = true, l.Estimate()
	p.tolds = p.told.Bound(Nominal).Seconds()
	p.told = p.told.Checked(duration(head))
	s.lines[q] = append(s.lines[q], p)
	heap.Push(&s.events, event{at: p.at + p.patience, kind: givesUp, agent: q, caller: p})
}

// serve lets a free agent take who has waited longest in any of his queues.
func (s *skilled) serve(agent int, now float64) {
	for {
		best := -1
		for _, q := range s.serves[agent] {
			if len(s.lines[q]) > 0 && (best < 0 || s.lines[q][0].at < s.lines[best][0].at) {
				best = q
			}
		}
		if best < 0 {
			return
		}
		p := s.lines[best][0]
		s.lines[best] = s.lines[best][1:]
		if p.gone {
			s.score(best, p, now)
			continue
		}
		s.start(agent, best, p, now)
		return
	}
}

func (s *skilled) start(agent, q int, p *caller, now float64) {
	s.idle = slices.DeleteFunc(s.idle, func(a int) bool { return a == agent })
	p.taken = true
	s.giving[q] = s.giving[q].Add(duration(now-p.at), 0)
	s.score(q, p, now)
	took := s.rand.ExpFloat64() * handle
	heap.Push(&s.events, event{at: now + took, kind: ends, took: took, agent: agent})
}

func (s *skilled) score(q int, p *caller, now float64) {
	if !p.waited {
		return
	}
	waited := now - p.at
	s.waits[q]++
	if waited <= p.tolds {
		s.plain[q]++
	}
	if waited <= p.told.Bound(Nominal).Seconds() {
		s.held[q]++
	}
}
