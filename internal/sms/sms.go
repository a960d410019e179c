// Package sms sends text messages, counts what they cost, and takes replies.
//
// A driver is one way to a carrier: [Kannel], which opens SMPP, modems and
// other gates, [HTTP] for any other service that takes requests, and [Log],
// which sends nothing. What the carrier tells comes in by webhooks, each of
// which fails closed.
package sms

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/scheduler"
)

// A Desk takes what people write, and what carriers tell of our texts.
type Desk interface {
	Reply(ctx context.Context, in callback.InText) (answered bool, err error)
	Receipt(ctx context.Context, r callback.Receipt) error
}

var _ Desk = (*callback.Desk)(nil)

// Ports are what a driver works with.
type Ports struct {
	Desk Desk
	Base string // how the carrier's software reaches our webhooks: http://127.0.0.1:8080
	Now  func() time.Time
	Log  *slog.Logger
}

// A Driver sends texts, and takes what its carrier tells of them.
type Driver interface {
	scheduler.Texter
	// Webhooks answers under Path. It lets nobody in who does not know the secret.
	Webhooks() http.Handler
}

// Path is where the webhooks of all drivers are.
const Path = "/sms/v1/"

// New makes the driver that a configuration asks for. [Log] is not made here:
// it has no carrier.
func New(c Config, p Ports) (Driver, error) {
	switch c.Driver {
	case "kannel":
		return newKannel(c, p)
	case "http":
		return newHTTP(c, p)
	}
	return nil, fmt.Errorf("no driver %q", c.Driver)
}

// longest is how long a carrier may try to deliver a text: an answer or a
// promise is news for so long at most.
const longest = 4 * time.Hour

// validity is how long a carrier may try, in whole minutes. It ends before
// the text has lost its meaning, or somebody's night begins.
func validity(m callback.Message, now time.Time) time.Duration {
	v := longest
	if !m.Until.IsZero() {
		v = min(v, m.Until.Sub(now))
	}
	return max(v.Truncate(time.Minute), time.Minute)
}
