package sounds

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/audio"
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
	dir      string  // of the operator's own recordings
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
		dir:      cfg.Override,
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
func (v *Voice) Say(lang string, p ivr.Prompt) []Clip {
	if p.Take != "" {
		return v.taken(p.Take)
	}
	return v.tongue(cmp.Or(p.Lang, lang)).say(p)
}

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
