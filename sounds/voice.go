package sounds

import (
	"context"
	"log/slog"
	"time"

	"github.com/holdless/holdless/ivr"
)

// Config says which languages are spoken, and with what voice.
type Config struct {
	Languages []string          `yaml:"languages"` // those to load; empty for all
	Override  string            `yaml:"override"`  // folder of the operator's own recordings: <lang>/<name>.wav
	Cache     string            `yaml:"cache"`     // folder of rendered sentences; "" renders nothing
	TTS       map[string]Engine `yaml:"tts"`       // speech engine by language; espeak-ng serves the others, when it is installed
	Log       *slog.Logger      `yaml:"-"`
}

// An Engine is a program that turns text on its input into a WAV file on its
// output.
type Engine struct {
	Exec    []string      `yaml:"exec"`    // program and arguments
	Timeout time.Duration `yaml:"timeout"` // how long one sentence may take, 10s when 0
}

// A Voice speaks prompts.
type Voice struct{}

// New loads the sounds of the configured languages.
func New(Config) (*Voice, error) { return &Voice{}, nil }

// Close waits for renderings under way.
func (v *Voice) Close() error { return nil }

// Say returns the sound of a prompt. It never fails: what cannot be said is
// logged and left out.
func (v *Voice) Say(lang string, p ivr.Prompt) []Clip { return nil }

// Waiting returns the sound to hear while another party is rung, made to be
// repeated without a seam.
func (v *Voice) Waiting() Clip { return Clip{} }

// Ringback returns one period of the ringing tone: one second of tone, four
// of silence.
func (v *Voice) Ringback() Clip { return Clip{} }

// Prepare renders the supervisor's own texts of a language ahead of the first
// call. It returns those that cannot be said.
func (v *Voice) Prepare(ctx context.Context, lang string, texts []string) []string { return texts }

// Missing returns those of the supervisor's own texts that cannot be said: no
// recording, no rendering, no engine.
func (v *Voice) Missing(lang string, texts []string) []string { return texts }
