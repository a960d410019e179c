package sipline

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/ivr"
)

// maxKeys bounds an input that a menu does not bound.
const maxKeys = 32

// Keys implements [liveline.Leg].
func (l *leg) Keys(ctx context.Context, in ivr.Listen) (string, error) {
	limit, wait := in.Max, in.Wait
	if limit <= 0 {
		limit = maxKeys
	}
	var keys []byte
	next := l.firstKey
	for len(keys) < limit {
		k, err := next(ctx, wait)
		next = l.key
		switch {
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			return string(keys), nil // nothing more in time
		case err != nil:
			return string(keys), err
		case in.Finish != "" && string(k) == in.Finish:
			return string(keys), nil
		}
		keys = append(keys, k)
		if in.Gap > 0 {
			wait = in.Gap
		}
	}
	return string(keys), nil
}

// unheard is how long nothing may come from a telephone before we doubt that
// its user has heard us.
const unheard = 10 * time.Second

// lookEvery is how often we look whether sound has come back.
const lookEvery = time.Second

// firstKey waits for a key. When sound comes back that was gone for long, what
// was said may not have been heard: [liveline.ErrUnheard].
func (l *leg) firstKey(ctx context.Context, wait time.Duration) (byte, error) {
	late := time.Now().Add(wait)
	for {
		if l.stream.Pause() >= unheard && !l.stream.Pending() {
			return 0, liveline.ErrUnheard
		}
		k, err := l.key(ctx, min(time.Until(late), lookEvery))
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil || !time.Now().Before(late) {
			return k, err
		}
	}
}

func (l *leg) key(ctx context.Context, wait time.Duration) (byte, error) {
	ctx, stop := context.WithTimeout(ctx, wait)
	defer stop()
	k, err := l.stream.Key(ctx)
	if err != nil && l.isGone() {
		return 0, io.EOF
	}
	return k, err
}
