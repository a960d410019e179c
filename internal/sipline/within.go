package sipline

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// A carrier that asks for the password at a BYE or a sign of life, and does not
// get it, keeps the call up, or cuts it. But whoever calls or is called may ask
// as well, and guess the password from what he gets (the SIP digest leak). So it
// is given within a call only to a trunk, at the address where its calls are
// placed, for its realm, and in requests that end there.

// maxAskedWithin is how often it is given to one request: once more where the
// nonce was stale.
const maxAskedWithin = 2

// askWithin sends a request within a dialog and waits for its final answer.
func (l *Line) askWithin(ctx context.Context, d *dialog, r *sip.Request) (*sip.Response, error) {
	if err := l.reconnect(ctx, d.way, r); err != nil {
		return nil, fmt.Errorf("%s: %w", r.Method, err)
	}
	res, err := l.askOnce(ctx, d, r)
	for asked := 0; err == nil && asksPassword(res); asked++ {
		next, no := l.withPassword(ctx, d, r, res, asked)
		if no != nil {
			l.log.Warn("password not given within a call", "addr", d.way.addr.String(), "err", fmt.Errorf("%s: %w", r.Method, no))
			return res, nil
		}
		r = next
		res, err = l.askOnce(ctx, d, r)
	}
	return res, err
}

// askOnce sends it as it is. Answers to an INVITE may come late, and twice.
func (l *Line) askOnce(ctx context.Context, d *dialog, r *sip.Request) (*sip.Response, error) {
	if r.IsInvite() {
		sent := newRung(r, d.way)
		l.rung.add(sent)
		defer l.rung.forget(sent)
	}
	return l.ask(ctx, r)
}

// withPassword builds the request that gives a trunk what it asks for, unless it
// has asked too often.
func (l *Line) withPassword(ctx context.Context, d *dialog, last *sip.Request, res *sip.Response, asked int) (*sip.Request, error) {
	home := d.home
	switch {
	case asked == maxAskedWithin:
		return nil, errSecond
	case d.trunk == nil:
		return nil, errStranger
	case home == site{}: // the host may not have been looked up yet
		_, _ = d.trunk.place.addrs(ctx)
		if home = d.trunk.home(d.way.site); home == (site{}) {
			return nil, errAway
		}
	}
	if host := d.trunk.beyond(last, home); host != "" {
		return nil, fmt.Errorf("%w: %s", errBeyond, cut(host))
	}
	w, err := l.wayTo(ctx, home)
	if err != nil {
		return nil, err
	}
	return d.trunk.again(last, res, w, d.next)
}

// home is where calls to the trunk are placed on the machine that one came from;
// empty when none are placed there.
func (t *trunk) home(from site) site {
	if t == nil || t.target.network != from.network {
		return site{}
	}
	all, _ := t.place.known()
	i := slices.Index(all, from.addr)
	if i < 0 { // from another port of the same machine
		i = slices.IndexFunc(all, func(a netip.AddrPort) bool { return a.Addr() == from.addr.Addr() })
	}
	if i < 0 {
		return site{}
	}
	return site{network: from.network, addr: all[i], name: t.target.host}
}

// named are the addresses in a Route field.
var named = regexp.MustCompile(`<[^<>]*>`)

// beyond returns where a request would go on to from the trunk; "" when it ends
// there. Both its target and its route are what others have written.
func (t *trunk) beyond(r *sip.Request, home site) string {
	if !t.ends(&r.Recipient, home) {
		return r.Recipient.Host
	}
	for _, h := range r.GetHeaders("Route") {
		for _, s := range named.FindAllString(h.Value(), -1) {
			var u sip.Uri
			if err := sip.ParseUri(strings.Trim(s, "<>"), &u); err != nil || !t.ends(&u, home) {
				return s
			}
		}
		if rest := named.ReplaceAllString(h.Value(), ""); strings.Contains(rest, ":") {
			return rest
		}
	}
	return ""
}

// ends reports whether a URI is one of the trunk itself.
func (t *trunk) ends(u *sip.Uri, home site) bool {
	if strings.Contains(strings.ToLower(u.String()), "maddr") {
		return false // RFC 3261, 16.5: it would go there instead
	}
	ip, err := netip.ParseAddr(strings.Trim(u.Host, "[]"))
	if err != nil {
		return strings.EqualFold(u.Host, t.target.host)
	}
	return ip.Unmap() == home.addr.Addr() || t.owns(ip.Unmap())
}
