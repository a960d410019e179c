package accounts

import (
	"math"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often a password may be tried: so many at once, and then one in a while.
const (
	triesAtOnce    = 10
	accountEvery   = time.Minute
	addressEvery   = 20 * time.Second
	mostRemembered = 20_000
	beginnings     = 20 // a second, of passkeys and journeys to the provider, of all strangers: each is written down
	keyMost        = 96 // bytes of what is counted: no name and no address is so long
)

// What is counted as an account is, by its first word, one of these: who tries
// to sign in by any name uses up no other's tries.
const (
	named    = "name "
	tried    = "passkey of "
	askedFor = "provider of "
	onPage   = "page of "
)

// attempts counts what was tried in vain, by account and by address.
type attempts struct {
	mu    sync.Mutex
	all   map[string]*rate.Limiter
	begun *rate.Limiter
}

// take allows a try, or tells how long to wait. Both must have one left: an
// account guessed at from many places is as safe as many guessed at from one.
func (a *attempts) take(now time.Time, account, address string) (wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	limits := []*rate.Limiter{a.of(now, "account "+account, accountEvery), a.of(now, "address "+Network(address), addressEvery)}
	for _, l := range limits {
		if missing := 1 - l.TokensAt(now); missing > 0 {
			wait = max(wait, time.Duration(math.Ceil(missing/float64(l.Limit())))*time.Second)
		}
	}
	if wait > 0 {
		return wait
	}
	for _, l := range limits {
		l.AllowN(now, 1)
	}
	return 0
}

// begin allows a stranger a beginning that is written down: one of his own, and
// one of those that all have.
func (a *attempts) begin(now time.Time, account, address string) (wait time.Duration) {
	if wait := a.take(now, account+Network(address), address); wait > 0 {
		return wait
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.begun == nil {
		a.begun = rate.NewLimiter(beginnings, beginnings)
	}
	if !a.begun.AllowN(now, 1) {
		return time.Second
	}
	return 0
}

// forgive gives an account and an address back what a good password has shown
// to be no guess.
func (a *attempts) forgive(now time.Time, account, address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.of(now, "account "+account, accountEvery).AllowN(now, -1)
	a.of(now, "address "+Network(address), addressEvery).AllowN(now, -1)
}

func (a *attempts) of(now time.Time, key string, every time.Duration) *rate.Limiter {
	key = strings.Clone(key[:min(len(key), keyMost)]) // what was cut off must not stay
	if l, ok := a.all[key]; ok {
		return l
	}
	if a.all == nil || len(a.all) >= mostRemembered {
		a.sweep(now)
	}
	l := rate.NewLimiter(rate.Every(every), triesAtOnce)
	a.all[key] = l
	return l
}

// sweep forgets who has all tries again; when that is nobody, it forgets all.
func (a *attempts) sweep(now time.Time) {
	kept := map[string]*rate.Limiter{}
	for key, l := range a.all {
		if l.TokensAt(now) < triesAtOnce {
			kept[key] = l
		}
	}
	if len(kept) >= mostRemembered {
		clear(kept)
	}
	a.all = kept
}

// Network is what one person has of addresses: of IPv6 that is a /64.
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	prefix, _ := ip.Prefix(64) // as an address of 128 bits has
	return prefix.String()
}
