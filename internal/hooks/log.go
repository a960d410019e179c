package hooks

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
)

// A State is how it stands with one endpoint of the configuration.
type State struct {
	Hook
	URL    string
	Events []string
}

// List tells how it stands with all endpoints, by name.
func (p *Publisher) List(ctx context.Context) ([]State, error) {
	all := []State{}
	err := p.Store.ViewHooks(ctx, func(tx Tx) error {
		all = all[:0]
		for _, name := range slices.Sorted(maps.Keys(p.Endpoints)) {
			h, err := tx.Hook(name)
			if err != nil && !errors.Is(err, callback.ErrNotFound) {
				return err
			}
			h.Name = name
			all = append(all, State{h, p.Endpoints[name].URL, p.Endpoints[name].Events})
		}
		return nil
	})
	return all, err
}

// Deliveries is the log of an endpoint, the newest first, from a mark on.
func (p *Publisher) Deliveries(ctx context.Context, name string, before Mark, limit int) ([]Delivery, error) {
	if err := p.known(name); err != nil {
		return nil, err
	}
	var all []Delivery
	err := p.Store.ViewHooks(ctx, func(tx Tx) (err error) {
		all, err = tx.Deliveries(name, before, limit)
		return err
	})
	return all, err
}

func (p *Publisher) known(name string) error {
	if _, ok := p.Endpoints[name]; !ok {
		return fmt.Errorf("webhook %q: %w", name, callback.ErrNotFound)
	}
	return nil
}

// Replay sends a delivery once more, whatever came of it before.
func (p *Publisher) Replay(ctx context.Context, name, id, by string) (Delivery, error) {
	if err := p.known(name); err != nil {
		return Delivery{}, err
	}
	var d Delivery
	err := p.Store.UpdateHooks(ctx, func(tx Tx) (err error) {
		if d, err = tx.Delivery(id); err != nil {
			return err
		}
		if d.Hook != name || d.Body == "" {
			return callback.ErrNotFound
		}
		d.DueAt, d.DoneAt, d.Lease, d.Tries = p.Now(), time.Time{}, time.Time{}, 0
		return errors.Join(tx.PutDelivery(d), p.record(tx, "webhook.replayed", by, name, id))
	})
	return d, err
}

// Enable sends to an endpoint again that was disabled: all that is due, and
// all that is new.
func (p *Publisher) Enable(ctx context.Context, name, by string) error {
	if err := p.known(name); err != nil {
		return err
	}
	return p.Store.UpdateHooks(ctx, func(tx Tx) error {
		h, err := tx.Hook(name)
		if err != nil || h.DisabledAt.IsZero() {
			return err
		}
		h.DisabledAt, h.FailingSince = time.Time{}, time.Time{}
		return errors.Join(tx.PutHook(h), p.record(tx, "webhook.enabled", by, name, ""))
	})
}

func (p *Publisher) record(tx Tx, kind, by, name, value string) error {
	return tx.Record(callback.Entry{At: p.Now(), Kind: kind, Actor: by, Name: name, Value: value})
}
