// Package scheduler does what has been promised, when its time comes.
//
// The desk never acts on the world: it writes down what must follow. The
// scheduler carries that out through its ports, [Dialer] and [Texter], and
// keeps the timetable.
package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/holdless/holdless/callback"
)

// A Desk knows what is due.
type Desk interface {
	Promises
	Letters
	Node
	// NextDue returns when something is due next, later than after; zero when
	// nothing is.
	NextDue(ctx context.Context, after time.Time) (time.Time, error)
	// Wake receives when something new may be due, or an agent became free.
	Wake() <-chan struct{}
}

// Promises are the callbacks that are due. Claim commits the intent of every
// call it returns; what becomes of it is told by Sent or Unsent, unless the
// call itself has told it. What it returns beside an error may be stored or not:
// it is not placed, and Unsent is told of it.
type Promises interface {
	Claim(ctx context.Context, limit int) ([]callback.Ring, error)
	Sent(ctx context.Context, ref string) error
	Unsent(ctx context.Context, r callback.Ring, cause error) error
}

// Letters are the messages that are due. What ClaimMessages returns beside an error
// may be stored or not: it is not sent, and Delivered is told that it is postponed.
type Letters interface {
	ClaimMessages(ctx context.Context, limit int) ([]callback.Message, error)
	Delivered(ctx context.Context, m callback.Message, how callback.Delivery, cause error) error
}

// Node is this process among others.
type Node interface {
	Beat(ctx context.Context) error    // it lives
	Recover(ctx context.Context) error // takes over from those that died
	Sweep(ctx context.Context) error   // moves what time alone has changed
}

// A Dialer places calls. Dial returns once the call was begun, or with an
// error when nothing left this machine; all that follows is told to the desk
// through [callback.Desk.Next]. It sends nothing after Ring.Before.
type Dialer interface {
	Dial(ctx context.Context, r callback.Ring) error
}

// A Texter sends text messages. An error that wraps [ErrPermanent] will not
// be tried again; one that wraps [ErrUnknown] may have reached the person.
type Texter interface {
	Text(ctx context.Context, m callback.Message) error
}

// What a [Texter] says of its errors.
var (
	ErrPermanent = errors.New("it will never work")
	ErrUnknown   = errors.New("it may have worked")
)

// ErrTakenOver means that the other nodes took this one for dead and do its
// work now. The process must end, and may begin anew.
var ErrTakenOver = errors.New("the other nodes took this one for dead")

// A Scheduler carries out what is due. Its exported fields are set before Run
// and not changed after.
type Scheduler struct {
	Desk   Desk
	Dialer Dialer
	Texter Texter
	Config Config
	Now    func() time.Time
	Log    *slog.Logger

	dials    hands
	texts    hands
	beatAt   atomic.Pointer[time.Time] // when the last good beat was sent; nil before the first
	trust    time.Time                 // until then others may only look dead; kept by beat alone
	silent   atomic.Bool               // the database does not answer
	stopped  atomic.Bool               // an operator stopped the dialling
	dead     chan struct{}             // closed when the others took this node for dead
	poke     chan struct{}
	prepared sync.Once
}

// StopDialing takes no more callbacks in hand, until [Scheduler.StartDialing].
// Texts still leave, callers in line are served, and calls that were begun go on.
func (s *Scheduler) StopDialing() { s.stopped.Store(true) }

// StartDialing ends what [Scheduler.StopDialing] began.
func (s *Scheduler) StartDialing() {
	s.prepare()
	s.stopped.Store(false)
	s.nudge()
}

// Busy reports whether a call or a message is on its way, or is being looked
// for: what was claimed and has not been told of yet is always seen. Whoever
// moves the clock by hand waits until it is over.
func (s *Scheduler) Busy() bool {
	s.prepare()
	return s.dials.some() || s.texts.some()
}

// Run works until ctx is done, or until it is [ErrTakenOver]. It then takes
// nothing more in hand, waits for what it has, and returns; every goroutine it
// began has ended by then. It runs once.
func (s *Scheduler) Run(ctx context.Context) error {
	if err := s.Config.check(); err != nil {
		return err
	}
	s.prepare()
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var watch, crew sync.WaitGroup
	watch.Go(func() { s.beat(work) })
	watch.Go(func() { s.sweep(work) })
	err := s.dispatch(ctx, work, &crew)
	late := time.AfterFunc(s.Config.Grace, stop)
	crew.Wait()
	late.Stop()
	stop()
	watch.Wait()
	return err
}

func (s *Scheduler) prepare() {
	s.prepared.Do(func() {
		s.poke = make(chan struct{}, 1)
		s.dead = make(chan struct{})
		s.dials.max, s.dials.freed = s.Config.Dials, s.nudge
		s.texts.max, s.texts.freed = s.Config.Texts, s.nudge
	})
}

// nudge makes the dispatcher look again.
func (s *Scheduler) nudge() {
	select {
	case s.poke <- struct{}{}:
	default:
	}
}
