package accounts

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/holdless/holdless/callback"
)

// A Feed is a link by which a calendar follows the callbacks of an agent. Each
// can be taken back alone.
type Feed struct {
	ID      string
	Hash    string // of the token in the link
	Agent   string
	Label   string // where it is used
	By      string // who made it
	MadeAt  time.Time
	UsedAt  time.Time // to the minute
	Until   time.Time
	EndedAt time.Time // it was taken back
	EndedBy string
}

// Over reports whether a link opens nothing any more.
func (f Feed) Over(now time.Time) bool { return !f.EndedAt.IsZero() || !now.Before(f.Until) }

// FeedTx is what a transaction keeps of such links.
type FeedTx interface {
	Feed(hash string) (Feed, error)
	Feeds(agent string) ([]Feed, error) // the oldest first; "" for those of all
	AddFeed(Feed) error
	PutFeed(Feed) error // UsedAt, EndedAt and EndedBy
}

const (
	feedTime  = 365 * 24 * time.Hour
	feedsMost = 10 // that an agent has at once
	feedLabel = 64 // letters
)

// Errors about links to calendars.
var (
	ErrFeeds = errors.New("an agent has ten links to his calendar at the most: take one back first")
	ErrEnded = errors.New("this link was taken back, or is older than a year")
)

// AddFeed makes a link to the calendar of an agent, and returns its token, which
// is told once. With old, it takes the place of that link, which is then over.
func (g *Registry) AddFeed(ctx context.Context, agent, label, old, by string) (token string, err error) {
	if !slices.Contains(g.Agents, agent) {
		return "", about("add calendar link of", agent, ErrAgent)
	}
	if label = strings.TrimSpace(label); utf8.RuneCountInString(label) > feedLabel {
		label = string([]rune(label)[:feedLabel])
	}
	token = rand.Text()
	f := Feed{
		ID: strings.ToLower(rand.Text()[:8]), Hash: hashOf(token), Agent: agent, Label: label, By: by, MadeAt: g.Now(), Until: g.Now().Add(feedTime),
	}
	err = g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		if old != "" {
			was, err := g.endFeed(tx, old, agent, by)
			if err != nil {
				return err
			}
			f.Label = was.Label
		}
		all, err := tx.Feeds(agent)
		if err != nil {
			return err
		}
		if live := slices.DeleteFunc(all, func(o Feed) bool { return o.Over(g.Now()) }); len(live) >= feedsMost {
			return ErrFeeds
		}
		return errors.Join(tx.AddFeed(f), g.record(tx, "feed.added", by, agent, f.Label))
	})
	return token, about("add calendar link of", agent, err)
}

// EndFeed takes a link back: of an agent, or of any for "".
func (g *Registry) EndFeed(ctx context.Context, id, agent, by string) error {
	err := g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		_, err := g.endFeed(tx, id, agent, by)
		return err
	})
	return about("take back calendar link", id, err)
}

func (g *Registry) endFeed(tx Tx, id, agent, by string) (Feed, error) {
	all, err := tx.Feeds(agent)
	if err != nil {
		return Feed{}, err
	}
	i := slices.IndexFunc(all, func(f Feed) bool { return f.ID == id && !f.Over(g.Now()) })
	if i < 0 {
		return Feed{}, callback.ErrNotFound
	}
	f := all[i]
	f.EndedAt, f.EndedBy = g.Now(), by
	return f, errors.Join(tx.PutFeed(f), g.record(tx, "feed.ended", by, f.Agent, f.Label))
}

// Feeds returns the links of an agent that are not over, or those of all for "".
func (g *Registry) Feeds(ctx context.Context, agent string) (all []Feed, err error) {
	err = g.Store.ViewAccounts(ctx, func(tx Tx) error {
		all, err = tx.Feeds(agent)
		return err
	})
	return slices.DeleteFunc(all, func(f Feed) bool { return f.Over(g.Now()) }), err
}

// FeedOf returns the agent whose calendar a link opens. One that is over is
// ErrEnded, one that never was is [callback.ErrNotFound].
func (g *Registry) FeedOf(ctx context.Context, token string) (agent string, err error) {
	var f Feed
	err = g.Store.ViewAccounts(ctx, func(tx Tx) (err error) {
		f, err = tx.Feed(hashOf(token))
		return err
	})
	switch {
	case err != nil:
		return "", err
	case f.Over(g.Now()):
		return "", ErrEnded
	case g.Now().Sub(f.UsedAt) >= seenEvery:
		f.UsedAt = g.Now()
		err = g.Store.UpdateAccounts(ctx, func(tx Tx) error { return tx.PutFeed(f) })
	}
	return f.Agent, err
}
