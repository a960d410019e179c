package sipline

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/internal/liveline"
)

// A replaces names the call that another one takes the place of (RFC 3891, 6.1).
type replaces struct {
	callID, to, from string // from: the tag of the side that sends nothing here
	early            bool   // only as long as it rings
}

// parseReplaces reads a Replaces field: a Call-ID and both tags, each once.
func parseReplaces(v string) (p replaces, ok bool) {
	callID, params, _ := strings.Cut(v, ";")
	p.callID = strings.TrimSpace(callID)
	seen := map[string]int{}
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		seen[name]++
		switch name {
		case "to-tag":
			p.to = value
		case "from-tag":
			p.from = value
		case "early-only":
			p.early = true
		}
	}
	clean := printable(v) && len(v) <= maxReferTo && p.callID != ""
	return p, clean && seen["to-tag"] == 1 && seen["from-tag"] == 1
}

// onReplaces takes a call that is to take the place of another: the telephone of
// an agent has put whom he speaks with through to a colleague whom he has asked
// before (RFC 3891, 3; RFC 5589, 7). It returns when the call is over.
func (l *Line) onReplaces(r *sip.Request, tx sip.ServerTransaction) {
	in := l.incoming(r, tx)
	old, no := l.replaced(r)
	if no != nil {
		in.refuse(no)
		return
	}
	leave, no := in.visit()
	if no != nil {
		in.refuse(no)
		return
	}
	defer leave()
	defer l.work.begin()()
	if no := in.negotiate(); no != nil {
		in.refuse(no)
		return
	}
	defer func() { _ = in.stream.Close() }() // harmless after the call
	if !tx.OnCancel(func(*sip.Request) { close(in.cancelled) }) {
		return // cancelled already
	}
	in.replace(old, leave)
}

// replaced finds the call that is to be replaced (RFC 3891, 3).
func (l *Line) replaced(r *sip.Request) (*leg, *rejection) {
	p, ok := parseReplaces(r.GetHeader("Replaces").Value())
	if !ok {
		return nil, bad("Bad Replaces")
	}
	old := l.book.dialog(p.callID, p.to, p.from)
	switch {
	case old == nil && l.rung.early(p.callID, p.to):
		return nil, &rejection{501, "Not Implemented", ""} // nobody is picked up for another
	case old == nil:
		return nil, &rejection{481, "Call/Transaction Does Not Exist", ""}
	case p.early:
		return nil, &rejection{486, "Busy Here", ""}
	case old.isGone():
		return nil, &rejection{603, "Decline", ""}
	}
	return old, nil
}

// refuse sends somebody away. Who is no trunk is told but once.
func (in *incoming) refuse(no *rejection) {
	in.reject(no)
	if in.trunk == nil {
		in.tx.Terminate()
	}
}

// visit takes a place for somebody who need not be a trunk: the guard has let
// him in for a call of ours.
func (in *incoming) visit() (leave func(), no *rejection) {
	src, err := netip.ParseAddrPort(in.req.Source())
	if err != nil {
		return nil, bad("Bad Source")
	}
	if in.trunk = in.line.trunkOf(src.Addr().Unmap()); in.trunk != nil {
		return in.enter(in.trunk.take)
	}
	return in.enter(func() (func(), bool) { return in.line.guard.host(src.Addr()), true })
}

// replace asks whoever joins the two whether this call may take the place of
// one of theirs, and waits for its end.
func (in *incoming) replace(old *leg, leave func()) {
	taken := make(chan *leg, 1)
	from := in.req.From().Address
	t := &liveline.TransferError{
		By: old, To: "sip:" + from.User + "@" + from.Host, News: func(int) {},
		Take: func(ctx context.Context) (liveline.Leg, error) { return in.take(ctx, leave, taken) },
	}
	if u, ok := uriToCall(t.To); !ok || u.User == "" {
		in.refuse(declined(nil))
		return
	}
	if no := old.mayTransfer(t); no != nil {
		in.refuse(no)
		return
	}
	late := time.NewTimer(decideWithin)
	defer late.Stop()
	select {
	case leg := <-taken:
		if leg != nil {
			<-leg.gone
		}
	case <-late.C:
		in.refuse(&rejection{603, "Decline", ""}) // whom it was for has left meanwhile
	}
}

// take answers, and returns when it is certain that somebody is there.
func (in *incoming) take(ctx context.Context, leave func(), taken chan<- *leg) (liveline.Leg, error) {
	leg, err := in.answer(leave)
	taken <- leg
	if err != nil {
		return nil, err
	}
	if err := leg.Confirm(ctx); err != nil {
		_ = leg.Hangup(context.WithoutCancel(ctx)) // who has left already is no fault
		return nil, err
	}
	return leg, nil
}
