package sipline

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// The measure of what the SIP library may write: it logs whatever strangers
// send, whole, at level error.
const (
	logPerSecond = 5
	logBurst     = 20
	logCut       = 120
)

// newQuiet returns the logger that sipgo writes to.
func newQuiet(log *slog.Logger) *slog.Logger {
	return slog.New(&quiet{next: log.Handler(), pace: &pace{bucket: bucket{tokens: logBurst}}})
}

// quiet is a handler that lets few records pass, short and escaped.
type quiet struct {
	next slog.Handler
	pace *pace
}

type pace struct {
	mu      sync.Mutex
	bucket  bucket
	dropped int
}

func (q *quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.next.Enabled(ctx, slog.LevelWarn)
}

// Handle writes the record as a warning: what a stranger sends is nothing that
// a person must get up for.
func (q *quiet) Handle(ctx context.Context, r slog.Record) error {
	dropped, ok := q.pace.take(r.Time)
	if !ok {
		return nil
	}
	out := slog.NewRecord(r.Time, slog.LevelWarn, "sip library: "+cut(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(slog.String(a.Key, cut(a.Value.String())))
		return true
	})
	if dropped > 0 {
		out.AddAttrs(slog.Int("dropped", dropped))
	}
	return q.next.Handle(ctx, out)
}

func (q *quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &quiet{next: q.next.WithAttrs(attrs), pace: q.pace}
}

func (q *quiet) WithGroup(string) slog.Handler { return q }

func (p *pace) take(now time.Time) (dropped int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.bucket.take(now, logPerSecond, logBurst) {
		p.dropped++
		return 0, false
	}
	dropped, p.dropped = p.dropped, 0
	return dropped, true
}

// cut shortens and escapes what came from outside.
func cut(s string) string {
	if len(s) > logCut {
		s = s[:logCut] + "…"
	}
	s = strconv.QuoteToGraphic(s)
	return s[1 : len(s)-1]
}
