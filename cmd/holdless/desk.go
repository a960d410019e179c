package main

import (
	"context"
	"errors"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
)

// A desk is what the commands ask: the desk of the service that runs, or, when
// none does, one of their own on the same database.
type desk interface {
	List(ctx context.Context, f callback.Filter) ([]callback.Callback, error)
	Show(ctx context.Context, id string) (callback.Callback, []callback.Attempt, error)
	Texts(ctx context.Context, id string) ([]callback.Sent, error)
	Book(ctx context.Context, r callback.Request) (callback.Callback, error)
	Move(ctx context.Context, id string, at time.Time, actor string) (callback.Callback, error)
	Cancel(ctx context.Context, id, actor string) error
	SetDuty(ctx context.Context, to callback.Duty) error
	Team(ctx context.Context) ([]callback.Status, error)
	Dialing(ctx context.Context) (callback.Dialing, error)
	StopDialing(ctx context.Context, actor, why string) error
	StartDialing(ctx context.Context, actor string) error
	Backup(ctx context.Context, file string) error
	AllowCalls(ctx context.Context, p callback.Phone, actor string) error
	Erase(ctx context.Context, p callback.Phone, actor string) (callback.Erased, error)
}

// localDesk is a desk in this process.
type localDesk struct {
	*callback.Desk
	store *store.Store
}

var (
	_ desk = localDesk{}
	_ desk = (*remoteDesk)(nil)
)

// Backup writes a copy of the database to a file.
func (d localDesk) Backup(ctx context.Context, file string) error { return d.store.Backup(ctx, file) }

// Erase forgets a person, and makes what was deleted unreadable.
func (d localDesk) Erase(ctx context.Context, p callback.Phone, actor string) (callback.Erased, error) {
	found, err := d.Desk.Erase(ctx, p, actor)
	if err != nil {
		return found, err
	}
	return found, d.store.Scrub(ctx)
}

// startTime is how long a command waits for a service that has the data open,
// and does not listen yet.
const startTime = 5 * time.Second

// openDesk finds the service that runs on the data of a configuration, or
// opens the data itself. Call done when it is not needed any more.
func openDesk(ctx context.Context, file string) (d desk, c config, done func(), err error) {
	if c, err = loadConfig(file); err != nil && !c.sound {
		return nil, c, nil, err // a menu that is being written hinders nobody else
	}
	for late := time.Now().Add(startTime); ; {
		if remote := dialDesk(ctx, c.Data); remote != nil {
			return remote, c, remote.close, nil
		}
		own, closeStore, err := newDesk(ctx, c, quiet())
		if err == nil {
			return own, c, closeStore, nil
		}
		if !errors.Is(err, store.ErrLocked) || time.Now().After(late) {
			return nil, c, nil, err
		}
		select { // it starts, or ends
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, c, nil, err
		}
	}
}
