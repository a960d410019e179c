package hooks

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
)

// How deliveries are made.
const (
	lookEvery = time.Second
	readMost  = 200 // lines of the journal in one go
	sendMost  = 8   // at once, to one endpoint
	sendTime  = 15 * time.Second
	leaseTime = 2 * time.Minute
)

// waits are how long it is waited for the next try, as Standard Webhooks
// proposes; after the last the delivery has failed.
var waits = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// failTime is how long an endpoint may take nothing before it is told nothing
// more.
const failTime = 5 * 24 * time.Hour

// Run tells all endpoints until ctx is done. One that is slow keeps no other
// waiting.
func (p *Publisher) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for name := range p.Endpoints {
		all.Go(func() { p.serve(ctx, name) })
	}
	all.Wait()
	return nil
}

func (p *Publisher) serve(ctx context.Context, name string) {
	client := p.client(p.Endpoints[name])
	defer client.CloseIdleConnections()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		more, err := p.step(ctx, name, client)
		if err != nil && ctx.Err() == nil {
			p.Log.Warn("webhooks not sent", "do", name, "err", err)
		}
		if more && err == nil && ctx.Err() == nil {
			continue
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// step reads what is new, and sends what is due.
func (p *Publisher) step(ctx context.Context, name string, client *http.Client) (more bool, err error) {
	if err := p.read(ctx, name); err != nil {
		return false, err
	}
	due, err := p.claim(ctx, name)
	var sent sync.WaitGroup
	for _, d := range due {
		sent.Go(func() { p.deliver(ctx, d, client) })
	}
	sent.Wait()
	return len(due) == sendMost, err
}

// read puts into the outbox of an endpoint what is new in the journal. Who is
// told for the first time hears nothing of the past.
func (p *Publisher) read(ctx context.Context, name string) error {
	for more := true; more; {
		var fresh bool
		err := p.Store.ViewHooks(ctx, func(tx Tx) error {
			end, err := tx.LastEntry()
			if err != nil {
				return err
			}
			h, err := tx.Hook(name)
			fresh = errors.Is(err, callback.ErrNotFound) || h.Seq < end
			if errors.Is(err, callback.ErrNotFound) {
				err = nil
			}
			return err
		})
		if err != nil || !fresh {
			return err
		}
		err = p.Store.UpdateHooks(ctx, func(tx Tx) (err error) {
			more, err = p.take(tx, name)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *Publisher) take(tx Tx, name string) (more bool, err error) {
	h, err := tx.Hook(name)
	if errors.Is(err, callback.ErrNotFound) {
		h.Name = name
		h.Seq, err = tx.LastEntry()
		return false, errors.Join(err, tx.PutHook(h))
	}
	if err != nil {
		return false, err
	}
	all, err := tx.Entries(h.Seq, readMost)
	if err != nil {
		return false, err
	}
	for _, e := range all {
		h.Seq = e.Seq
		if p.Endpoints[name].wants(e.Kind) {
			if err := p.post(tx, name, e); err != nil {
				return false, err
			}
		}
	}
	return len(all) == readMost, tx.PutHook(h)
}

// post writes a delivery. One that cannot be written, because its template
// does not fit, is in the log of the endpoint as one that failed.
func (p *Publisher) post(tx Tx, name string, e callback.Entry) error {
	said, err := payload(tx, e)
	if err != nil {
		return err
	}
	now := p.Now()
	d := Delivery{
		ID: "msg_" + rand.Text(), Hook: name, Seq: e.Seq, Kind: e.Kind, Callback: e.Callback, Phone: e.Phone, MadeAt: now, DueAt: now,
	}
	return p.add(tx, d, said)
}

func (p *Publisher) add(tx Tx, d Delivery, said Payload) (err error) {
	if d.Body, err = p.Endpoints[d.Hook].body(said); err != nil {
		d.DoneAt, d.Err = d.MadeAt, fmt.Sprintf("the template does not fit: %v", err)
		p.Log.Error("webhook not written", "do", d.Hook, "err", err)
	} else if strings.TrimSpace(d.Body) == "" {
		return nil // its template has nothing to say of that
	}
	return tx.AddDelivery(d)
}

// claim takes what is due, for as long as sending it may last. An endpoint that
// is disabled is sent nothing.
func (p *Publisher) claim(ctx context.Context, name string) ([]Delivery, error) {
	var due []Delivery
	look := func(tx Tx) (err error) {
		h, err := tx.Hook(name)
		if err != nil || !h.DisabledAt.IsZero() {
			due = nil
			return err
		}
		due, err = tx.DueDeliveries(name, p.Now(), sendMost)
		return err
	}
	if err := p.Store.ViewHooks(ctx, look); err != nil || len(due) == 0 {
		return nil, err
	}
	err := p.Store.UpdateHooks(ctx, func(tx Tx) error {
		if err := look(tx); err != nil {
			return err
		}
		for i := range due {
			due[i].Tries++
			due[i].Lease = p.Now().Add(leaseTime)
			if err := tx.PutDelivery(due[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err // what may not be leased would be sent with every look
	}
	return due, nil
}

// deliver sends one, and takes down what came of it. That is written even when
// the service ends meanwhile.
func (p *Publisher) deliver(ctx context.Context, d Delivery, client *http.Client) {
	status, err := p.send(ctx, d, client)
	if ctx.Err() != nil && err != nil {
		return // the lease ends, and it is sent again
	}
	ctx = context.WithoutCancel(ctx)
	if err := p.Store.UpdateHooks(ctx, func(tx Tx) error { return p.settle(tx, d, status, err) }); err != nil {
		p.Log.Warn("webhook not settled", "do", d.Hook, "err", err)
	}
}

func (p *Publisher) settle(tx Tx, d Delivery, status int, failed error) error {
	h, err := tx.Hook(d.Hook)
	if err != nil {
		return err
	}
	stored, err := tx.Delivery(d.ID)
	if err != nil || stored.Tries != d.Tries || !stored.DoneAt.IsZero() {
		return err // the lease was over, and somebody else has it
	}
	now := p.Now()
	stored.Status, stored.Err, stored.Lease = status, "", time.Time{}
	if failed == nil {
		stored.DoneAt, h.FailingSince = now, time.Time{}
		return errors.Join(tx.PutDelivery(stored), tx.PutHook(h))
	}
	stored.Err = failed.Error()
	if stored.Tries > len(waits) {
		stored.DoneAt = now
	} else {
		wait := waits[stored.Tries-1]
		stored.DueAt = now.Add(wait + mathrand.N(wait/10)) //nolint:gosec // no secret: endpoints that came back are not asked all at once
	}
	if h.FailingSince.IsZero() {
		h.FailingSince = now
	}
	if status == http.StatusGone || now.Sub(h.FailingSince) >= failTime {
		return errors.Join(tx.PutDelivery(stored), p.disable(tx, h, failed))
	}
	return errors.Join(tx.PutDelivery(stored), tx.PutHook(h))
}

// disable sends an endpoint nothing more until somebody switches it on again.
func (p *Publisher) disable(tx Tx, h Hook, why error) error {
	if !h.DisabledAt.IsZero() {
		return tx.PutHook(h)
	}
	h.DisabledAt = p.Now()
	p.Log.Error("webhook disabled: it takes nothing; mend it, and enable it through the API", "do", h.Name, "err", why)
	return errors.Join(tx.PutHook(h), tx.Record(callback.Entry{
		At: h.DisabledAt, Kind: "webhook.disabled", Actor: "webhooks", Name: h.Name, Value: why.Error(),
	}))
}
