package twilioline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/holdless/holdless/internal/twilioapi"
)

const (
	strayAfter = 30 * time.Second // how long a call goes on of which the desk knows nothing
	roundEvery = time.Minute      // Twilio is asked which calls go on
)

// strays are calls to agents whom the desk keeps busy with nothing, by SID, and
// since when that is so; and when Twilio was last asked.
type strays struct {
	since map[string]time.Time
	asked time.Time
}

// round ends calls to agents that nobody tells any more what they do: who was to
// fetch an agent out of a conference died before he did. To the desk the agent
// is free. Others may call him over the same account: that is nothing to us.
func (l *Line) round(ctx context.Context, lost *strays) error {
	now := l.Now()
	if len(lost.since) == 0 && now.Sub(lost.asked) < roundEvery {
		return nil
	}
	lost.asked = now
	calls, err := l.client.Calls(ctx, twilioapi.CallFilter{Status: twilioapi.InProgress, Max: listed})
	if err != nil || len(calls) == 0 {
		clear(lost.since)
		return err
	}
	idle, err := l.Desk.Idle(ctx)
	if err != nil {
		return fmt.Errorf("find agents: %w", err)
	}
	seen := map[string]time.Time{}
	for _, c := range calls {
		if c.Direction != "outbound-api" || !slices.Contains(idle, c.To) {
			continue
		}
		since, ours, err := l.straysSince(ctx, c, lost)
		if err != nil {
			return fmt.Errorf("find call %s: %w", c.SID, err)
		}
		if !ours {
			continue
		}
		if seen[c.SID] = since; now.Sub(since) < strayAfter {
			continue
		}
		l.Log.Warn("call to an agent ended, who was left alone in it", "line", name, "call", c.SID)
		if _, err := l.client.Complete(ctx, c.SID); err != nil && twilioapi.ClassOf(err) != twilioapi.Rejected {
			return err
		}
	}
	lost.since = seen
	return nil
}

// straysSince says since when a call of ours is one of which the desk knows
// nothing; false for a call of others.
func (l *Line) straysSince(ctx context.Context, c twilioapi.Call, lost *strays) (since time.Time, ours bool, err error) {
	if since, again := lost.since[c.SID]; again {
		return since, true, nil
	}
	ours, err = l.Desk.Ours(ctx, c.SID)
	return lost.asked, ours, err
}
