package sounds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/grammar"
)

// Budget is how long a person waits for a sentence to be rendered before it is
// put together from pieces.
const Budget = 300 * time.Millisecond

// A tongue is one language with its sounds.
type tongue struct {
	lang     *language
	budget   time.Duration // see Budget
	engine   *speech       // nil when none is there
	shipped  map[string]Clip
	override atomic.Pointer[map[string]record] // by name, or [Slug]; replaced as a whole
	rendered *cache
	log      *slog.Logger
	done     *sync.WaitGroup
	ctx      context.Context // renderings outlive the call that asked, and end with the Voice
	mute     sync.Map        // words that nobody could say, told once
}

func newTongue(ctx context.Context, cfg Config, lang string, done *sync.WaitGroup) (*tongue, error) {
	t := &tongue{lang: speaker(lang), budget: Budget, ctx: ctx, done: done, log: cfg.Log.With("lang", lang)}
	var err error
	if t.shipped, err = shipped(t.lang.Files); err != nil {
		return nil, fmt.Errorf("sounds of %s: %w", lang, err)
	}
	own, wrong, err := overrides(cfg.Override, t.lang)
	if err != nil {
		return nil, err
	}
	t.override.Store(&own)
	if len(wrong) > 0 {
		return nil, inOrder(wrong)
	}
	if t.engine = engineFor(ctx, cfg, t.lang); t.engine != nil {
		t.rendered, err = openCache(filepath.Join(cfg.Cache, lang), t.engine.name)
	}
	return t, err
}

// inOrder is one error of many, by name.
func inOrder(wrong map[string]error) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		errs = append(errs, wrong[name])
	}
	return errors.Join(errs...)
}

// engineFor returns the engine of a language: the configured one, else
// espeak-ng, else none.
func engineFor(ctx context.Context, cfg Config, l *language) *speech {
	if cfg.Cache == "" {
		return nil
	}
	if e, ok := cfg.TTS[l.Code]; ok {
		return e.speech(l.Code)
	}
	engine, err := espeak(ctx, l.Voice)
	if err != nil {
		return nil // the shipped sounds speak
	}
	return engine
}

func (t *tongue) say(p ivr.Prompt) []Clip {
	if c, ok := t.recorded(p.Sound, p.Text); ok {
		return []Clip{c}
	}
	if c, ok := t.recorded(p.Name, t.lang.phrases[p.Name].String()); ok {
		return []Clip{c}
	}
	words := t.lang.inWords(t.lang.write(p, t.lang.Spoken))
	if _, ok := t.lang.phrases[p.Name]; !ok && p.Name != "" {
		t.mourn(words)
		return nil
	}
	if c, ok := t.sentence(words, p); ok {
		return []Clip{c}
	}
	if p.Name == "" {
		t.mourn(words)
		return nil
	}
	return t.together(p)
}

// sentence returns words as one sound, from wherever it can be had in time.
func (t *tongue) sentence(words string, p ivr.Prompt) (Clip, bool) {
	if words == "" {
		return Clip{}, false
	}
	if c, ok := t.find(words); ok {
		return c, true
	}
	// The sounds that ship have the voice of the built-in engine: what they can
	// say is put together, and nobody waits for what would be said once.
	if t.engine == nil || t.engine.builtIn && p.Text == "" {
		return Clip{}, false
	}
	return t.live(words, p)
}

// find returns a sound that is there already.
func (t *tongue) find(words string) (Clip, bool) {
	if len(*t.override.Load()) > 0 {
		if c, ok := t.recorded(Slug(words), words); ok {
			return c, true
		}
	}
	if t.engine != nil {
		if c, ok := t.rendered.get(words); ok {
			return c, true
		}
		if !t.engine.builtIn {
			return Clip{}, false // another voice; only when all else fails
		}
	}
	c, ok := t.shipped[words]
	return c, ok
}

// live has the engine say words, and waits for it as long as a caller would.
// What comes later is for the next caller.
func (t *tongue) live(words string, p ivr.Prompt) (Clip, bool) {
	over, mine := t.rendered.start(words, personal(p))
	if over == nil {
		return Clip{}, false
	}
	if mine {
		t.done.Go(func() { t.render(words, p) })
	}
	budget := time.NewTimer(t.budget)
	defer budget.Stop()
	select {
	case <-over:
		return t.rendered.get(words)
	case <-budget.C:
		return Clip{}, false
	}
}

func (t *tongue) render(words string, p ivr.Prompt) {
	ulaw, err := t.engine.speak(t.ctx, words)
	if err != nil && t.ctx.Err() == nil {
		t.log.Warn("sentence not rendered", "prompt", p.Name, "err", err)
	}
	t.rendered.finish(words, ulaw, t.log)
}

// personal reports whether a prompt says what concerns one person only: a
// number, a name, a time. That is neither stored nor logged.
func personal(p ivr.Prompt) bool {
	return p.Digits != "" || !p.At.IsZero() || p.Text != "" && p.Name != "" && p.Name != "option"
}

// together puts a prompt together from clauses, and those from pieces.
func (t *tongue) together(p ivr.Prompt) []Clip {
	var all []Clip
	for _, c := range t.lang.clauses(t.lang.phrases[p.Name], p) {
		words := t.lang.spoken(c, p)
		if clip, ok := t.any(words); ok {
			all = append(all, clip)
			continue
		}
		clips, ok := t.clause(c, p)
		if !ok && p.Key != "" {
			clips, _ = t.clause(t.lang.phrases[unsaid].sentence(grammar.Other)[0], p)
		}
		all = append(all, clips...)
	}
	return all
}

// clause puts a clause together. It is false when one piece cannot be said:
// half a clause says something else.
func (t *tongue) clause(c clause, p ivr.Prompt) ([]Clip, bool) {
	var all []Clip
	for _, piece := range t.lang.pieces(c, p) {
		clip, ok := t.any(piece.words)
		if !ok && personal(p) && piece.free {
			t.mourn("{text} of " + p.Name)
			return nil, false
		}
		if !ok {
			t.mourn(piece.words)
			return nil, false
		}
		all = append(all, clip)
	}
	return all, true
}

// any returns a sound of words in whatever voice.
func (t *tongue) any(words string) (Clip, bool) {
	if words == grammar.Pause {
		return pause, true
	}
	if c, ok := t.find(words); ok {
		return c, true
	}
	c, ok := t.shipped[words]
	return c, ok
}

// mourn tells once that nobody can say some words.
func (t *tongue) mourn(words string) {
	if _, told := t.mute.LoadOrStore(words, true); !told {
		t.log.Warn("no sound", "words", words)
	}
}

// prepare renders a text of the supervisor.
func (t *tongue) prepare(ctx context.Context, text string) bool {
	for _, words := range t.lang.freely(text) {
		if _, ok := t.find(words); ok {
			continue
		}
		ulaw, err := t.engine.speak(ctx, words)
		if err != nil {
			t.log.Warn("sentence not rendered", "words", words, "err", err)
			return false
		}
		t.rendered.put(words, ulaw, t.log)
	}
	return true
}
