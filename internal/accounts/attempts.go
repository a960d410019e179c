package accounts

import (
	"context"
	"net/netip"
	"time"

	"github.com/holdless/holdless/internal/limits"
)

// How often a password may be tried: so many at once, and then one in a while.
const (
	triesAtOnce  = 10
	accountEvery = time.Minute
	addressEvery = 20 * time.Second
	beginnings   = 20 // a second, of passkeys and journeys to the provider, of all strangers: each is written down
)

// What is counted as an account is, by its first word, one of these: who tries
// to sign in by any name uses up no other's tries.
const (
	named    = "name "
	tried    = "passkey of "
	askedFor = "provider of "
	onPage   = "page of "
)

// begun bounds the beginnings of all strangers together.
var begun = limits.Limit{Kind: "beginnings", AtOnce: beginnings, Every: time.Second / beginnings}

// tries bound what is tried in vain, by account and by address. Both must have
// one left: an account guessed at from many places is as safe as many guessed
// at from one.
func tries(account, address string) []limits.Limit {
	return []limits.Limit{
		{Kind: "tries of an account", Of: account, AtOnce: triesAtOnce, Every: accountEvery},
		{Kind: "tries from an address", Of: Network(address), AtOnce: triesAtOnce, Every: addressEvery},
	}
}

// bounds is where tries are counted.
func (g *Registry) bounds() limits.Book {
	if g.Limits != nil {
		return g.Limits
	}
	return &g.memory
}

// try allows a try, or is a [*TooManyError].
func (g *Registry) try(ctx context.Context, all ...limits.Limit) error {
	left, err := g.bounds().Take(ctx, g.Now(), all...)
	if err == nil && left.Wait > 0 {
		err = &TooManyError{(left.Wait + time.Second - 1).Truncate(time.Second)}
	}
	return err
}

// tryToBegin allows a stranger a beginning that is written down: one of his own,
// and one of those that all have.
func (g *Registry) tryToBegin(ctx context.Context, account, address string) error {
	return g.try(ctx, append(tries(account+Network(address), address), begun)...)
}

// forgive gives an account and an address back what a good password has shown
// to be no guess. That it cannot be written down keeps nobody out.
func (g *Registry) forgive(ctx context.Context, account, address string) {
	if err := g.bounds().Give(ctx, g.Now(), tries(account, address)...); err != nil {
		g.Log.Warn("try not given back", "err", err)
	}
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
