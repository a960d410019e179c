package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/phone"
)

// playTime is how long a whole script may take.
const playTime = 4 * time.Minute

// speedMost is how fast the clock may run: beyond it, the seconds within which
// a call must leave are over before it can.
const speedMost = 100

func newDemo() *cobra.Command {
	var keys string
	o := demoOptions{log: quiet()}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole story on this machine: no account, no trunk, no network",
		Long: "Demo runs the real service on temporary data and loopback, with an agent who is a robot.\n" +
			"With --script it plays one caller, prints the conversation, and ends with 0 when the\n" +
			"callback was kept and the survey was answered. Without, it opens a desk, and a telephone\n" +
			"for you in the browser.",
		Example: "  holdless demo --script \"1 1 1\"\n  holdless demo --speed 60",
		Args:    cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			if o.speed <= 0 || o.speed > speedMost {
				return usage("--speed: must be more than 0 and at most %d", speedMost)
			}
			if err := o.near(); err != nil {
				return err
			}
			ctx, _, stop := signals(cmd.Context())
			defer stop()
			if cmd.Flags().Changed("script") {
				ctx, late := context.WithTimeout(ctx, playTime)
				defer late()
				return playScript(ctx, cmd.OutOrStdout(), o, strings.Fields(keys))
			}
			if err := o.room(ctx, cmd.Flags().Changed); err != nil {
				return err
			}
			return waitForGuest(ctx, cmd.OutOrStdout(), o)
		}),
	}
	f := cmd.Flags()
	f.StringVar(&keys, "script", "", `keys of one caller, one answer after the other: "1 1 1"`)
	f.Float64Var(&o.speed, "speed", 60, "how fast the clock of the demo runs while nobody is on the telephone")
	f.StringVar(&o.http, "http", "127.0.0.1:8080", "where the pages are")
	f.StringVar(&o.sip, "sip", "127.0.0.1:5070", "where calls come in")
	f.StringVar(&o.carrier, "phone", "", "where a telephone of your own is called back, instead of the one in the browser: 127.0.0.1:5080")
	return cmd
}

// near refuses what others could reach: in the demo everybody is an admin.
func (o demoOptions) near() error {
	for _, f := range [][2]string{{"--http", o.http}, {"--sip", o.sip}, {"--phone", o.carrier}} {
		if f[0] == "--phone" && f[1] == "" {
			continue
		}
		host, _, err := net.SplitHostPort(f[1])
		if err != nil {
			return usage("%s: %q is no address and port, such as 127.0.0.1:8080", f[0], f[1])
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return usage("%s: %q can be reached by others, and the demo lets everybody in: use 127.0.0.1", f[0], f[1])
		}
	}
	return nil
}

// room sees that there is room where the demo listens: where another program is,
// as another demo may be, it takes any other port, unless the port was asked for.
func (o *demoOptions) room(ctx context.Context, asked func(flag string) bool) error {
	var at net.ListenConfig
	for _, port := range []struct {
		flag string
		addr *string
		try  func(addr string) (io.Closer, error)
	}{
		{"http", &o.http, func(addr string) (io.Closer, error) { return at.Listen(ctx, "tcp", addr) }},
		{"sip", &o.sip, func(addr string) (io.Closer, error) { return at.ListenPacket(ctx, "udp", addr) }},
	} {
		there, err := port.try(*port.addr)
		switch {
		case err == nil:
			err = there.Close()
		case !asked(port.flag):
			*port.addr, err = anyPort, nil
		}
		if err != nil {
			return unusable("--%s: %w; name another port, or leave it out", port.flag, err)
		}
	}
	return nil
}

// anyPort is one that is free.
const anyPort = "127.0.0.1:0"

// playScript plays the story with robots alone, by a clock like ours.
func playScript(ctx context.Context, out io.Writer, o demoOptions, keys []string) error {
	o.speed, o.sip, o.http, o.carrier = 1, anyPort, anyPort, anyPort
	st, err := newStage(ctx, out, o)
	if err != nil {
		return fmt.Errorf("set up the demo: %w", err)
	}
	if err := st.during(ctx, func(ctx context.Context) error { return st.play(ctx, keys) }); err != nil {
		return fmt.Errorf("the demo went wrong: %w", err)
	}
	fmt.Fprintln(out, "\nThe promise was kept.")
	return nil
}

// during runs the service while something is done, and takes the stage down.
func (st *stage) during(ctx context.Context, do func(context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	served := make(chan error, 1)
	go func() {
		err := st.service.run(ctx)
		served <- err
		stop(errors.Join(errors.New("the service ended"), err))
	}()
	var err error
	select {
	case <-st.service.line.Up():
		err = do(ctx)
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	stop(nil)
	return errors.Join(err, <-served, st.strike())
}

// waitForGuest lets the reader call, and be called back: with the telephone in
// his browser, or with one of his own.
func waitForGuest(ctx context.Context, out io.Writer, o demoOptions) error {
	fast := o.speed
	o.guest, o.speed = true, 1
	st, err := newStage(ctx, out, o)
	if err != nil {
		return fmt.Errorf("set up the demo: %w", err)
	}
	if err := errors.Join(st.live(ctx), st.seed(ctx)); err != nil {
		return errors.Join(fmt.Errorf("fill the day: %w", err), st.strike())
	}
	st.clock.allow(fast)
	st.welcome(o, fast)
	return st.during(ctx, func(ctx context.Context) error {
		var hands sync.WaitGroup
		hands.Go(func() { st.hasten(ctx) })
		hands.Go(func() { st.crowdAnswers(ctx) })
		hands.Go(func() { st.comeAgain(ctx) })
		for ctx.Err() == nil {
			st.serveAsAgent(ctx)
		}
		hands.Wait()
		return nil
	})
}

// welcome says what there is to see.
func (st *stage) welcome(o demoOptions, fast float64) {
	pages := "http://" + st.service.http.Addr().String()
	call := pages + "/phone/     press Call, then 1, 1, 1; it rings at the promised time"
	if o.carrier != "" {
		call = fmt.Sprintf("holdless phone sip:%s@%s --listen %s --from %s --stay\n             press 1, 1, 1 and hang up with h; the same telephone rings at the promised time",
			demoNumber, st.service.line.Addrs()[0], o.carrier, demoCustomer)
	}
	fmt.Fprintf(st.out, `
  Desk       %s/
  Telephone  %s
  Texts      %[1]s/demo/sms     answer them there
  Clock      %[3]s; %[4]g times as fast as yours while nobody is on the telephone (--speed)
  End        Ctrl-C

`, pages, call, st.clock.now().Format("15:04"), fast)
}

// hasten lets the clock run fast while nobody is on the telephone, nothing is
// due, and nothing is on its way: who speaks needs the time that people need,
// and what was taken in hand must leave within seconds.
func (st *stage) hasten(ctx context.Context) {
	look := time.NewTicker(hastenEvery)
	defer look.Stop()
	for now := 1.0; ; {
		speed := st.clock.limit()
		want := speed
		if st.matters(ctx, time.Duration(speed*float64(2*hastenEvery))) {
			want = 1
		}
		if want != now {
			now = want
			st.clock.pace(now)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// hastenEvery is how often the demo looks whether time matters.
const hastenEvery = 50 * time.Millisecond

// matters tells whether something is due soon, is on its way, or is a call. It
// looks in the order in which one becomes the other: what goes on while it looks
// is seen where it goes.
func (st *stage) matters(ctx context.Context, soon time.Duration) bool {
	return st.dueWithin(ctx, soon) || st.service.sched.Busy() || st.service.line.Calls() > 0
}

// dueWithin tells whether something is due soon.
func (st *stage) dueWithin(ctx context.Context, soon time.Duration) bool {
	next, err := st.service.desk.NextDue(ctx, time.Time{})
	return err == nil && !next.IsZero() && next.Sub(st.clock.now()) < soon
}

// serveAsAgent is the robot who takes one call, speaks, and notes that all is
// solved.
func (st *stage) serveAsAgent(ctx context.Context) {
	var r ringing
	select {
	case r = <-st.rings[agentPart]:
	case <-ctx.Done():
		return
	}
	st.line("agent", "Aino’s telephone rings; she picks up")
	drained(st.turns[agentPart])
	call, err := r.in.Accept(ctx)
	close(r.taken)
	if err != nil {
		st.line("agent", "the call was gone")
		return
	}
	if err := st.workAsAgent(ctx, call); err != nil && ctx.Err() == nil {
		st.line("agent", "the call is over: "+err.Error())
	}
	if err := call.Hangup(ctx); err != nil {
		st.line("agent", "hangs up, and nobody confirms it")
	}
}

func (st *stage) workAsAgent(ctx context.Context, call *phone.Call) error {
	hush := func() {}
	defer func() { hush() }()
	for {
		select {
		case t := <-st.turns[agentPart]:
			if t.Listen != nil || t.End {
				hush()
			}
			switch {
			case t.Listen != nil:
				st.line("agent", "presses 1")
				if err := call.Press(ctx, "1"); err != nil {
					return err
				}
				hush = hum(ctx, call)
			case t.End:
				return nil
			}
		case <-call.Done():
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// hum is what the robot has to say to whom he is joined with: two notes, and a
// while to answer them, until he is hushed.
func hum(ctx context.Context, call *phone.Call) (hush func()) {
	ctx, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() {
		for notes := slices.Concat(call.Tone(392, 20), call.Tone(523, 30), call.Tone(0, 100)); ctx.Err() == nil; {
			if call.Say(ctx, notes) != nil {
				return
			}
		}
	})
	return func() {
		stop()
		all.Wait()
	}
}
