package simulation

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/scheduler"
)

// A process is one life of the service, from its start to its crash.
type process struct {
	w     *world
	no    int
	store *store.Store
	desk  *callback.Desk
	hold  *liveline.Holder
	dial  *liveline.Dialer
	ctx   context.Context //nolint:containedctx // it is what ends with the process
	stop  context.CancelFunc
	sched *scheduler.Scheduler
	stirs chan struct{} // a call with an agent has ended
	dying chan struct{}
	once  sync.Once
	crew  sync.WaitGroup

	mu   sync.Mutex
	legs map[*leg]bool
}

// memoryDir is a directory that is fast, because nothing in it survives: the
// processes crash, the machine does not.
func memoryDir(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "holdless")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// boot begins a new life on what the last one left behind.
func (w *world) boot() *process {
	s, err := store.Open(context.Background(), store.Config{Dir: w.dir})
	if err != nil {
		panic(err)
	}
	w.boots++
	p := &process{w: w, no: w.boots, store: s, stirs: make(chan struct{}, 1), dying: make(chan struct{}), legs: map[*leg]bool{}}
	p.ctx, p.stop = context.WithCancel(context.Background())
	p.desk = w.desk(p)
	log := slog.New(slog.DiscardHandler)
	p.desk.Log = log
	p.hold = &liveline.Holder{Desk: twice{p}, Line: &trunk{w, p}, Switchboard: board{p}, Name: "simulated", Log: log}
	p.dial = liveline.NewDialer(p.hold)
	p.sched = &scheduler.Scheduler{
		Desk: asks{p.desk, p}, Dialer: orders{p}, Texter: &gateway{w, p}, Config: pace(), Now: w.clock, Log: log,
	}
	table := &scheduler.Timetable{
		Jobs: w.jobs(p, p.sched), Zone: zoneOf(places[0].prefix + "0000"), Store: p.desk.Store, Boot: p.desk.Boot,
		Now: w.clock, Log: log,
	}
	p.crew.Go(func() { _ = p.sched.Run(p.ctx) })
	p.crew.Go(p.attend)
	p.crew.Go(func() { _ = table.Run(named(p.ctx, "timetable")) })
	w.mu.Lock()
	w.now = p
	w.mu.Unlock()
	return p
}

// orders writes down which calls the scheduler asked for.
type orders struct{ p *process }

// Dial implements [scheduler.Dialer].
func (o orders) Dial(ctx context.Context, r callback.Ring) error {
	o.p.w.mu.Lock()
	o.p.w.ordered[r.Ref] = true
	o.p.w.mu.Unlock()
	return o.p.dial.Dial(ctx, r)
}

// pace is slower than the real one where only time alone decides: a year has
// 31 million seconds. After calls, and when the store failed, attend looks as
// often as the real one.
func pace() scheduler.Config {
	c := scheduler.DefaultConfig()
	c.Tick, c.Sweep, c.Beat, c.Fence, c.Grace = 2*time.Hour, time.Hour, 3*time.Hour, 9*time.Hour, time.Second
	return c
}

// A bureau is where a queue is, and who works there.
type bureau struct {
	zone  string
	lang  string // spoken with whoever calls
	order callback.Order
	team  []callback.Agent

	helpers string // the queue whose agents help out, when a caller has waited for long
	hours   string // at which its agents are at work, from Monday to Friday; "" for those of the queue
}

// helpAfter is what is long.
const helpAfter = time.Minute

var bureaus = map[string]bureau{
	"billing": {zone: "Europe/Helsinki", lang: "fi", order: callback.Adaptive, team: []callback.Agent{
		{Languages: []string{"fi", "en"}, Skills: []string{"billing"}}, {Languages: []string{"en"}}, {Languages: []string{"fi"}},
	}},
	"london": {zone: "Europe/London", lang: "en", order: callback.AgentFirst, helpers: "billing", team: []callback.Agent{
		{Languages: []string{"en"}, Skills: []string{"billing"}}, {Languages: []string{"en", "ro"}, Skills: []string{"delivery"}}, {Languages: []string{"cs"}},
	}},
	"jersey": {zone: "America/New_York", lang: "en", order: callback.CustomerFirst, hours: "08:00-20:00", team: []callback.Agent{
		{}, {Languages: []string{"en"}}, {},
	}},
}

// service is the configuration that all processes have.
func service() callback.Config {
	c := callback.Defaults()
	c.Zone = "Europe/Helsinki"
	c.Survey.Consent, c.Survey.Talked = "assumed", 0
	c.Limits.Over = 20 // about as many as are called in a day
	c.Callbacks.AllowRegions = []string{"FI", "GB", "CZ", "RO", "GR", "US"}
	week := map[string]string{"mon-sat": "08:00-20:00"}
	c.Numbers, c.Queues = map[callback.Phone]callback.Route{}, map[string]callback.QueueConfig{}
	c.Agents = map[string]callback.Agent{}
	for queue, b := range bureaus {
		q := callback.QueueConfig{Zone: b.zone, Hours: week, Capacity: perSlot, Waiting: 8, Dialing: b.order}
		for i, a := range b.team {
			name := fmt.Sprintf("%s%d", queue, i)
			q.Agents = append(q.Agents, name)
			a.Name, a.Phone, a.PIN = name, "sip:"+name+"@example.com", pinOf(name)
			if b.hours != "" {
				a.Hours = map[string]string{"mon-fri": b.hours}
			}
			c.Agents[name] = a
		}
		if b.hours != "" { // then as many places as that team can keep
			q.Capacity = callback.AutoPlaces
		}
		if b.helpers != "" {
			q.Overflow, q.OverflowAfter = b.helpers, callback.Span(helpAfter)
		}
		c.Queues[queue] = q
	}
	for _, number := range []callback.Phone{callback.StarCodes, deskNumber} {
		c.Numbers[number] = callback.Route{Menu: "desk", Queue: "billing"}
	}
	for _, p := range places {
		c.Numbers[callback.Phone(p.number)] = callback.Route{Menu: "main", Queue: p.queue, Lang: bureaus[p.queue].lang}
		q := c.Queues[p.queue]
		q.CallerID = callback.Phone(p.number)
		c.Queues[p.queue] = q
	}
	return c
}

// attend looks again when agents have written their notes, or were not to be
// rung for a moment. The real service looks every second.
func (p *process) attend() {
	for {
		select {
		case <-p.stirs:
		case <-p.ctx.Done():
			return
		}
		for _, d := range []time.Duration{6 * time.Second, 25 * time.Second} {
			if !p.wait(named(p.ctx, "attend"), d) {
				return
			}
			p.sched.StartDialing() // which only has it look again
		}
		_ = p.desk.Sweep(named(p.ctx, "attend"))
	}
}

// stir has somebody look again soon.
func (p *process) stir() {
	select {
	case p.stirs <- struct{}{}:
	default:
	}
}

func (w *world) desk(p *process) *callback.Desk {
	c := service()
	w.plan.bug.configure(&c)
	d, err := callback.New(c)
	if err != nil {
		panic(err)
	}
	d.Menus = w.menus
	d.Store = &faulty{Store: p.store, p: p}
	d.NewID = p.newID
	d.Now, d.Boot, d.Host, d.Alone = w.clock, fmt.Sprintf("boot-%d", p.no), "simulated", true
	// A text says its time so that it can be read back.
	d.Text = func(_ string, p ivr.Prompt) string {
		at := p.At
		if !at.IsZero() {
			at = at.Add(w.plan.bug.saysWrong)
		}
		return p.Name + " " + at.UTC().Format(time.RFC3339)
	}
	return d
}

// jobs are those of the timetable that a service has.
func (w *world) jobs(p *process, s *scheduler.Scheduler) []scheduler.Job {
	count := func(name string) func(context.Context) error {
		return func(context.Context) error {
			w.did(name, p)
			return nil
		}
	}
	safety := s.Safety()
	safety.When = "@every 4h" // a year of minutes is too long
	return p.apart([]scheduler.Job{
		safety,
		{Name: "list", When: "30 3 * * *", CatchUp: 3 * time.Hour, Do: count("list")},
		scheduler.Reminders{When: "0 18 * * *", Zone: zoneOf(places[0].prefix + "0000"), Now: w.clock, Remind: p.remind}.Job(),
		s.Retention(retention, p.forgetOld),
	})
}

// remind is what the evening is for: who is called before the next one hears of
// it.
func (p *process) remind(ctx context.Context, until time.Time) error {
	if p.point("before reminders") {
		return errDead
	}
	p.w.saw("job reminders")
	return p.desk.Remind(ctx, until)
}

// apart has no two jobs end at the same instant, nor when the next is looked at.
func (p *process) apart(jobs []scheduler.Job) []scheduler.Job {
	for i, j := range jobs {
		jobs[i].Do = func(ctx context.Context) error {
			ctx = named(ctx, "job ", j.Name)
			p.wait(ctx, time.Duration(p.w.moment("job", j.Name)*float64(time.Second)))
			return j.Do(ctx)
		}
	}
	return jobs
}

// retention is longer than a promise lives: a week, moved for another, and
// tried for two days.
const retention = 17 * 24 * time.Hour

// forgetOld is retention. What goes is in the books first.
func (p *process) forgetOld(ctx context.Context, before time.Time) (int64, error) {
	if p.point("before purge") {
		return 0, errDead
	}
	if err := p.w.books.read(p.store); err != nil {
		return 0, err
	}
	n, err := p.store.Purge(ctx, before)
	if n > 0 {
		p.w.saw("job retention")
	}
	return n, err
}

// point is a place at which the process may crash. It reports whether it is
// dead.
func (p *process) point(name string, key ...any) bool {
	if p.dead() {
		return true
	}
	if p.w.quiet() || p.w.moment("crash", name, key, p.no) >= p.w.plan.crash {
		return false
	}
	p.w.saw("crash " + name)
	p.die()
	return true
}

func (p *process) die() { p.once.Do(func() { close(p.dying) }) }

func (p *process) dead() bool { return closed(p.dying) }

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// newID names things so that the same seed has the same names. Nobody guesses
// here.
func (p *process) newID() string { return p.w.newID("p", p.no) }

// wait lets time pass; false when the process died or ctx is done.
func (p *process) wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
	case <-p.dying:
	case <-ctx.Done():
	}
	p.w.turns.wait(p.no, " waited ", nameOf(ctx))
	return !p.dead() && ctx.Err() == nil
}

// bury waits for all that the process began. Nothing of it has an effect any
// more: its store and its trunk are cut off.
func (p *process) bury() {
	p.die()
	p.mu.Lock()
	legs := p.legs
	p.legs = map[*leg]bool{}
	p.mu.Unlock()
	for l := range legs {
		l.end()
	}
	p.stop()
	_ = p.dial.Drain(p.ctx)
	p.crew.Wait()
	if err := p.store.Close(); err != nil {
		p.w.violated("store", "close: %v", err)
	}
}

// retire ends the process as an operator does: nothing new is begun, and live
// calls are waited for.
func (p *process) retire() {
	p.stop()
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Minute)
	defer stop()
	_ = p.dial.Drain(ctx)
	p.w.saw("retired")
	p.bury()
}

func (p *process) leg(who person, k *call, name string) *leg {
	l := &leg{w: p.w, p: p, who: who, name: name, call: k, gone: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.legs[l] = true
	return l
}

func (p *process) forget(l *leg) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.legs, l)
}

// takes carries a call that came in.
func (p *process) takes(c *caller, number string) {
	talk := p.w.newID("caller", c.phone)
	p.w.turns.wait(p.no, " call ", talk)
	if p.point("call comes in", c.phone) {
		return
	}
	l := p.leg(c, nil, talk)
	defer l.end()
	in := callback.Inbound{Talk: talk, Line: "simulated", From: callback.Phone(c.phone), To: callback.Phone(number), Withheld: c.hides}
	if c.hides {
		in.From = ""
	}
	p.holds(l, in)
}

// holds answers a call, and holds the talk.
func (p *process) holds(l *leg, in callback.Inbound) {
	first, err := p.desk.Answer(named(p.ctx, "talk ", in.Talk), in)
	if err != nil {
		return
	}
	_ = p.hold.Hold(p.ctx, in.Talk, first, l)
}
