package sipline

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/internal/liveline"
)

// referWithin is how long a transfer may take to succeed before both calls
// are carried by us instead.
const referWithin = 40 * time.Second

// Refer implements [liveline.Line]: the other side calls addr itself, and
// leaves us (RFC 3515). An error means that the call is still ours.
func (l *Line) Refer(ctx context.Context, leg liveline.Leg, addr string) error {
	from, ok := leg.(interface {
		refer(ctx context.Context, addr string) error
	})
	if !ok {
		return errForeign
	}
	if err := l.check(addr); err != nil {
		return fmt.Errorf("refer: %w", err)
	}
	return from.refer(ctx, addr)
}

func (l *leg) refer(ctx context.Context, addr string) error {
	to, err := l.referTo(addr)
	if err != nil {
		return fmt.Errorf("refer: %w", err)
	}
	r := l.dialog.request(sip.REFER)
	r.AppendHeader(sip.NewHeader("Refer-To", "<"+to.String()+">"))
	r.AppendHeader(sip.NewHeader("Referred-By", "<"+l.dialog.local.Address.String()+">")) // RFC 3892
	news := l.subscribe(r.CSeq().SeqNo)
	defer l.unsubscribe()
	res, err := l.ask(ctx, r)
	if err != nil {
		return fmt.Errorf("refer: %w", err)
	}
	if !res.IsSuccess() {
		return fmt.Errorf("refer: refused with %d", res.StatusCode)
	}
	return l.follow(ctx, news)
}

// subscribe makes ready for the news of a transfer. Those of an earlier one
// that come late must not be taken for them; sent again with a password it has
// another number.
func (l *leg) subscribe(seq uint32) <-chan int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.news, l.newsFor = make(chan int, 8), seq
	return l.news
}

func (l *leg) unsubscribe() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.news = nil
}

// referTo is the address as the other side has to call it.
func (l *leg) referTo(addr string) (*sip.Uri, error) {
	if strings.Contains(addr, ":") {
		var u sip.Uri
		if err := sip.ParseUri(addr, &u); err != nil || !printable(addr) {
			return nil, fmt.Errorf("%q is not a SIP URI", cut(addr))
		}
		return &u, nil
	}
	host := bracketed(l.dialog.way.addr.Addr().String())
	if t := l.dialog.trunk; t != nil {
		host = t.target.host
	}
	return &sip.Uri{Scheme: "sip", User: addr, Host: host}, nil
}

// follow waits for the news of the transfer.
func (l *leg) follow(ctx context.Context, news <-chan int) error {
	late := time.NewTimer(referWithin)
	defer late.Stop()
	for {
		select {
		case code := <-news:
			switch {
			case code >= 300:
				return fmt.Errorf("refer: the other party answered %d", code)
			case code >= 200:
				return l.Hangup(ctx)
			}
		case <-l.gone:
			return nil // it went off to the other party
		case <-late.C:
			return errors.New("refer: no news of the transfer")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// onNotify is news of a transfer: a line of an answer (RFC 3515, 2.4.5).
func (l *leg) onNotify(r *sip.Request, tx sip.ServerTransaction) {
	kind, id := event(r)
	news := l.newsAbout(id)
	switch {
	case !l.dialog.hear(r):
		l.line.reject(r, tx, &rejection{500, "Out Of Order", ""})
		return
	case kind != "refer":
		l.line.reject(r, tx, &rejection{489, "Bad Event", "Allow-Events: refer"}) // RFC 6665, 8.2.1
		return
	case news == nil:
		l.line.reject(r, tx, &rejection{481, "Subscription Does Not Exist", ""}) // RFC 6665, 4.1.3
		return
	}
	l.line.respond(tx, sip.NewResponseFromRequest(r, 200, "OK", nil))
	if code, ok := fragment(r.Body()); ok {
		select {
		case news <- code:
		default: // nobody listens any more
		}
	}
}

// fragment reads the status of a message/sipfrag (RFC 3420).
func fragment(body []byte) (int, bool) {
	first, _, _ := strings.Cut(string(body), "\r\n")
	fields := strings.Fields(first)
	if len(fields) < 2 || !strings.HasPrefix(fields[0], "SIP/") {
		return 0, false
	}
	code, err := strconv.Atoi(fields[1])
	return code, err == nil
}

// event reads what a NOTIFY is about, and of which REFER by its number, which
// may be left out of the first (RFC 3515, 2.4.6).
func event(r *sip.Request) (kind, id string) {
	value := firstOf(r, "Event")
	if value == "" {
		value = firstOf(r, "o") // RFC 6665, 8.4: its short name
	}
	kind, params, _ := strings.Cut(strings.ToLower(value), ";")
	for p := range strings.SplitSeq(params, ";") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(p), "id="); ok {
			id = v
		}
	}
	return strings.TrimSpace(kind), id
}

// newsAbout returns where the news of a transfer go; nil when we wait for none.
func (l *leg) newsAbout(id string) chan<- int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n, err := strconv.ParseUint(id, 10, 32); id != "" && (err != nil || uint32(n) < l.newsFor) {
		return nil
	}
	return l.news
}
