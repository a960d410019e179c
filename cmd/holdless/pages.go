package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/sms"
	"github.com/holdless/holdless/internal/web"
	"github.com/holdless/holdless/sounds"
)

func (s *service) buildPages(ctx context.Context) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.config.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("listen for pages: %w; see http.listen in the configuration, and that no other program has the port", err)
	}
	s.http = ln
	s.counts = web.NewCounter(s.store, s.log)
	if err := s.counts.Begin(ctx); err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	s.counts.Gauge("holdless_calls_live", "Calls that are up.", func() float64 { return float64(s.calls()) })
	s.counts.Gauge("holdless_trunks_usable", "Trunks that take calls.", func() float64 { return float64(s.usable()) })
	s.counts.Gauge("holdless_menus_broken", "Files of menus, and the configuration, that are not used as they are because of mistakes.",
		func() float64 { return float64(len(s.menus.Faults())) })
	s.counts.Gauge("holdless_orders_late_seconds", "How long the oldest order has been due.", s.late)
	if s.twilio != nil {
		s.counts.Counts("holdless_webhooks_refused_total", "Webhooks that came for Twilio and were refused: by method, address, form, repeated or unknown parameters, account or signature.", "reason", s.twilio.Refused)
	}
	s.counts.Gauge("holdless_dialing_stopped", "1 while no customer is dialled: stopped, or a limit is reached.", s.halted)
	s.showWaits()
	s.editor = s.newEditor()
	s.pages = &web.Server{
		Menus:   s.editor.Handler(),
		Metrics: s.counts.Handler(), Insiders: s.config.HTTP.Metrics,
		Zone: s.config.zoneOf, Now: s.with.now, Checks: s.checks(), Limits: s.store.Limits(), Log: s.log, Hooks: s.hooks,
	}
	s.board = s.newBoard()
	s.pages.Reports = s.newReports().Handler()
	s.pages.Board, s.pages.Wall = s.board.Handler(), s.newWall().Handler()
	s.pages.Languages, s.pages.Words = s.config.Languages, sounds.Text
	if err := s.buildLinks(); err != nil {
		return err
	}
	if s.with.demo {
		s.pages.Outbox, s.pages.Phone = outbox{s.texts}, s.with.phone
	}
	return nil
}

func (s *service) trunksUp(context.Context) error {
	var down []string
	trunks := s.line.Trunks()
	for _, t := range trunks {
		if !t.Usable() {
			down = append(down, t.Name+": "+t.Err)
		}
	}
	if len(down) == len(trunks) && len(down) > 0 {
		return errors.New("no trunk takes calls: " + strings.Join(down, ", "))
	}
	return nil
}

func (s *service) usable() (n int) {
	for _, t := range s.line.Trunks() {
		if t.Usable() {
			n++
		}
	}
	return n
}

// halted is 1 while nobody is dialled; NaN when the database does not say.
func (s *service) halted() float64 {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	now, err := s.desk.Dialing(ctx)
	switch {
	case err != nil:
		return math.NaN()
	case now.Stopped, now.Waits != "":
		return 1
	}
	return 0
}

// late is how many seconds the oldest order waits to be carried out; NaN when
// the database does not say.
func (s *service) late() float64 {
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	next, err := s.desk.NextDue(ctx, time.Time{})
	if err != nil {
		return math.NaN()
	}
	if now := s.with.now(); !next.IsZero() && next.Before(now) {
		return now.Sub(next).Seconds()
	}
	return 0
}

// outbox shows the texts of the log driver on a page.
type outbox struct{ texts *sms.Log }

// Texts implements [web.Outbox].
func (o outbox) Texts() []web.Text {
	var all []web.Text
	for _, t := range o.texts.Outbox() {
		all = append(all, web.Text{At: t.At, To: t.To, Body: t.Body, Segments: t.Segments})
	}
	return all
}

// Answer implements [web.Outbox].
func (o outbox) Answer(ctx context.Context, from callback.Phone, body string) (bool, error) {
	return o.texts.Answer(ctx, from, body)
}
