package sipline

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
)

// decideWithin is how long the other side waits to hear whether we try.
const decideWithin = answerWithin + closeWithin

// onRefer is the other side asking that whom it speaks with be put through to
// somebody (RFC 3515, 2.4). Without anybody to speak with it is declined.
func (l *leg) onRefer(r *sip.Request, tx sip.ServerTransaction) {
	if !l.dialog.hear(r) {
		l.line.reject(r, tx, &rejection{500, "Out Of Order", ""})
		return
	}
	answered := make(chan struct{}) // news that overtake the answer are of no REFER yet
	defer close(answered)
	t, no := l.transfer(r, answered)
	if no == nil {
		no = l.mayTransfer(t)
	}
	if no != nil {
		l.line.reject(r, tx, no)
		return
	}
	res := sip.NewResponseFromRequest(r, 202, "Accepted", nil)
	res.AppendHeader(l.dialog.way.contact())
	l.line.respond(tx, res)
}

// joinedWithin is how long a wish waits for the two to speak with each other
// again: they are parted for a moment while the one before it is declined.
const joinedWithin = 2 * time.Second

// mayTransfer hands the wish to whoever joins the two, and waits to hear
// whether it is tried.
func (l *leg) mayTransfer(t *liveline.TransferError) *rejection {
	ctx, stop := context.WithTimeout(context.Background(), decideWithin)
	defer stop()
	decided := make(chan error, 1)
	t.Answer = func(no error) { decided <- no }
	select {
	case l.asked <- t:
	case <-l.gone:
		return declined(nil)
	case <-time.After(joinedWithin):
		return declined(nil) // it is joined with nobody
	}
	select {
	case no := <-decided:
		if no == nil {
			return nil
		}
		return declined(no)
	case <-ctx.Done():
		return declined(ctx.Err())
	}
}

// declined says why it is not tried, in words that telephones show to those who
// asked (RFC 3261, 21.6.2).
func declined(why error) *rejection {
	switch {
	case errors.Is(why, callback.ErrUnlisted):
		return &rejection{603, "Number Not Allowed For Transfers", ""}
	case errors.Is(why, callback.ErrNobodyFree):
		return &rejection{603, "Nobody Free There", ""}
	}
	return &rejection{603, "Decline", ""}
}

// maxReferTo bounds an address that goes into the journal.
const maxReferTo = 256

// transfer reads whom the other side wants. Of the header fields in the URI only
// Replaces is taken. News are told once the REFER is answered.
func (l *leg) transfer(r *sip.Request, answered <-chan struct{}) (*liveline.TransferError, *rejection) {
	all := append(r.GetHeaders("Refer-To"), r.GetHeaders("r")...)
	if len(all) != 1 {
		return nil, bad("Want One Refer-To") // RFC 3515, 2.4.2
	}
	value := all[0].Value()
	if _, inner, ok := strings.Cut(value, "<"); ok {
		value, _, _ = strings.Cut(inner, ">")
	}
	to, fields, _ := strings.Cut(strings.TrimSpace(value), "?")
	u, ok := uriToCall(to)
	if !ok {
		return nil, bad("Bad Refer-To")
	}
	if m, ok := u.UriParams.Get("method"); ok && !strings.EqualFold(m, "INVITE") {
		return nil, &rejection{603, "Decline", ""} // we place calls, and nothing else
	}
	replaces, ok := replacesIn(fields)
	if !ok {
		return nil, bad("Bad Replaces")
	}
	return &liveline.TransferError{By: l, To: to, Replaces: replaces, News: l.reporter(r.CSeq().SeqNo, answered)}, nil
}

// uriToCall reads a URI that can be called.
func uriToCall(s string) (u sip.Uri, ok bool) {
	err := sip.ParseUri(s, &u)
	return u, err == nil && printable(s) && len(s) <= maxReferTo && callable(u.Scheme)
}

// replacesIn returns the Replaces field in a URI as it belongs into an INVITE:
// a Call-ID and both tags (RFC 3891, 6.1). Without one it is "".
func replacesIn(fields string) (string, bool) {
	for f := range strings.SplitSeq(fields, "&") {
		name, value, _ := strings.Cut(f, "=")
		if !strings.EqualFold(name, "Replaces") {
			continue
		}
		v, err := url.PathUnescape(value)
		_, ok := parseReplaces(v)
		return v, ok && err == nil
	}
	return "", true
}

// reporter tells the other side how its REFER goes, one piece of news after the
// other, until it is over or nobody listens (RFC 3515, 2.4.4).
func (l *leg) reporter(refer uint32, answered <-chan struct{}) func(code int) {
	var news chan int
	return func(code int) {
		if news == nil {
			news = make(chan int, 8)
			done := l.reports()
			l.line.work.Go(func() {
				defer close(done)
				<-answered
				l.report(refer, news)
			})
		}
		select {
		case news <- code:
		default: // nobody takes them
		}
		if code >= 200 {
			close(news)
		}
	}
}

// reports notes that there is something to be told. It is over with the channel.
func (l *leg) reports() chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = make(chan struct{})
	return l.told
}

// lastNews waits a moment until the other side knows how its REFER ended: news
// that come after our BYE would be of a call that is no more.
func (l *leg) lastNews() {
	l.mu.Lock()
	told := l.told
	l.mu.Unlock()
	if told == nil {
		return
	}
	late := time.NewTimer(sip.T2)
	defer late.Stop()
	select {
	case <-told:
	case <-l.left:
	case <-late.C:
	}
}

func (l *leg) report(refer uint32, news <-chan int) {
	for heard := true; ; {
		select {
		case code, more := <-news:
			if !more {
				return
			}
			if heard {
				res, err := l.ask(context.Background(), l.notify(refer, code))
				heard = err == nil && res.IsSuccess()
			}
		case <-l.line.end:
			return
		}
	}
}

// notify builds a NOTIFY. Its body is the beginning of an answer (RFC 3420).
func (l *leg) notify(refer uint32, code int) *sip.Request {
	state := "active;expires=120"
	if code >= 200 {
		state = "terminated;reason=noresource"
	}
	r := l.dialog.request(sip.NOTIFY)
	r.AppendHeader(sip.NewHeader("Event", fmt.Sprintf("refer;id=%d", refer)))
	r.AppendHeader(sip.NewHeader("Subscription-State", state))
	r.AppendHeader(sip.NewHeader("Content-Type", "message/sipfrag;version=2.0"))
	r.SetBody(fmt.Appendf(nil, "SIP/2.0 %d %s\r\n", code, reasons[code]))
	return r
}

// reasons are the words to the statuses of news.
var reasons = map[int]string{
	100: "Trying", 180: "Ringing", 200: "OK", 404: "Not Found", 480: "Temporarily Unavailable",
	486: "Busy Here", 503: "Service Unavailable", 603: "Decline",
}
