package sounds

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
)

// patient has callers wait for the engine however busy this machine is.
func patient(v *Voice) *Voice {
	for _, t := range v.tongues {
		t.budget = time.Minute
	}
	return v
}

// cat is an engine that says the same whatever it is asked to.
func cat(t *testing.T, content []byte) Engine {
	t.Helper()
	if _, err := exec.LookPath("cat"); err != nil {
		t.Skip("cat is not installed")
	}
	file := filepath.Join(t.TempDir(), "said.wav")
	write(t, file, content)
	return Engine{Exec: []string{"cat", file}}
}

func TestEngine(t *testing.T) {
	t.Parallel()
	cfg := Config{Cache: t.TempDir(), TTS: map[string]Engine{"en": cat(t, tone(2205, 22050, 1, 0.2))}}
	wait := ivr.Prompt{Name: "press_wait", Key: "0", N: 12}
	v, log := newVoice(t, cfg)
	if got := len(patient(v).Say("en", wait)); got != 1 {
		t.Fatalf("said in %d pieces, want the whole sentence; log is %q", got, log)
	}
	v.Close()

	// Another process finds it on disk, though the engine is broken by now.
	write(t, cfg.TTS["en"].Exec[1], nil)
	v, log = newVoice(t, cfg)
	if got := len(v.Say("en", wait)); got != 1 {
		t.Errorf("said in %d pieces, want what is stored", got)
	}
	offer := ivr.Prompt{Name: "offer", Key: "2", At: at(1, 15, 30), Now: now}
	if got, want := captions(v, "en", patient(v).Say("en", offer)), "For a call today at three thirty in the afternoon press two."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	v.Close()
	if want := "sentence not rendered"; !strings.Contains(log.String(), want) {
		t.Errorf("log is %q, want %q", log, want)
	}
}

// What was said to one person about his call is in nobody's folder afterwards:
// not his number, his name or his time; and no log has them.
func TestNothingPersonalIsStored(t *testing.T) {
	t.Parallel()
	cfg := Config{Languages: []string{"en"}, Cache: t.TempDir(), TTS: map[string]Engine{"en": cat(t, tone(2205, 22050, 1, 0.2))}}
	v, _ := newVoice(t, cfg)
	patient(v)
	for _, p := range []ivr.Prompt{
		{Name: "number_is", Digits: "+358401234567"},
		{Name: "brief_name", Text: "Aino Virtanen"},
		{Name: "booked", At: at(1, 15, 30), Now: now},
	} {
		if got := len(v.Say("en", p)); got != 1 {
			t.Errorf("%s is said in %d pieces, want the whole sentence", p.Name, got)
		}
	}
	v.Close()
	if left := stored(t, cfg); len(left) > 0 {
		t.Errorf("stored are %v", left)
	}

	cfg.TTS["en"] = Engine{Exec: []string{"false"}}
	v, log := newVoice(t, cfg)
	patient(v).Say("en", ivr.Prompt{Name: "brief_name", Text: "Aino Virtanen"})
	v.Close()
	if strings.Contains(log.String(), "Virtanen") {
		t.Errorf("logged %s", log)
	}
}

// stored lists the files of rendered English.
func stored(t *testing.T, cfg Config) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cfg.Cache, "en", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestTwoCallersShareARendering(t *testing.T) {
	t.Parallel()
	slow := cat(t, tone(800, 8000, 1, 0.2))
	log := filepath.Join(t.TempDir(), "log")
	slow.Exec = []string{"sh", "-c", "echo run >>" + log + "; sleep 0.1; cat " + slow.Exec[1]}
	v, _ := newVoice(t, Config{Cache: t.TempDir(), TTS: map[string]Engine{"en": slow}})
	patient(v)
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			if got := len(v.Say("en", ivr.Prompt{Name: "booked", At: at(1, 9, 0), Now: now})); got != 1 {
				t.Errorf("said in %d pieces, want the whole sentence", got)
			}
		})
	}
	callers.Wait()
	if runs, err := os.ReadFile(log); err != nil || string(runs) != "run\n" {
		t.Errorf("the engine ran %q, want once; %v", runs, err)
	}
}

func TestSlowEngine(t *testing.T) {
	t.Parallel()
	slow := cat(t, nil)
	slow.Exec = []string{"sleep", "60"}
	v, _ := newVoice(t, Config{Cache: t.TempDir(), TTS: map[string]Engine{"en": slow}})
	begin := time.Now()
	if got := v.Say("en", ivr.Prompt{Name: "thanks"}); len(got) != 1 {
		t.Errorf("said in %d pieces, want the shipped sound", len(got))
	}
	if took := time.Since(begin); took < Budget {
		t.Errorf("gave up after %v, want %v", took, Budget)
	}
	v.Close() // ends the engine; the test would hang if it did not
}

// The sounds that ship have the voice of espeak-ng, so it is asked only for
// words that are not among them.
func TestBuiltInEngineSaysOnlyNames(t *testing.T) {
	t.Parallel()
	v, _ := newVoice(t, Config{Cache: t.TempDir(), TTS: map[string]Engine{"en": cat(t, tone(2205, 22050, 1, 0.2))}})
	patient(v).tongue("en").engine.builtIn = true
	for _, tt := range []struct {
		prompt ivr.Prompt
		whole  bool
	}{
		{ivr.Prompt{Name: "number_is", Digits: "+358401234567"}, false},
		{ivr.Prompt{Name: "booked", At: at(1, 15, 30), Now: now}, false},
		{ivr.Prompt{Name: "brief_name", Text: "Aino Virtanen"}, true},
	} {
		if got := len(v.Say("en", tt.prompt)); got == 0 || (got == 1) != tt.whole {
			t.Errorf("%s is said in %d pieces; want the whole sentence: %v", tt.prompt.Name, got, tt.whole)
		}
	}
}
