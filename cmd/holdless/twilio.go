package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/limits"
	"github.com/holdless/holdless/internal/twilioline"
	"github.com/holdless/holdless/scheduler"
)

// What callbacks of a queue leave by.
const (
	bySIP    = "sip"
	byTwilio = "twilio"
)

// chooseLines gives the queues that name no line the one there is: with a
// trunk SIP, else Twilio, which then lends its number to those without one.
func (c *config) chooseLines() {
	line := bySIP
	if c.Twilio.Enabled() && len(c.SIP.Trunks) == 0 {
		line = byTwilio
	}
	for name, q := range c.Queues {
		if q.Line == "" {
			q.Line = line
		}
		if q.Line == byTwilio && q.CallerID == "" {
			q.CallerID = c.Twilio.CallerID
		}
		c.Queues[name] = q
	}
}

func (c *config) checkTwilio(r *reader) {
	err := c.Twilio.Check()
	if err == nil {
		err = c.Twilio.Read()
	}
	if err != nil {
		r.blame(err)
	}
	if c.Twilio.Enabled() {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.Queues)) {
		if c.Queues[name].Line == byTwilio {
			r.blame(fmt.Errorf("queues.%s.line: there is no line to Twilio: twilio.account_sid is empty", name))
		}
	}
	if c.SMS.Driver == byTwilio {
		r.blame(errors.New("sms.driver: there is no line to Twilio: twilio.account_sid is empty"))
	}
}

// buildTwilio opens the line to Twilio, if there is one.
func (s *service) buildTwilio(context.Context) error {
	if !s.config.Twilio.Enabled() {
		return nil
	}
	conf := s.config.Twilio
	if err := conf.Read(); err != nil {
		return err
	}
	var err error
	if conf.Self, err = s.config.linkKey(); err != nil {
		return fmt.Errorf("read the key of links: %w; see http.key_file in the configuration", err)
	}
	l, err := twilioline.New(conf, twilioline.Ports{
		Desk: s.desk, Voice: s.voice, Check: s.desk.MayRing, Now: s.with.now, Log: s.log, HTTP: s.with.twilio,
		OnText:   func(ctx context.Context, in callback.InText) error { _, err := s.desk.Reply(ctx, in); return err },
		OnStatus: s.desk.Receipt, Shared: s.together(),
	})
	if err != nil {
		return fmt.Errorf("open the line to Twilio: %w; see twilio in the configuration", err)
	}
	s.twilio = l
	s.hook(twilioline.Path, l)
	return nil
}

// together is where processes count what they may do together only; nil for a
// process that is alone.
func (s *service) together() limits.Book {
	book := s.store.Limits()
	if _, alone := book.(*limits.Memory); alone {
		return nil
	}
	return book
}

// hook adds the webhooks of a line or a driver.
func (s *service) hook(path string, h http.Handler) {
	if s.hooks == nil {
		s.hooks = map[string]http.Handler{}
	}
	s.hooks[path] = h
}

// calls counts the calls that are up.
func (s *service) calls() int {
	n := s.line.Calls()
	if s.twilio != nil {
		n += s.twilio.Calls()
	}
	return n
}

// dialers sends each call by the line that its queue names.
type dialers map[string]scheduler.Dialer

// Dial implements [scheduler.Dialer].
func (d dialers) Dial(ctx context.Context, r callback.Ring) error {
	line := d[r.Line]
	if line == nil {
		return fmt.Errorf("dial %s: there is no line %q", r.Ref, r.Line)
	}
	return line.Dial(ctx, r)
}

func (s *service) dialers() dialers {
	d := dialers{bySIP: s.dialer, "": s.dialer}
	if s.twilio != nil {
		d[byTwilio] = s.twilio
	}
	return d
}
