// Package twilioline is the line to Twilio: each webhook is one event of a
// talk, and each TwiML document is one turn.
//
// The line keeps nothing of its own. Which talk a webhook belongs to, at which
// turn, and who waits for whom, is written in the address that Twilio was
// given; all else is asked of the desk. So a webhook may come doubled, late,
// out of order, after a restart, or to another process.
package twilioline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/limits"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/scheduler"
	"github.com/holdless/holdless/sounds"
)

// name is what talks call this line.
const name = "twilio"

// A Desk takes what happened in talks, says what comes next, and remembers the
// calls that were placed.
type Desk interface {
	Talks
	Ledger
	Transfers
}

// Talks are conversations.
type Talks interface {
	Answer(ctx context.Context, in callback.Inbound) (ivr.Turn, error)
	Next(ctx context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error)
	Talk(ctx context.Context, id string) (callback.Talk, error)
	Moved(talk string, turn int) (moved <-chan struct{}, stop func())
	Carried(ctx context.Context) ([]callback.Talk, error)
	Stranded(ctx context.Context) ([]callback.Talk, error)
	Idle(ctx context.Context) (phones []string, err error)
}

// Transfers are what agents ask for in mid-call, at the desk: their telephones
// cannot.
type Transfers interface {
	SendOn(ctx context.Context, s callback.SendOn) (callback.Talk, error)
	Consults(ctx context.Context, agent string) (callback.Talk, error)
	Adrift(ctx context.Context) ([]callback.Talk, error)
	Join(ctx context.Context, agent string) (with, own callback.Talk, err error)
}

// Ledger is what was promised, and who was called to keep it.
type Ledger interface {
	Show(ctx context.Context, id string) (callback.Callback, []callback.Attempt, error)
	Attempt(ctx context.Context, ref string) (callback.Attempt, error)
	Send(ctx context.Context, ref string) (bool, error)
	Forsaken(ctx context.Context, ref string) (bool, error)
	Placed(ctx context.Context, ref, provider string) error
	Ours(ctx context.Context, provider string) (bool, error)
}

// A Voice says prompts.
type Voice interface {
	Say(lang string, p ivr.Prompt) []sounds.Clip
	Waiting() sounds.Clip
	Take(wav []byte) (name string, err error) // puts aside what somebody has spoken
}

// Ports is what the line needs from the rest of the program.
type Ports struct {
	Desk  Desk
	Voice Voice
	Check func(addr string) error // asked right before each call; nil for no rule

	// OnText takes a text that somebody sent us; nil when texts are not served.
	OnText func(ctx context.Context, in callback.InText) error
	// OnStatus takes what became of a text of ours; nil to hear nothing.
	OnStatus func(ctx context.Context, r callback.Receipt) error

	Shared limits.Book // where processes count together the calls that begin; nil for one alone

	HTTP http.RoundTripper // carries requests to Twilio; nil for one of our own
	Now  func() time.Time
	Log  *slog.Logger
}

// A Line is one account at Twilio. It is an [http.Handler] for all that Twilio
// asks of us, and a [scheduler.Dialer].
type Line struct {
	config Config
	Ports
	keys   []key // of the tokens, the current one first
	bases  []string
	client *twilioapi.Client
	mux    *http.ServeMux
	askers askers

	refused refusals
	unknown strangers

	mu     sync.Mutex
	closed bool
	once   sync.Once
	quit   chan struct{}
	work   sync.WaitGroup
}

var (
	_ http.Handler     = (*Line)(nil)
	_ scheduler.Dialer = (*Line)(nil)
)

// ErrClosed means that no call is begun any more.
var ErrClosed = errors.New("line is closing")

// New returns the line of a configuration. It refuses one without a token:
// then nobody could tell Twilio's webhooks from anybody's.
func New(c Config, p Ports) (*Line, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if len(c.Tokens) == 0 || slices.Contains(c.Tokens, "") {
		return nil, errors.New("twilio.auth_token_file: without a token no webhook can be trusted")
	}
	l := &Line{config: c, Ports: p, bases: spellings(c.base()), mux: http.NewServeMux(), quit: make(chan struct{})}
	for _, token := range c.Tokens {
		k, err := newKey(token)
		if err != nil {
			return nil, err
		}
		l.keys = append(l.keys, k)
	}
	api := c.api()
	api.HTTP, api.Now, api.Missed, api.Shared = p.HTTP, p.Now, l.missed, p.Shared
	client, err := twilioapi.New(api)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	l.client = client
	l.routes()
	return l, nil
}

// Client returns the account's REST interface.
func (l *Line) Client() *twilioapi.Client { return l.client }

// Calls counts the calls that are up, as far as Twilio has told.
func (l *Line) Calls() int { return l.client.Live() }

// Run looks after calls that Twilio tells nothing of, until ctx is done.
func (l *Line) Run(ctx context.Context) error {
	var old sync.WaitGroup
	defer old.Wait()
	old.Go(func() { l.inherit(ctx) })
	return l.client.Run(ctx)
}

// Drain begins no call any more, and waits for those that are up. When ctx is
// done it leaves them to Twilio, and to whoever answers its webhooks next.
func (l *Line) Drain(ctx context.Context) error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	look := time.NewTicker(drainTick)
	defer look.Stop()
	for l.Calls() > 0 {
		select {
		case <-look.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

const drainTick = 100 * time.Millisecond

// Close ends what the line does on its own, and waits for it.
func (l *Line) Close() error {
	l.mu.Lock()
	l.closed = true
	l.once.Do(func() { close(l.quit) })
	l.mu.Unlock()
	l.work.Wait()
	return nil
}

// apart does something for which no webhook can wait. It outlives the webhook
// that asked for it, and ends with the line. A line that is closed begins
// nothing: whoever comes next over the same store does.
func (l *Line) apart(ctx context.Context, do func(context.Context)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.quit:
		return
	default:
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.work.Go(func() {
		defer stop()
		done := make(chan struct{})
		defer close(done)
		l.work.Go(func() {
			select {
			case <-l.quit:
				stop()
			case <-done:
			}
		})
		defer l.recover("task", func() {})
		do(ctx)
	})
}

// recover turns a panic into an error of one webhook or task.
func (l *Line) recover(what string, then func()) {
	if p := recover(); p != nil {
		l.Log.Error("panic", "line", name, "do", what, "err", fmt.Sprint(p), "stack", string(debug.Stack()))
		then()
	}
}
