package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/scheduler"
)

func newServe() *cobra.Command {
	var file string
	var drain time.Duration
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the service until SIGTERM, then let live calls finish",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(file)
			if err != nil && !c.sound {
				return err // menus that cannot be used are taken from the store
			}
			if cmd.Flags().Changed("drain") {
				c.Drain = callback.Span(drain)
			}
			ctx, hurry, stop := signals(cmd.Context())
			defer stop()
			s, err := newService(ctx, c, c.Log.logger(cmd.ErrOrStderr()), parts{hurry: hurry})
			if err != nil && ctx.Err() != nil {
				return nil // it was told to end while it began
			}
			if err != nil {
				return err
			}
			return settle().during(ctx, s.run)
		}),
	}
	configFlag(cmd, &file)
	cmd.Flags().DurationVar(&drain, "drain", 5*time.Minute, "how long live calls may go on after SIGTERM; a second SIGTERM ends them")
	return cmd
}

// signals ends ctx at the first SIGTERM or interrupt, and closes hurry at the
// second.
func signals(ctx context.Context) (first context.Context, hurry <-chan struct{}, stop func()) {
	got := make(chan os.Signal, 2)
	signal.Notify(got, syscall.SIGTERM, os.Interrupt)
	first, cancel := context.WithCancel(ctx)
	second, done := make(chan struct{}), make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		for _, act := range []func(){cancel, func() { close(second) }} {
			select {
			case <-got:
				act()
			case <-done:
				return
			}
		}
	})
	return first, second, func() {
		signal.Stop(got)
		close(done)
		wait.Wait()
		cancel()
	}
}

// run serves until ctx is done; it then takes no more calls, lets those that
// are live finish, and gives everything back. When a part dies, all end.
func (s *service) run(ctx context.Context) error {
	c := &crew{}
	work, stop := c.begin(context.WithoutCancel(ctx))
	defer stop()
	claim, rest := context.WithCancel(work) // ends when nothing more is begun
	defer rest()
	c.add(func() error { return s.line.Serve(work) })
	c.add(func() error { return s.errands(work) })
	c.add(func() error { return s.pages.Serve(work, s.http) })
	if s.twilio != nil {
		c.add(func() error { return s.twilio.Run(work) })
	}
	c.add(func() error { return s.commands().serve(work, s.socket) })
	c.add(func() error { return s.counts.Run(work) })
	c.add(func() error { return s.board.Run(work) })
	c.add(func() error { return s.menus.Run(work) })
	c.add(func() error { return s.studio.Run(work) })
	c.add(func() error { return s.publisher.Run(work) })
	c.add(func() error { return s.hangups(work) })
	c.add(func() error { return s.timetable().Run(claim) })
	var idle sync.WaitGroup
	idle.Go(func() {
		if err := s.sched.Run(claim); err != nil {
			c.fail(wrong("scheduler: %w; start the service again", err))
		}
	})
	s.log.Info("service started", "addr", s.http.Addr().String(), "version", version())
	select {
	case <-ctx.Done():
		s.drain(work, rest, &idle)
	case <-work.Done():
		rest()
		idle.Wait()
	}
	stop()
	err := errors.Join(c.wait(), s.close())
	s.log.Info("service ended", "err", err)
	return err
}

// drain waits for live calls, as long as the configuration says and nobody is
// in a hurry. The scheduler begins no more calls, and ends only after the last:
// without its heartbeat the other nodes would take over calls that live.
func (s *service) drain(work context.Context, rest func(), idle *sync.WaitGroup) {
	s.log.Info("service drains", "call", s.calls(), "dur", s.config.Drain.Duration())
	s.pages.Drain()
	s.sched.StopDialing()
	defer idle.Wait()
	defer rest()
	until, stop := context.WithTimeout(work, s.config.Drain.Duration())
	defer stop()
	over := make(chan struct{})
	var both sync.WaitGroup
	both.Go(func() {
		select {
		case <-s.with.hurry:
			stop()
		case <-over:
		}
	})
	var calls sync.WaitGroup
	calls.Go(func() { s.leave("line", s.line.Drain(until)) })
	calls.Go(func() { s.leave("dialer", s.dialer.Drain(until)) })
	if s.twilio != nil {
		calls.Go(func() { s.leave("twilio", s.twilio.Drain(until)) })
	}
	calls.Wait()
	close(over)
	both.Wait()
}

func (s *service) leave(what string, err error) {
	if err != nil {
		s.log.Warn("calls cut off", "line", what, "err", err)
	}
}

func (s *service) commands() *control {
	return &control{desk: localDesk{s.desk, s.store}, menus: menuDesk{s.menus, s.store}, users: localUsers{s.accounts, s.base()}, hooks: s.publisher, open: s.openMenus, log: s.log}
}

func (s *service) timetable() *scheduler.Timetable {
	return &scheduler.Timetable{
		Jobs: s.jobs(), Zone: s.config.zoneOf(""), Store: s.store, Boot: s.desk.Boot, Now: s.with.now, Log: s.log,
	}
}

// A crew is the parts that run side by side: the first that fails ends all.
type crew struct {
	wg   sync.WaitGroup
	stop context.CancelFunc
	mu   sync.Mutex
	err  error
}

func (c *crew) begin(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, c.stop = context.WithCancel(ctx)
	return ctx, c.stop
}

func (c *crew) add(do func() error) {
	c.wg.Go(func() {
		if err := do(); err != nil {
			c.fail(err)
		}
	})
}

func (c *crew) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = errors.Join(c.err, err)
	c.stop()
}

func (c *crew) wait() error {
	c.wg.Wait()
	return c.err
}
