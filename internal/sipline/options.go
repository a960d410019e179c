package sipline

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// keepaliveWithin is how long a trunk may take to answer an OPTIONS.
const keepaliveWithin = 4 * time.Second

// chores starts what goes on beside the calls.
func (l *Line) chores(ctx context.Context, w *sync.WaitGroup) {
	for _, t := range l.trunks {
		w.Go(func() { l.keepalive(ctx, t) })
		if t.conf.Register {
			w.Go(func() { l.keepRegistered(ctx, t) })
		}
	}
	if l.phones.list != nil {
		w.Go(func() { l.lookUpPhones(ctx) })
	}
}

// onOptions says what we can do (RFC 3261, 11.2), the same to everybody.
func (l *Line) onOptions(r *sip.Request, tx sip.ServerTransaction) {
	if r.To().Params.Has("tag") && l.book.find(r) == nil {
		l.reject(r, tx, &rejection{481, "Call/Transaction Does Not Exist", ""})
		return
	}
	res := sip.NewResponseFromRequest(r, 200, "OK", nil)
	for _, h := range []string{"Allow: " + allowValue(), "Accept: application/sdp", "Supported: " + supported} {
		name, value, _ := strings.Cut(h, ": ")
		res.AppendHeader(sip.NewHeader(name, value))
	}
	l.respond(tx, res)
}

// keepalive asks a trunk from time to time whether it is there. Two silences
// in a row mean that it is not.
func (l *Line) keepalive(ctx context.Context, t *trunk) {
	silent := 0
	for first := true; ; first = false {
		err := l.probe(ctx, t)
		if err == nil {
			silent = 0
		} else {
			silent++
		}
		if was := t.state().Reachable; ctx.Err() == nil && (err == nil || silent >= 2 || !was) {
			t.setReachable(err == nil, err)
			l.tellReachable(t, was || first, err)
		}
		if !sleep(ctx, t.conf.Keepalive) {
			return
		}
	}
}

// tellReachable tells whoever reads the log when a trunk is lost, and when it is
// back. It is thought to be there until it was asked once.
func (l *Line) tellReachable(t *trunk, was bool, err error) {
	switch {
	case was && err != nil:
		l.log.Warn("trunk does not answer", "line", t.name, "err", err)
	case !was && err == nil:
		l.log.Info("trunk answers again", "line", t.name)
	}
}

// probe sends one OPTIONS. Any answer is a sign of life, also a refusal.
func (l *Line) probe(ctx context.Context, t *trunk) error {
	ctx, stop := context.WithTimeout(ctx, keepaliveWithin)
	defer stop()
	sites, err := t.sites(ctx)
	if err != nil {
		return err
	}
	err = errors.New("no addresses")
	for _, s := range sites {
		var res *sip.Response
		if res, err = l.askTrunk(ctx, t, s, sip.OPTIONS); err == nil {
			if res.StatusCode == 503 {
				return errors.New("the trunk says that it is unavailable")
			}
			return nil
		}
	}
	return err
}

// askTrunk sends a request that belongs to no call.
func (l *Line) askTrunk(ctx context.Context, t *trunk, s site, method sip.RequestMethod, more ...sip.Header) (*sip.Response, error) {
	w, err := l.wayTo(ctx, s)
	if err != nil {
		return nil, err
	}
	return l.ask(ctx, l.outside(t, w, method, more...))
}

// outside builds a request outside of any dialog.
func (l *Line) outside(t *trunk, w way, method sip.RequestMethod, more ...sip.Header) *sip.Request {
	r := sip.NewRequest(method, sip.Uri{Scheme: "sip", Host: t.target.host, Port: t.target.port})
	user := t.conf.Username
	if user == "" {
		user = "holdless"
	}
	aor := sip.Uri{Scheme: "sip", User: user, Host: t.target.host}
	from := sip.FromHeader{Address: aor, Params: sip.NewParams()}
	from.Params.Add("tag", rand.Text())
	maxForwards, callID, seq := sip.MaxForwardsHeader(70), sip.CallIDHeader(rand.Text()), uint32(1)
	if method == sip.REGISTER { // RFC 3261, 10.2: all are numbered under one Call-ID
		callID, seq = sip.CallIDHeader(t.callID), t.next()
	}
	for _, h := range append([]sip.Header{
		&maxForwards, &from, &sip.ToHeader{Address: aor}, &callID,
		&sip.CSeqHeader{SeqNo: seq, MethodName: method}, w.contact(),
	}, more...) {
		r.AppendHeader(h)
	}
	r.SetBody(nil)
	w.stamp(r)
	return r
}

// sleep waits, unless ctx is done first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// errStatus is an answer that was not wanted.
func errStatus(res *sip.Response) error {
	return fmt.Errorf("answered %d %s", res.StatusCode, cut(res.Reason))
}
