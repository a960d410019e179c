package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	board "github.com/holdless/holdless/internal/desk"
	"github.com/holdless/holdless/internal/editor"
	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/internal/sipline"
	"github.com/holdless/holdless/internal/sms"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/studio"
	"github.com/holdless/holdless/internal/twilioline"
	"github.com/holdless/holdless/internal/web"
	"github.com/holdless/holdless/scheduler"
	"github.com/holdless/holdless/sounds"
)

// A service is the whole program as a value: everything that a configuration
// asks for, put together and ready to run.
type service struct {
	config config
	with   parts
	log    *slog.Logger

	store     *store.Store
	desk      *callback.Desk
	voice     *sounds.Voice
	studio    *studio.Studio
	menus     *menus.Keeper
	editor    *editor.Editor
	accounts  *accounts.Registry
	publisher *hooks.Publisher
	line      *sipline.Line
	dialer    *liveline.Dialer
	twilio    *twilioline.Line // nil when there is no account
	texts     *sms.Log
	texter    scheduler.Texter
	mailer    scheduler.Texter        // nil when no server takes letters from us
	hooks     map[string]http.Handler // webhooks of lines and drivers, by path
	sched     *scheduler.Scheduler
	counts    *web.Counter
	pages     *web.Server
	board     *board.Server
	http      net.Listener
	began     time.Time    // by a clock that cannot jump
	socket    net.Listener // for commands
}

// parts is what the demo and tests put in the place of the real thing.
type parts struct {
	now    func() time.Time
	tick   time.Duration                     // how closely the scheduler looks; its own when 0
	desk   func(*callback.Desk) sipline.Desk // stands between the line and the desk
	texts  func(sms.Text)                    // sees each text that leaves
	twilio http.RoundTripper                 // carries requests to Twilio; nil for the network
	demo   bool                              // shows texts on a page, and takes answers there
	phone  http.Handler                      // the telephone of the demo in the browser; nil without
	hurry  <-chan struct{}                   // closed when calls shall end at once
}

// newService builds the service of a configuration. Close it, or run it.
func newService(ctx context.Context, c config, log *slog.Logger, with parts) (*service, error) {
	if with.now == nil {
		with.now = time.Now
	}
	s := &service{config: c, with: with, log: log, began: time.Now()}
	for _, build := range []func(context.Context) error{s.buildDesk, s.buildCommands, s.buildVoice, s.buildMenus, s.buildLine, s.buildTwilio, s.buildTexts, s.buildMail, s.buildPages, s.buildAccounts} {
		if err := build(ctx); err != nil {
			return nil, errors.Join(notStarted(err), s.close())
		}
	}
	s.buildScheduler()
	return s, nil
}

// close gives back what was opened, in the opposite order.
func (s *service) close() error {
	var errs []error
	for _, ln := range []net.Listener{s.http, s.socket} {
		if ln == nil {
			continue
		}
		if err := ln.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if s.twilio != nil {
		errs = append(errs, s.twilio.Close())
	}
	if s.line != nil {
		errs = append(errs, s.line.Close())
	}
	if s.voice != nil {
		errs = append(errs, s.voice.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}

// storeConfig is where the data are.
func (c config) storeConfig() store.Config {
	return store.Config{Database: c.Database, Dir: c.Data, Beside: c.recordingsDir()}
}

// newDesk opens the data of a configuration and puts a desk on it.
func newDesk(ctx context.Context, c config, log *slog.Logger) (localDesk, func(), error) {
	kept, err := store.Open(ctx, c.storeConfig())
	if err != nil {
		return localDesk{}, nil, unusable("open data: %w", err)
	}
	d, err := callback.New(c.Config)
	if err != nil {
		return localDesk{}, nil, errors.Join(unusable("read configuration: %w", err), kept.Close())
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	d.Store, d.Menus, d.Text = kept, c.menus, sms.Folding(sounds.Text, c.SMS.Fold)
	d.Lang = c.Languages[0]
	d.Messages, d.TextsPerSecond = sms.Segments, c.SMS.PerSecond
	d.Mailbox = c.mailbox()
	d.Boot, d.Host, d.Log = rand.Text(), host, log
	d.Alone = c.Database == "" // the file is locked: nobody else can have it open
	done := func() {
		if err := kept.Close(); err != nil {
			log.Warn("database not closed", "err", err)
		}
	}
	return localDesk{d, kept}, done, nil
}

func (s *service) buildDesk(ctx context.Context) error {
	d, _, err := newDesk(ctx, s.config, s.log)
	if err != nil {
		return err
	}
	s.store, s.desk = d.store, d.Desk
	s.desk.Now = s.with.now
	return nil
}

func (s *service) buildVoice(context.Context) error {
	dir := s.config.recordingsDir()
	if s.config.Sounds.Override == "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("folder of recordings: %w", err)
		}
	}
	conf := s.config.voiceConfig()
	conf.Log = s.log
	v, err := sounds.New(conf)
	if err != nil {
		return fmt.Errorf("load sounds: %w", err)
	}
	s.voice = v
	s.studio = &studio.Studio{Voice: v, Dir: dir, Own: s.own, Store: s.store, Now: s.with.now, Log: s.log}
	s.desk.Studio = s.studio
	box := s.config.mailbox()
	box.Taken = v.Taken
	s.desk.Mailbox = box
	return nil
}

// own is what the menus say in words of their own that callers meet just now.
func (s *service) own() []sounds.Own {
	live := s.desk.Live()
	all := maps.Clone(live.Menus)
	for name, r := range live.Trials {
		all[name+" on trial"] = r.Menu
	}
	return ownWords(all, s.config.Languages)
}

func (s *service) buildLine(context.Context) error {
	var d sipline.Desk = s.desk
	if s.with.desk != nil {
		d = s.with.desk(s.desk)
	}
	l, err := sipline.New(s.config.SIP, sipline.Ports{
		Desk: d, Voice: s.voice, Check: s.desk.MayRing, Phones: s.desk.Phones, Now: s.with.now, Log: s.log,
	})
	if err != nil {
		return fmt.Errorf("open the SIP line: %w; see sip in the configuration, and that no other program has the port", err)
	}
	s.line, s.dialer = l, liveline.NewDialer(l.Holder())
	return nil
}

func (s *service) buildScheduler() {
	conf := scheduler.DefaultConfig()
	if s.with.tick > 0 {
		conf.Tick, conf.Sweep = s.with.tick, s.with.tick
	}
	s.sched = &scheduler.Scheduler{
		Desk: s.desk, Dialer: s.dialers(), Texter: s.carriers(), Config: conf, Now: s.with.now, Log: s.log,
	}
}
