package sipline

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

const (
	registerFor   = time.Hour
	registerAgain = 15 * time.Second // after the first failure
	registerMost  = 10 * time.Minute
)

// keepRegistered tells a carrier where we are, again and again (RFC 3261,
// 10.2.4), and takes it back at the end if the carrier may know it.
func (l *Line) keepRegistered(ctx context.Context, t *trunk) {
	known, wait, pause := false, registerAgain, time.Duration(0)
	for sleep(ctx, pause) {
		granted, err := l.register(ctx, t, registerFor)
		t.setRegistered(err == nil, err)
		known = known || err == nil || ctx.Err() != nil // cut off: it may have been granted
		if err == nil {
			// Half of what was granted leaves time for a second try.
			wait, pause = registerAgain, max(granted/2, time.Second)
			continue
		}
		// Spread out, so that a carrier that comes back is not run over
		// (RFC 5626, 4.5).
		wait, pause = min(2*wait, registerMost), wait/2+rand.N(wait)
		if ctx.Err() == nil {
			l.log.Warn("trunk not registered", "line", t.name, "err", err)
		}
	}
	if known {
		l.takeBack(ctx, t)
	}
}

// takeBack has a carrier forget where we are (RFC 3261, 10.2.2).
func (l *Line) takeBack(ctx context.Context, t *trunk) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer stop()
	_, _ = l.register(ctx, t, 0) // it lapses by itself otherwise
	t.setRegistered(false, nil)
}

// register sends one REGISTER and returns for how long it was granted.
func (l *Line) register(ctx context.Context, t *trunk, length time.Duration) (time.Duration, error) {
	sites, err := t.sites(ctx)
	if err != nil {
		return 0, err
	}
	err = errors.New("no addresses")
	for _, s := range sites {
		var granted time.Duration
		if granted, err = l.registerAt(ctx, t, s, length); err == nil {
			return granted, nil
		}
	}
	return 0, err
}

func (l *Line) registerAt(ctx context.Context, t *trunk, s site, length time.Duration) (time.Duration, error) {
	w, err := l.wayTo(ctx, s)
	if err != nil {
		return 0, err
	}
	r := l.outside(t, w, sip.REGISTER, sip.NewHeader("Expires", seconds(length)))
	for range maxAsked {
		res, err := l.ask(ctx, r)
		switch {
		case err != nil:
			return 0, err
		case res.IsSuccess():
			return grantedFor(res, w, length), nil
		case asksPassword(res):
			if r, err = t.again(r, res, w, t.next); err != nil {
				return 0, err
			}
		case res.StatusCode == 423 && minExpires(res) > length: // RFC 3261, 10.2.8
			length = minExpires(res)
			r = l.outside(t, w, sip.REGISTER, sip.NewHeader("Expires", seconds(length)))
		default:
			return 0, errStatus(res)
		}
	}
	return 0, errSecond
}

// next numbers the registrations.
func (t *trunk) next() uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cseq++
	return t.cseq
}

func minExpires(res *sip.Response) time.Duration {
	if h := res.GetHeader("Min-Expires"); h != nil {
		return interval(h.Value())
	}
	return 0
}

// grantedFor reads how long the carrier remembers us (RFC 3261, 10.2.4).
// Others may be registered by the same name: what counts is said of us, and the
// shortest time where the carrier knows us by another address.
func grantedFor(res *sip.Response, w way, asked time.Duration) time.Duration {
	var shortest time.Duration
	for _, h := range res.GetHeaders("Contact") {
		c, ok := h.(*sip.ContactHeader)
		if !ok {
			continue
		}
		v, _ := c.Params.Get("expires")
		d := interval(v)
		if d > 0 && strings.Trim(c.Address.Host, "[]") == w.host && c.Address.Port == w.port {
			return d
		}
		if d > 0 && (shortest == 0 || d < shortest) {
			shortest = d
		}
	}
	if shortest > 0 {
		return shortest
	}
	if h := res.GetHeader("Expires"); h != nil {
		if d := interval(h.Value()); d > 0 {
			return d
		}
	}
	return asked
}
