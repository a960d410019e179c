package web

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
)

// How often pages of customers are opened: so many at once, and then one in a
// while. Many customers may share an address; nobody needs one link so often.
const (
	visitsAtOnce   = 60
	addressEvery   = time.Second
	linkAtOnce     = 20
	linkEvery      = 5 * time.Second
	mostRemembered = 20_000
)

// visits counts how often pages of customers are opened, by address and by
// link.
type visits struct {
	mu     sync.Mutex
	all    map[string]*rate.Limiter
	codes  *rate.Limiter // texted to all numbers together; never forgotten
	proofs *rate.Limiter // tried for all numbers together
}

// take reports whether one page more may be opened. A link is only counted
// when it is one of ours: strangers cannot use up a customer's.
func (v *visits) take(now time.Time, address, link string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	ok := v.of(now, "address "+accounts.Network(address), addressEvery, visitsAtOnce).AllowN(now, 1)
	return ok && (link == "" || v.of(now, "link "+link, linkEvery, linkAtOnce).AllowN(now, 1))
}

// code reports whether one code more may be texted, to whom an address asks.
func (v *visits) code(now time.Time, address string, perHour int) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.codes == nil {
		v.codes = rate.NewLimiter(rate.Every(time.Hour/time.Duration(perHour)), perHour)
	}
	return v.of(now, "codes of "+accounts.Network(address), 10*time.Minute, 5).AllowN(now, 1) && v.codes.AllowN(now, 1)
}

// proof reports whether one code more may be tried for a number: each code that
// is texted can be mistyped a few times, and strangers who guess at many
// numbers come to an end.
func (v *visits) proof(now time.Time, number string, perHour int) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.proofs == nil {
		most := codeTries * perHour
		v.proofs = rate.NewLimiter(rate.Every(time.Hour/time.Duration(most)), most)
	}
	return v.proofs.AllowN(now, 1) && v.of(now, "proof "+number, codeLife/codeTries, codeTries).AllowN(now, 1)
}

func (v *visits) of(now time.Time, key string, every time.Duration, atOnce int) *rate.Limiter {
	if l, ok := v.all[key]; ok {
		return l
	}
	if v.all == nil || len(v.all) >= mostRemembered {
		v.sweep(now)
	}
	l := rate.NewLimiter(rate.Every(every), atOnce)
	v.all[key] = l
	return l
}

// sweep forgets who may open as many as at first; when that is nobody, it
// forgets all.
func (v *visits) sweep(now time.Time) {
	kept := map[string]*rate.Limiter{}
	for key, l := range v.all {
		if l.TokensAt(now) < float64(l.Burst()) {
			kept[key] = l
		}
	}
	if len(kept) >= mostRemembered {
		clear(kept)
	}
	v.all = kept
}

// visit makes the page of a kind of link: what the link is about is handed to
// show. Of a link that is none of ours, or over, no more is told than that.
func (s *Server) visit(kind string, show func(w http.ResponseWriter, r *http.Request, id string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		now := s.Now()
		id, ours := s.Links.Open(kind, r.PathValue("token"), now)
		switch {
		case !s.visits.take(now, accounts.Address(r), id):
			w.Header().Set("Retry-After", strconv.Itoa(int(linkEvery/time.Second)))
			plain(w, http.StatusTooManyRequests, "This page was opened too often. Try again in a minute.\n")
		case !ours:
			s.over(w)
		default:
			show(w, r, id)
		}
	}
}

// lost tells that a page cannot be shown, and why. It reports false when
// nothing is wrong.
func (s *Server) lost(w http.ResponseWriter, err error) bool {
	switch {
	case err == nil:
		return false
	case errors.Is(err, callback.ErrNotFound): // deleted, as retention asks
		s.over(w)
	default:
		s.Log.Error("page not shown", "err", err)
		plain(w, http.StatusServiceUnavailable, "This page cannot be shown just now. Try again in a minute.\n")
	}
	return true
}
