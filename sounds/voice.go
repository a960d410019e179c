package sounds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/audio"
	"github.com/holdless/holdless/sounds/grammar"
)

// Config says which languages are spoken, and with what voice.
type Config struct {
	Languages []string          `yaml:"languages"` // those to load; all when empty
	Override  string            `yaml:"override"`  // folder of the operator's own recordings: <lang>/<name>.wav; "" for none
	Cache     string            `yaml:"cache"`     // folder of rendered sentences; "" uses no speech engine
	TTS       map[string]Engine `yaml:"tts"`       // speech engines by language; espeak-ng speaks the others, where it is installed
	Log       *slog.Logger      `yaml:"-"`

	// Texts are the supervisor's own words, by language. An engine renders
	// them in the background, so that no caller waits for it.
	Texts map[string][]string `yaml:"-"`
}

func (c Config) check() error {
	var errs []error
	for _, lang := range c.Languages {
		if !Known(lang) {
			errs = append(errs, fmt.Errorf("languages: %q is not one of %q", lang, Languages()))
		}
	}
	for lang, e := range c.TTS {
		if !Known(lang) {
			errs = append(errs, fmt.Errorf("tts: %q is not one of %q", lang, Languages()))
		}
		if err := e.check(); err != nil {
			errs = append(errs, fmt.Errorf("tts: %s: %w", lang, err))
		}
		if c.Cache == "" {
			errs = append(errs, fmt.Errorf("tts: %s: a speech engine needs a folder for what it renders", lang))
		}
	}
	return errors.Join(errs...)
}

// A Voice speaks prompts. All calls share it.
type Voice struct {
	tongues  map[string]*tongue
	first    *tongue // speaks for languages that are not loaded
	ringback Clip
	waiting  Clip
	stop     context.CancelFunc
	done     sync.WaitGroup
}

// New loads the sounds of the configured languages. An error lists everything
// that is wrong with the configuration and with the recordings.
func New(cfg Config) (*Voice, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if len(cfg.Languages) == 0 {
		cfg.Languages = Languages()
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	v := &Voice{
		tongues:  make(map[string]*tongue, len(cfg.Languages)),
		ringback: newClip(audio.Encode(audio.Ringback())),
		waiting:  newClip(audio.Encode(audio.Waiting())),
		stop:     stop,
	}
	if err := v.load(ctx, cfg); err != nil {
		stop()
		return nil, err
	}
	v.first = v.tongues[cfg.Languages[0]]
	v.done.Go(func() { v.foresee(ctx, cfg.Texts) })
	return v, nil
}

// foresee prepares the texts of all languages, and tells which cannot be said.
func (v *Voice) foresee(ctx context.Context, texts map[string][]string) {
	for lang, all := range texts {
		for _, text := range v.Prepare(ctx, lang, all) {
			if ctx.Err() == nil {
				v.tongue(lang).mourn(text)
			}
		}
	}
}

// load reads the languages side by side.
func (v *Voice) load(ctx context.Context, cfg Config) error {
	tongues := make([]*tongue, len(cfg.Languages))
	errs := make([]error, len(cfg.Languages))
	var wg sync.WaitGroup
	for i, lang := range cfg.Languages {
		wg.Go(func() { tongues[i], errs[i] = newTongue(ctx, cfg, lang, &v.done) })
	}
	wg.Wait()
	for i, lang := range cfg.Languages {
		v.tongues[lang] = tongues[i]
	}
	return errors.Join(errs...)
}

// Close stops renderings under way and waits for them.
func (v *Voice) Close() error {
	v.stop()
	v.done.Wait()
	return nil
}

// Say returns the sound of a prompt, one clip after the other. It never fails:
// what cannot be said is logged and left out. It looks, in this order, for the
// operator's recording, a rendering of the whole sentence, an engine that
// renders it within [Budget], and the sounds that ship with holdless.
func (v *Voice) Say(lang string, p ivr.Prompt) []Clip { return v.tongue(lang).say(p) }

func (v *Voice) tongue(lang string) *tongue {
	if t, ok := v.tongues[lang]; ok {
		return t
	}
	return v.first
}

// Waiting returns the sound to hear while another party is rung, made to be
// repeated without a seam.
func (v *Voice) Waiting() Clip { return v.waiting }

// Ringback returns one period of the ringing tone: one second of tone, four
// of silence.
func (v *Voice) Ringback() Clip { return v.ringback }

// Missing returns those of the supervisor's own texts that cannot be said: no
// recording, no rendering, no engine. A label of a menu that is missing is
// said as "Option:".
func (v *Voice) Missing(lang string, texts []string) []string {
	t := v.tongue(lang)
	if t.engine != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool {
		_, ok := t.find(t.lang.inWords(text))
		return ok || text == ""
	})
}

// Prepare renders the supervisor's own texts of a language ahead of the first
// call. It returns those that cannot be said.
func (v *Voice) Prepare(ctx context.Context, lang string, texts []string) []string {
	t := v.tongue(lang)
	if t.engine == nil {
		return v.Missing(lang, texts)
	}
	var missing []string
	for _, text := range texts {
		if text != "" && !t.prepare(ctx, text) {
			missing = append(missing, text)
		}
	}
	return missing
}

// Warm renders everything that ships with holdless anew in the voices of the
// configured engines, so that no call waits for one.
func (v *Voice) Warm(ctx context.Context, tell Progress) error {
	var errs []error
	for _, t := range v.tongues {
		if t.engine == nil || t.engine.builtIn {
			continue
		}
		errs = append(errs, t.warm(ctx, tell))
	}
	return errors.Join(errs...)
}

// Budget is how long a person waits for a sentence to be rendered before it is
// put together from pieces.
const Budget = 300 * time.Millisecond

// A tongue is one language with its sounds.
type tongue struct {
	lang     *language
	budget   time.Duration // see Budget
	engine   *speech       // nil when none is there
	shipped  map[string]Clip
	override map[string]Clip // by [Slug]
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
	if t.override, err = overrides(cfg.Override, t.lang); err != nil {
		return nil, err
	}
	if t.engine = engineFor(ctx, cfg, t.lang); t.engine != nil {
		t.rendered, err = openCache(filepath.Join(cfg.Cache, lang), t.engine.name)
	}
	return t, err
}

// engineFor returns the engine of a language: the configured one, else
// espeak-ng, else none.
func engineFor(ctx context.Context, cfg Config, l *language) *speech {
	if cfg.Cache == "" {
		return nil
	}
	if e, ok := cfg.TTS[l.code]; ok {
		return custom(e)
	}
	engine, err := espeak(ctx, l.Voice)
	if err != nil {
		return nil // the shipped sounds speak
	}
	return engine
}

func (t *tongue) say(p ivr.Prompt) []Clip {
	if c, ok := t.override[p.Name]; ok && p.Name != "" {
		return []Clip{c}
	}
	words := t.lang.inWords(t.lang.write(p, t.lang.Spoken))
	if _, ok := t.lang.phrases[p.Name]; !ok && p.Name != "" {
		t.mourn(words)
		return nil
	}
	if c, ok := t.sentence(words); ok {
		return []Clip{c}
	}
	if p.Name == "" {
		t.mourn(words)
		return nil
	}
	return t.together(p)
}

// sentence returns words as one sound, from wherever it can be had in time.
func (t *tongue) sentence(words string) (Clip, bool) {
	if words == "" {
		return Clip{}, false
	}
	if c, ok := t.find(words); ok {
		return c, true
	}
	if t.engine == nil {
		return Clip{}, false
	}
	return t.live(words)
}

// find returns a sound that is there already.
func (t *tongue) find(words string) (Clip, bool) {
	if len(t.override) > 0 {
		if c, ok := t.override[Slug(words)]; ok {
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
func (t *tongue) live(words string) (Clip, bool) {
	over, mine := t.rendered.start(words)
	if over == nil {
		return Clip{}, false
	}
	if mine {
		t.done.Go(func() { t.render(words) })
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

func (t *tongue) render(words string) {
	ulaw, err := t.engine.speak(t.ctx, words)
	if err != nil && t.ctx.Err() == nil {
		t.log.Warn("sentence not rendered", "err", err)
	}
	t.rendered.finish(words, ulaw, t.log)
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
			t.log.Warn("sentence not rendered", "err", err)
			return false
		}
		t.rendered.put(words, ulaw, t.log)
	}
	return true
}

func (t *tongue) warm(ctx context.Context, tell Progress) error {
	var jobs []job
	for _, words := range t.lang.repertoire() {
		if !t.rendered.has(words) {
			jobs = append(jobs, job{words, t.rendered.file(words)})
		}
	}
	return renderAll(ctx, t.engine, jobs, tell)
}
