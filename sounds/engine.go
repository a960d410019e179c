package sounds

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding"

	"github.com/holdless/holdless/sounds/audio"
)

// An Engine is a program that turns text into a WAV file: one that is called by
// its name, or any that reads text on its input and writes WAV on its output.
type Engine struct {
	Engine  string        `yaml:"engine"`  // espeak-ng, flite or festival; "" for exec
	Voice   string        `yaml:"voice"`   // of that engine, such as slt or suo_fi_lj_diphone
	Exec    []string      `yaml:"exec"`    // program and arguments
	Timeout time.Duration `yaml:"timeout"` // how long one sentence may take; 10s when it is 0
}

func (e Engine) check() error {
	if e.Engine != "" {
		return e.named()
	}
	if len(e.Exec) == 0 {
		return errors.New("it names no engine, and exec no program")
	}
	if _, err := exec.LookPath(e.Exec[0]); err != nil {
		return fmt.Errorf("speech engine: %w", err)
	}
	return nil
}

// A speech is an engine with a voice.
type speech struct {
	Engine
	name    string            // engine, version and options: what the sound depends on
	builtIn bool              // it has the voice of the shipped sounds
	charset encoding.Encoding // what it reads; nil for UTF-8
}

// program is the engine that the shipped sounds were made with.
const program = "espeak-ng"

// espeak returns espeak-ng speaking with a voice, if it is installed.
func espeak(ctx context.Context, voice []string) (*speech, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	version, _, _ := strings.Cut(strings.TrimPrefix(string(out), "eSpeak NG text-to-speech: "), " ")
	args := append(slices.Clone(voice), "--stdin", "--stdout")
	return &speech{
		Engine:  Engine{Exec: append([]string{path}, args...)},
		name:    strings.Join(append([]string{program, version}, args...), " "),
		builtIn: true,
	}, nil
}

func custom(e Engine) *speech { return &speech{Engine: e, name: strings.Join(e.Exec, " ")} }

// patience is how long an engine may take for one sentence.
const patience = 10 * time.Second

// The silence after words: at the end of a sentence, and before more words.
const (
	breath = 120 * time.Millisecond
	joint  = 40 * time.Millisecond
)

// speak renders words, ready for the telephone, in mu-law. Where no sentence
// ends the engine keeps its voice up, as more will follow.
func (s *speech) speak(ctx context.Context, words string) ([]byte, error) {
	tail := breath
	switch last := words[len(words)-1:]; {
	case strings.Contains(",:", last):
		tail = joint
	case !strings.Contains(".?!;", last):
		words, tail = words+",", joint
	}
	timeout := s.Timeout
	if timeout == 0 {
		timeout = patience
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	wav, err := s.run(ctx, words)
	if err != nil {
		return nil, fmt.Errorf("speak with %s: %w", s.Exec[0], err)
	}
	pcm, err := audio.ReadWAV(wav)
	if err != nil {
		return nil, fmt.Errorf("speak with %s: %w", s.Exec[0], err)
	}
	if pcm.Peak() == 0 {
		return nil, fmt.Errorf("speak with %s: it was silent", s.Exec[0])
	}
	return audio.Encode(audio.Speech(pcm, tail)), nil
}

// run starts the engine. It never sees more than the words, and what it
// writes is bounded.
func (s *speech) run(ctx context.Context, words string) ([]byte, error) {
	if s.charset != nil {
		var err error
		if words, err = encoding.ReplaceUnsupported(s.charset.NewEncoder()).String(words); err != nil {
			return nil, err
		}
	}
	return s.written(func(args []string) ([]byte, error) { return start(ctx, args, words) })
}

// start runs a program on some words.
func start(ctx context.Context, args []string, words string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	out, complaints := &bounded{max: audio.MaxBytes}, &bounded{max: 1000}
	cmd.Stdin = strings.NewReader(words + "\n")
	cmd.Stdout, cmd.Stderr = out, complaints
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, bytes.TrimSpace(complaints.Bytes()))
	}
	return out.Bytes(), nil
}

// bounded keeps what is written up to a limit, and drops the rest.
type bounded struct {
	bytes.Buffer
	max int
}

func (b *bounded) Write(p []byte) (int, error) {
	room := max(b.max-b.Len(), 0)
	b.Buffer.Write(p[:min(room, len(p))])
	return len(p), nil
}
