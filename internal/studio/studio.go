// Package studio has what callers hear by number: who listens to it, says it
// anew, or takes a recording back, by telephone and on a page.
package studio

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
	"github.com/holdless/holdless/sounds/audio"
)

// A Studio looks after the recordings of one voice. Its fields are set once,
// before use.
type Studio struct {
	Voice *sounds.Voice
	Dir   string              // of the recordings
	Own   func() []sounds.Own // what the menus say in words of their own, just now
	Store callback.Store      // takes down who changed what
	Now   func() time.Time
	Log   *slog.Logger

	changing sync.Mutex // is held by who changes recordings
}

var _ callback.Studio = (*Studio)(nil)

// Scripts lists what can be recorded.
func (s *Studio) Scripts() []sounds.Script { return s.Voice.Scripts(s.Own()) }

// Find returns the script with a number.
func (s *Studio) Find(number string) (sounds.Script, bool) {
	all := s.Scripts()
	i := slices.IndexFunc(all, func(one sounds.Script) bool { return one.Number == number })
	if i < 0 {
		return sounds.Script{}, false
	}
	return all[i], true
}

// Script implements [callback.Studio].
func (s *Studio) Script(number string) (ivr.Prompt, bool) {
	one, ok := s.Find(number)
	return one.Prompt, ok
}

// Judge implements [callback.Studio].
func (s *Studio) Judge(take string) (string, error) {
	wav, err := s.Voice.Taken(take)
	if err != nil {
		return "", err
	}
	return sounds.Judge(wav)
}

// Keep implements [callback.Studio].
func (s *Studio) Keep(take, number, actor string) (name string, put func() error, err error) {
	one, ok := s.Find(number)
	if !ok {
		return "", nil, fmt.Errorf("prompt %s: %w", number, callback.ErrNotFound)
	}
	wav, err := s.Voice.Taken(take)
	if err != nil {
		return "", nil, err
	}
	put, err = s.prepare(one, wav, actor)
	return one.Lang + "/" + one.Name, put, err
}

// prepare makes a recording ready; put brings it before the next caller.
func (s *Studio) prepare(one sounds.Script, wav []byte, actor string) (put func() error, err error) {
	draft, err := sounds.Prepare(s.Dir, sounds.Recording{
		Lang: one.Lang, Name: one.Name, Words: one.Words, By: actor, At: s.Now(), WAV: wav,
	})
	if err != nil {
		return nil, err
	}
	return func() error { return s.change(draft.Put) }, nil
}

// change changes recordings, and what the next caller hears.
func (s *Studio) change(how func() error) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	if err := how(); err != nil {
		return err
	}
	s.reload()
	return nil
}

// reload has the voice take what lies in the folder. What is wrong with the
// recordings of others is told, and keeps nobody's from being heard.
func (s *Studio) reload() {
	if err := s.Voice.Reload(); err != nil {
		s.Log.Warn("recordings not used", "err", err)
	}
}

// Upload has callers hear a recording from now on, and returns its script as it
// is then.
func (s *Studio) Upload(ctx context.Context, number string, wav []byte, actor string) (sounds.Script, error) {
	one, ok := s.Find(number)
	if !ok {
		return one, fmt.Errorf("prompt %s: %w", number, callback.ErrNotFound)
	}
	put, err := s.prepare(one, wav, actor)
	if err != nil {
		return one, err
	}
	return s.told(ctx, one, "uploaded", actor, put)
}

// TakeBack removes a recording: callers hear again what they heard without it.
func (s *Studio) TakeBack(ctx context.Context, number, actor string) (sounds.Script, error) {
	one, ok := s.Find(number)
	if !ok {
		return one, fmt.Errorf("prompt %s: %w", number, callback.ErrNotFound)
	}
	if there, _ := s.Voice.Recorded(one.Lang, one.Name, ""); !there {
		return one, fmt.Errorf("recording %s/%s: %w", one.Lang, one.Name, callback.ErrNotFound)
	}
	return s.told(ctx, one, "taken back", actor, func() error {
		return s.change(func() error { return sounds.TakeBack(s.Dir, one.Lang, one.Name) })
	})
}

// told writes down who changes what before it is changed: nothing changes of
// which nobody knows. It returns the script as it is then.
func (s *Studio) told(ctx context.Context, one sounds.Script, what, actor string, change func() error) (sounds.Script, error) {
	if err := s.tell(ctx, one, what, actor); err != nil {
		return one, err
	}
	if err := change(); err != nil {
		return one, err
	}
	fresh, _ := s.Find(one.Number)
	return fresh, nil
}

// tell writes down who changed what.
func (s *Studio) tell(ctx context.Context, one sounds.Script, what, actor string) error {
	return s.Store.Update(ctx, func(tx callback.Tx) error {
		return tx.Record(callback.Entry{
			At: s.Now(), Kind: "menu.recording", Name: one.Lang + "/" + one.Name, Value: what, Actor: actor,
		})
	})
}

// Play returns what callers hear under a number, as a WAV file.
func (s *Studio) Play(number string) ([]byte, bool) {
	one, ok := s.Find(number)
	if !ok {
		return nil, false
	}
	var ulaw []byte
	for _, c := range s.Voice.Say(one.Lang, one.Prompt) {
		ulaw = append(ulaw, c.PCMU...)
	}
	return audio.WAV(ulaw), len(ulaw) > 0
}

// lookEvery is how often the folder is looked at, and forgetEvery how often takes
// that nobody has kept are removed.
const (
	lookEvery   = 500 * time.Millisecond
	forgetEvery = 10 * time.Minute
)

// Run sees when somebody drops a recording into the folder, or takes one out,
// until ctx is done. A file has to be the same twice, so that nothing half
// written is taken.
func (s *Studio) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	seen := s.Voice.Look()
	s.reload() // what came since the voice was loaded
	s.adopt()
	old := time.NewTicker(forgetEvery)
	defer old.Stop()
	s.Voice.Forget(time.Now())
	for fresh := seen; ; {
		select {
		case <-tick.C:
		case <-old.C:
			s.Voice.Forget(time.Now())
			continue
		case <-ctx.Done():
			return nil
		}
		now := s.Voice.Look()
		if now != seen && now == fresh {
			seen = now // what changes from here on is looked at again
			s.reload()
			s.adopt()
		}
		fresh = now
	}
}

// adopt writes down what recordings say of which nobody has.
func (s *Studio) adopt() {
	s.changing.Lock()
	defer s.changing.Unlock()
	n, err := s.Voice.Adopt(s.Own(), s.Now())
	if err != nil {
		s.Log.Warn("what recordings say is not written beside them; they will not go stale", "err", err)
	}
	if n > 0 && err == nil {
		s.reload()
	}
}
