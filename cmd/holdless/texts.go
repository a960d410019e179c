package main

import (
	"context"
	"fmt"
	"net"

	"github.com/holdless/holdless/internal/sms"
)

// buildTexts makes the driver by which texts leave. The log is always there:
// the demo shows it on a page.
func (s *service) buildTexts(context.Context) error {
	s.texts = &sms.Log{From: s.config.SMS.From, Now: s.with.now, Log: s.log, Reply: s.desk.Reply, Sent: s.with.texts}
	s.texter = s.texts
	switch s.config.SMS.Driver {
	case "log":
		return nil
	case byTwilio:
		s.texter = s.twilio
		return nil
	}
	d, err := sms.New(s.config.SMS, sms.Ports{Desk: s.desk, Base: s.config.hookBase(), Now: s.with.now, Log: s.log})
	if err != nil {
		return fmt.Errorf("prepare texts: %w; see sms in the configuration", err)
	}
	s.texter = d
	s.hook(sms.Path, d.Webhooks())
	return nil
}

// hookBase is how the software of a carrier reaches our webhooks.
func (c config) hookBase() string {
	if c.SMS.Webhooks != "" {
		return c.SMS.Webhooks
	}
	host, port, err := net.SplitHostPort(c.HTTP.Listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return "http://" + net.JoinHostPort("127.0.0.1", port)
	}
	return "http://" + c.HTTP.Listen
}
