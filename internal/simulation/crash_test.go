package simulation

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/scheduler"
)

// childDir and childCarrier tell this test program that it is the service that
// is to be killed: where its database is, and who carries its calls.
const (
	childDir     = "HOLDLESS_CRASH_DIR"
	childCarrier = "HOLDLESS_CRASH_CARRIER"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := serve(dir, os.Getenv(childCarrier)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	debug.SetGCPercent(400) // there is memory enough, and nothing waits in virtual time
	storetest.Main(m)
}

// TestCrash kills a real process, with a real database, again and again, while
// it dials. The carrier that counts lives here. HOLDLESS_CRASH is the number of
// kills.
func TestCrash(t *testing.T) {
	kills := 10
	if n, err := strconv.Atoi(os.Getenv("HOLDLESS_CRASH")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	all := kills * 6
	plant(t, dir, all, time.Duration(kills)*500*time.Millisecond)
	c := newCarrier(t)
	for range kills {
		child := c.start(t, dir)
		c.ready(t)
		<-time.After(rand.N(600 * time.Millisecond))
		_ = child.Process.Kill()
		_ = child.Wait()
	}
	child := c.start(t, dir)
	c.ready(t)
	settled := c.hears("settled", patience)
	_ = child.Process.Kill()
	_ = child.Wait()
	c.count(t, dir, all)
	if !settled {
		t.Error("it was not all done in the end")
	}
}

// around is a queue that works around the clock.
func around() callback.Config {
	c := callback.Defaults()
	c.Callbacks.Permitted, c.Callbacks.Confirm, c.Survey.Kind = "00:00-23:59", false, "off"
	c.Callbacks.AllowRegions, c.Limits = []string{"FI"}, callback.Limits{} // thousands in a minute, all of them short
	q := callback.QueueConfig{Hours: map[string]string{"mon-sun": "00:00-24:00"}, WrapUp: callback.Span(time.Millisecond), Dialing: callback.AgentFirst}
	c.Agents = map[string]callback.Agent{}
	for i := range 40 {
		name := fmt.Sprintf("a%d", i)
		c.Agents[name] = callback.Agent{Phone: "sip:" + name + "@example.com"}
		q.Agents = append(q.Agents, name)
	}
	c.Queues = map[string]callback.QueueConfig{"q": q}
	return c
}

// dialOrders are those of dialling, by the queue that has each: all of them are killed
// in.
var dialOrders = []callback.Order{callback.AgentFirst, callback.CustomerFirst, callback.Adaptive}

// ordered is around, with a queue and a team for each order of dialling.
func ordered() callback.Config {
	c := around()
	usual := c.Queues["q"]
	delete(c.Queues, "q")
	for n, order := range dialOrders {
		q := usual
		q.Dialing, q.Agents = order, nil
		for i, name := range usual.Agents {
			if i%len(dialOrders) == n {
				q.Agents = append(q.Agents, name)
			}
		}
		c.Queues[string(order)] = q
	}
	return c
}

func newDesk(s callback.Store, c callback.Config, boot string) (*callback.Desk, error) {
	d, err := callback.New(c)
	if err != nil {
		return nil, err
	}
	d.Store, d.Boot, d.Alone, d.Log = s, boot, true, slog.New(slog.DiscardHandler)
	d.Menus = shippedMenus()
	return d, nil
}

func shippedMenus() map[string]*ivr.Menu {
	menus := map[string]*ivr.Menu{}
	for _, name := range []string{"main", "agent", "whisper", "customer", "survey", "desk"} {
		m, err := ivr.Default(name)
		if err != nil {
			panic(err) // it is part of the program
		}
		menus[name] = m
	}
	return menus
}

// patience is for what takes a moment on a machine that has nothing else to do.
const patience = 10 * time.Minute

// plant promises callbacks that fall due one after the other.
func plant(t testing.TB, dir string, n int, over time.Duration) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Dir: dir, Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Now()
	err = s.Update(t.Context(), func(tx callback.Tx) error {
		for i := range n {
			at := now.Add(over * time.Duration(i) / time.Duration(n))
			c := promised(i, at)
			c.Queue = string(dialOrders[i%len(dialOrders)])
			if err := tx.AddCallback(c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func promised(i int, at time.Time) callback.Callback {
	return callback.Callback{
		ID: fmt.Sprintf("c%06d", i), Queue: "q", Phone: callback.Phone(fmt.Sprintf("+35841%07d", 2000000+i)), Lang: "en",
		State: callback.BookedState, At: at, DueAt: at, Until: at.Add(time.Hour), CreatedAt: at, UpdatedAt: at,
	}
}

// serve is the service that will be killed. What waits to be tried again is
// settled too: the machine knows that it must not do more now.
func serve(dir, addr string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{Dir: dir})
	if err != nil {
		return err
	}
	d, err := newDesk(s, ordered(), fmt.Sprintf("boot-%d-%d", os.Getpid(), time.Now().UnixNano()))
	if err != nil {
		return err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	w := &wire{conn: conn, waits: map[string]chan struct{}{}}
	hold := &liveline.Holder{Desk: d, Line: w, Name: "wire", Log: d.Log}
	sched := &scheduler.Scheduler{
		Desk: d, Dialer: liveline.NewDialer(hold), Texter: w, Config: scheduler.DefaultConfig(), Now: time.Now, Log: d.Log,
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		w.read()
		os.Exit(0) // the carrier is gone, and the test with it
	})
	wg.Go(func() { _ = sched.Run(ctx) })
	if err := w.say("ready"); err != nil {
		return err
	}
	for {
		<-time.After(50 * time.Millisecond)
		open, err := d.List(ctx, callback.Filter{Max: 1, States: []callback.State{
			callback.BookedState, callback.Claimed, callback.AgentRinging, callback.AgentReady,
			callback.CustomerDialing, callback.Connected,
		}})
		if err == nil && len(open) == 0 {
			if err := w.say("settled"); err != nil {
				return err
			}
		}
	}
}

// A carrier counts the calls of a process that dies.
type carrier struct {
	ln    net.Listener
	lines chan string // "ready", "settled"
	began time.Time

	mu      sync.Mutex
	dialled map[string]int // by ref
	rung    map[string]int // customers, by number
	slowest time.Duration  // until a process was ready
}

func newCarrier(t *testing.T) *carrier {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &carrier{ln: ln, lines: make(chan string, 1000), dialled: map[string]int{}, rung: map[string]int{}}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { c.carry(conn) })
		}
	})
	t.Cleanup(func() { ln.Close(); wg.Wait() })
	return c
}

// carry takes the calls of one process until it is dead.
func (c *carrier) carry(conn net.Conn) {
	defer conn.Close()
	for in := bufio.NewScanner(conn); in.Scan(); {
		ref, ok := strings.CutPrefix(in.Text(), "dial ")
		if !ok {
			select {
			case c.lines <- in.Text():
			default:
			}
			continue
		}
		ref, addr, _ := strings.Cut(ref, " ")
		c.mu.Lock()
		c.dialled[ref]++
		if isCustomer(addr) {
			c.rung[addr]++
		}
		c.mu.Unlock()
		fmt.Fprintln(conn, ref)
	}
}

func (c *carrier) start(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	for len(c.lines) > 0 {
		<-c.lines
	}
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir, childCarrier+"="+c.ln.Addr().String())
	child.Stderr = os.Stderr
	c.began = time.Now()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	return child
}

func (c *carrier) ready(t *testing.T) {
	t.Helper()
	if !c.hears("ready", patience) {
		t.Fatal("it never was ready")
	}
	c.slowest = max(c.slowest, time.Since(c.began))
}

// hears waits until a process says something; false when it does not.
func (c *carrier) hears(want string, within time.Duration) bool {
	late := time.After(within)
	for {
		select {
		case line := <-c.lines:
			if line == want {
				return true
			}
		case <-late:
			return false
		}
	}
}

// count holds what the carrier saw against the store.
func (c *carrier) count(t *testing.T, dir string, n int) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Dir: dir, Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	for ref, times := range c.dialled {
		if times > 1 {
			t.Errorf("attempt %s was dialled %d times", ref, times)
		}
	}
	var found []callback.Callback
	again := map[string]int{}
	if err := s.View(t.Context(), func(tx callback.Tx) (err error) {
		if found, err = everything(tx); err == nil {
			again, err = mayRing(tx, found)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	c.tally(t, found, again, n)
}

// mayRing says how often the telephone of each customer may have rung: once
// for each call, and never after one of which nobody knows how it ended.
func mayRing(tx callback.Tx, all []callback.Callback) (map[string]int, error) {
	times := map[string]int{}
	for _, c := range all {
		attempts, err := tx.AttemptsOf(c.ID)
		if err != nil {
			return nil, err
		}
		for _, a := range attempts {
			if a.Leg != callback.CustomerLeg {
				continue
			}
			times[c.ID]++
			if a.Outcome == "" || a.Outcome == string(callback.Interrupted) {
				break
			}
		}
	}
	return times, nil
}

func (c *carrier) tally(t *testing.T, found []callback.Callback, mayRing map[string]int, n int) {
	t.Helper()
	states, spoke := map[callback.State]int{}, map[string]int{}
	for _, cb := range found {
		states[cb.State]++
		if cb.State == callback.Done || cb.State == callback.Wrapup {
			spoke[cb.Queue]++
		}
		rung := c.rung[string(cb.Phone)]
		if rung > mayRing[cb.ID] {
			t.Errorf("%s was dialled %d times, and may have been %d times", cb.Phone, rung, mayRing[cb.ID])
		}
		if rung == 0 && cb.State != callback.Interrupted && cb.State != callback.RetryWait {
			t.Errorf("%s was never dialled and is %s", cb.Phone, cb.State)
		}
	}
	if len(found) != n {
		t.Errorf("%d callbacks, want %d", len(found), n)
	}
	for _, order := range dialOrders {
		if spoke[string(order)] == 0 {
			t.Errorf("nobody was spoken with by %s: the kills prove nothing about it", order)
		}
	}
	t.Logf("%d callbacks: %v; slowest start %s", n, states, c.slowest.Round(time.Millisecond))
}
