package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/articles"
	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/ivr"
)

// newKeeper looks after the menus of a configuration.
func newKeeper(c config, d *callback.Desk, log *slog.Logger) *menus.Keeper {
	k := &menus.Keeper{
		Desk: d, Store: d.Store, Menus: c.menus, Wrong: c.wrong, Files: c.files,
		Others: !d.Alone, Now: func() time.Time { return d.Now() }, Log: log,
	}
	aimed := func(m *ivr.Menu, err error) (*ivr.Menu, error) {
		if err == nil {
			if ms := c.misled(m); len(ms) > 0 {
				return nil, ms
			}
		}
		return m, err
	}
	k.Read = func(file string, tell func(string)) (*ivr.Menu, error) { return aimed(watchMenu(file, tell)) }
	k.Parse = func(file string, src []byte) (*ivr.Menu, error) { return aimed(parseMenu(file, src)) }
	if c.file != "" {
		k.Config, k.TakeConfig = c.file, func(ctx context.Context, actor string) error { return takeConfig(ctx, c, d, actor) }
	}
	return k
}

// takeConfig puts into force what a configuration says anew about queues:
// hours, capacity and notices. Menus are looked at one by one, and all else
// waits for the next start.
func takeConfig(ctx context.Context, began config, d *callback.Desk, actor string) error {
	c, err := readConfig(began.file)
	if err != nil && !c.sound {
		return err
	}
	if err := d.Retime(ctx, c.Config, actor); err != nil {
		return err
	}
	if lasting(c) != lasting(began) {
		d.Log.Warn("the configuration has changes that wait for the next start")
	}
	return nil
}

// lasting is what of a configuration stays as it is until the next start.
func lasting(c config) string {
	c.menus, c.book, c.vague, c.files, c.wrong, c.sound = nil, articles.Book{}, nil, nil, nil, false
	queues := maps.Clone(c.Queues)
	for name, q := range queues {
		q.Hours, q.Exceptions, q.Holidays, q.Capacity, q.Notice = nil, nil, "", 0, nil
		queues[name] = q
	}
	c.Queues = queues
	return fmt.Sprintf("%+v", c)
}

func (s *service) buildMenus(ctx context.Context) error {
	s.menus = newKeeper(s.config, s.desk, s.log)
	s.menus.Prove = prove(s.voice)
	if s.config.Sounds.Cache {
		s.menus.Ready = s.speakable
	}
	if err := s.menus.Start(ctx); err != nil {
		if ms, ok := errors.AsType[ivr.Mistakes](err); ok {
			return fmt.Errorf("load menus: %s; see all: holdless check -c %s", brief(ms[0]), s.config.file)
		}
		return fmt.Errorf("load menus: %w", err)
	}
	return nil
}

// voiceTime is how long a menu that is right waits for its voice. What is not
// rendered by then is rendered when it is said first.
const voiceTime = 400 * time.Millisecond

// speakable renders what a menu says in words of its own.
func (s *service) speakable(ctx context.Context, m *ivr.Menu) {
	ctx, stop := context.WithTimeout(ctx, voiceTime)
	defer stop()
	for _, lang := range s.config.Languages {
		s.voice.Prepare(ctx, lang, m.Texts(lang))
	}
}

// hangups reads the menus again at each SIGHUP, until ctx is done.
func (s *service) hangups(ctx context.Context) error {
	got := make(chan os.Signal, 1)
	signal.Notify(got, syscall.SIGHUP)
	defer signal.Stop(got)
	for {
		select {
		case <-got:
		case <-ctx.Done():
			return nil
		}
		if _, err := s.menus.Reload(ctx, "SIGHUP"); err != nil {
			s.log.Error("menus not changed", "err", err)
		}
	}
}

// withKeeper opens the menus of a configuration for one command, when no
// service runs.
func withKeeper[A any](ctx context.Context, c config, do func(menuDesk) (A, error)) (A, error) {
	var none A
	own, done, err := newDesk(ctx, c, quiet())
	if err != nil {
		return none, err
	}
	defer done()
	k := newKeeper(c, own.Desk, quiet())
	p, err := newProof()
	if err != nil {
		return none, err
	}
	defer p.voice.Close() //nolint:errcheck // nothing was written
	k.Prove = prove(p.voice)
	if err := k.Start(ctx); err != nil {
		return none, unusable("load menus: %w", err)
	}
	return do(menuDesk{k, own.store})
}
