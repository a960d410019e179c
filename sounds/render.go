package sounds

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// RenderConfig says what [Render] writes, and where.
type RenderConfig struct {
	Languages []string // all when empty
	Dir       string   // the folder of package sounds: files go to <lang>/clips
}

// Progress is told how many sounds are done, of how many.
type Progress func(done, of int)

// Render makes anew the sounds that ship with holdless, with espeak-ng. The
// same version of it gives the same bytes on the same kind of processor.
func Render(ctx context.Context, cfg RenderConfig, tell Progress) error {
	if len(cfg.Languages) == 0 {
		cfg.Languages = Languages()
	}
	done, total := 0, 0
	for _, lang := range cfg.Languages {
		if !Known(lang) {
			return fmt.Errorf("language %q is not one of %s", lang, strings.Join(Languages(), ", "))
		}
		total += len(speaker(lang).repertoire())
	}
	for _, lang := range cfg.Languages {
		engine, err := espeak(ctx, speaker(lang).Voice)
		if err != nil {
			return fmt.Errorf("render the sounds: %w: install the package %s", err, program)
		}
		words := speaker(lang).repertoire()
		dir := filepath.Join(cfg.Dir, lang, "clips")
		err = renderAll(ctx, engine, shipping(dir, words), func(n, _ int) { tell(done+n, total) })
		if err != nil {
			return err
		}
		if err := writeIndex(dir, words, engine); err != nil {
			return err
		}
		done += len(words)
	}
	return nil
}

// A job is words to be rendered into a file.
type job struct {
	words, file string
}

// shipping names the files of shipped sounds by their words alone, so that a
// new version of the engine changes bytes and no names.
func shipping(dir string, words []string) []job {
	jobs := make([]job, len(words))
	for i, w := range words {
		jobs[i] = job{w, filepath.Join(dir, fileName("", w))}
	}
	return jobs
}

// atOnce is how many sentences are rendered at a time. Engines are quick, and
// the calls on this machine come first.
const atOnce = 2

// renderAll renders sounds a few at a time, and stops at the first that fails.
func renderAll(ctx context.Context, engine *speech, jobs []job, tell Progress) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	next, done := 0, 0
	take := func() (job, bool) {
		mu.Lock()
		defer mu.Unlock()
		if next == len(jobs) || ctx.Err() != nil {
			return job{}, false
		}
		next++
		return jobs[next-1], true
	}
	report := func() {
		mu.Lock()
		defer mu.Unlock()
		done++
		tell(done, len(jobs))
	}
	for range atOnce {
		wg.Go(func() {
			for j, ok := take(); ok; j, ok = take() {
				if err := engine.render(ctx, j); err != nil {
					cancel(err)
					return
				}
				report()
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

func (s *speech) render(ctx context.Context, j job) error {
	ulaw, err := s.speak(ctx, j.words)
	if err != nil {
		return fmt.Errorf("say %q: %w", j.words, err)
	}
	if err := os.MkdirAll(filepath.Dir(j.file), 0o755); err != nil {
		return err
	}
	return writeFile(j.file, ulaw)
}

// writeIndex lists the sounds of a folder, says what they were made with, and
// removes those that nothing says any more.
func writeIndex(dir string, words []string, engine *speech) error {
	var list bytes.Buffer
	var names []string
	for _, w := range words {
		name := fileName("", w)
		names = append(names, name)
		fmt.Fprintf(&list, "%s\t%s\n", name, w)
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.ulaw"))
	if err != nil {
		return err
	}
	for _, file := range old {
		if !slices.Contains(names, filepath.Base(file)) {
			if err := os.Remove(file); err != nil {
				return err
			}
		}
	}
	if err := writeFile(filepath.Join(dir, "PROVENANCE"), []byte(provenance(engine))); err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, index), list.Bytes())
}

func provenance(engine *speech) string {
	return "These sounds were synthesized; nobody's voice was recorded.\n\n" +
		"engine:  " + engine.name + "\n" +
		"machine: " + runtime.GOARCH + "\n" + // floating point rounds differently on others
		"input:   the words in " + index + ", each on the engine's standard input\n" +
		"then:    package sounds/audio: 8 kHz, trimmed, high-pass 100 Hz, -22 dBov\n" +
		"         active speech level (ITU-T P.56), peaks below -3 dBFS, mu-law\n" +
		"repeat:  holdless sounds render --dir sounds\n"
}

// writeFile writes a whole file or nothing.
func writeFile(file string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // it is gone when all went well
	_, err = tmp.Write(content)
	if err := firstOf(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return os.Rename(tmp.Name(), file)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
