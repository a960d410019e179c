package liveline

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// ErrClosed means that no call is begun any more.
var ErrClosed = errors.New("line is closing")

// A Dialer carries out rings over a [Line]. It is the Dialer of package
// scheduler.
type Dialer struct {
	holder *Holder

	mu     sync.Mutex
	closed bool
	live   map[string]context.CancelFunc // by Ref
	calls  sync.WaitGroup
}

// NewDialer returns a dialer that holds the talks of its calls with h.
func NewDialer(h *Holder) *Dialer {
	return &Dialer{holder: h, live: map[string]context.CancelFunc{}}
}

// Dial rings an agent and returns once the call was begun. All that follows
// is told to the desk. An error means that nothing left this machine.
func (d *Dialer) Dial(ctx context.Context, r callback.Ring) error {
	sent, unsent := make(chan struct{}), make(chan error, 1)
	err := d.begin(ctx, r, func(ctx context.Context) {
		unsent <- d.ring(ctx, r, sync.OnceFunc(func() { close(sent) }), sent)
	})
	if err != nil {
		return fmt.Errorf("dial %s: %w", r.Ref, err)
	}
	select {
	case <-sent:
		return nil
	case err := <-unsent:
		return err
	case <-ctx.Done():
	}
	d.stop(r.Ref)
	select { // whichever of the two it was, only one answer is true
	case <-sent:
		return nil
	case err := <-unsent:
		return err
	}
}

// begin runs a call on its own: it outlives the order to place it.
func (d *Dialer) begin(ctx context.Context, r callback.Ring, run func(context.Context)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.live[r.Ref] = stop
	d.calls.Go(func() {
		defer d.stop(r.Ref)
		run(ctx)
	})
	return nil
}

// stop ends one call.
func (d *Dialer) stop(ref string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if end := d.live[ref]; end != nil {
		end()
		delete(d.live, ref)
	}
}

// ring places the call and holds the agent's talk. It returns an error only
// when nothing left this machine.
func (d *Dialer) ring(ctx context.Context, r callback.Ring, begun func(), sent <-chan struct{}) error {
	leg, err := d.holder.Line.Ring(ctx, Call{
		Addr: r.Addr, Ref: r.Ref, CallerID: r.CallerID, Ring: r.Ring, Before: r.Before, Begun: begun,
	})
	if err != nil {
		select {
		case <-sent:
		default:
			return fmt.Errorf("dial %s: %w", r.Ref, err)
		}
		d.missed(ctx, r, err)
		return nil
	}
	begun() // an answered call was begun, whatever the line says
	d.hold(ctx, r, leg)
	return nil
}

func (d *Dialer) missed(ctx context.Context, r callback.Ring, cause error) {
	e := missed(cause)
	d.holder.Log.Info("call not taken", "line", d.holder.Name, "talk", r.Talk, "callback", r.Callback, "outcome", e.Text, "err", cause)
	if _, err := tell(ctx, d.holder.Desk, r.Talk, 0, e); err != nil {
		d.holder.Log.Error("outcome not stored", "talk", r.Talk, "callback", r.Callback, "err", err)
	}
}

func (d *Dialer) hold(ctx context.Context, r callback.Ring, leg Leg) {
	first, err := tell(ctx, d.holder.Desk, r.Talk, 0, ivr.Event{Kind: ivr.Begin})
	if err == nil {
		c := &conversation{holder: d.holder, talk: r.Talk, turn: first, leg: leg}
		c.overhear()
		err = c.hold(ctx)
	} else {
		c := &conversation{holder: d.holder, talk: r.Talk, leg: leg}
		c.apologise(ctx)
		err = errors.Join(err, leg.Hangup(context.WithoutCancel(ctx)))
	}
	if err != nil {
		d.holder.Log.Error("call failed", "line", d.holder.Name, "talk", r.Talk, "callback", r.Callback, "err", err)
	}
}

// Drain begins no call any more and waits for those that are live. When ctx
// is done it ends them.
func (d *Dialer) Drain(ctx context.Context) error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		d.calls.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	d.mu.Lock()
	for _, end := range d.live {
		end()
	}
	d.mu.Unlock()
	<-idle
	return context.Cause(ctx)
}
