package hooks

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"maps"
	"slices"

	"github.com/holdless/holdless/callback"
)

// ListOfDay is what an agent has to do today, as text. It is told by the
// timetable, and is no line of the journal.
const ListOfDay = "list.day"

// Tell puts an event that is no line of the journal into the outbox of those
// that want it. The same key is told once.
func (p *Publisher) Tell(ctx context.Context, key string, said Payload) error {
	return p.Store.UpdateHooks(ctx, func(tx Tx) error {
		for _, name := range slices.Sorted(maps.Keys(p.Endpoints)) {
			if !p.Endpoints[name].wants(said.Type) {
				continue
			}
			if err := p.tell(tx, name, key, said); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *Publisher) tell(tx Tx, name, key string, said Payload) error {
	sum := sha256.Sum256([]byte(name + "\x00" + said.Type + "\x00" + key))
	id := "msg_" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16])
	if _, err := tx.Delivery(id); !errors.Is(err, callback.ErrNotFound) {
		return err
	}
	seq, err := tx.LastEntry()
	if err != nil {
		return err
	}
	d := Delivery{ID: id, Hook: name, Seq: seq, Kind: said.Type, MadeAt: p.Now(), DueAt: p.Now()}
	return p.add(tx, d, said)
}
