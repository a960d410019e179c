package twilioline

import (
	"context"
	"time"

	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
)

// Somebody who stands in line hears a document that is played to its end: his
// place, and music until it is told again. A key ends it, and so does the desk
// when it is his turn: his call is sent to another document.

// pieces is how often the music is played until a place is told again.
func (l *Line) pieces(every time.Duration) int {
	piece := l.Voice.Waiting().Duration()
	if piece <= 0 {
		return 1
	}
	return max(1, int(every/piece))
}

// standBy waits until it is the turn of somebody in line, and puts him through
// in that moment. Moved must have been asked for before Twilio had the turn: else
// a key of his could count as his turn, and he would hear its answer twice.
func (l *Line) standBy(ctx context.Context, s side, t ivr.Turn, moved <-chan struct{}) {
	asked := time.NewTimer(2 * t.Listen.Wait) // by then Twilio has asked what he hears next
	defer asked.Stop()
	select {
	case <-moved:
	case <-asked.C:
		return
	case <-ctx.Done():
		return
	}
	if err := l.callUp(ctx, s, t.No); err != nil {
		l.Log.Warn("caller was not called up", "line", name, "talk", s.talk, "err", err)
	}
}

// callUp has the agent rung, and the music ended. Should that fail, the caller
// comes by himself when the music is over.
func (l *Line) callUp(ctx context.Context, s side, turn int) error {
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	if _, err := l.take(ctx, s, turn, ivr.Event{Kind: ivr.Free}); err != nil {
		return err
	}
	_, err := l.client.Redirect(ctx, s.sid, l.turn(side{talk: s.talk}, 0, doAgain))
	if err != nil && twilioapi.ClassOf(err) == twilioapi.Rejected {
		return nil // he has hung up
	}
	return err
}
