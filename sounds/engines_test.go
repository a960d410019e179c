package sounds

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/audio"
)

// TestNamedEngines has each engine that Debian has say a sentence of its
// language, letters and all.
func TestNamedEngines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		lang, text string
		Engine
	}{
		{"en", "The office in the harbour is open again.", Engine{Engine: "flite"}},
		{"en", "The office in the harbour is open again.", Engine{Engine: "flite", Voice: "kal"}},
		{"sv", "Kontoret i hamnen är öppet igen.", Engine{Engine: "espeak-ng", Voice: "sv"}},
		{"en", "The office in the harbour is open again.", Engine{Engine: "festival"}},
		{"fi", "Sataman myymälä on taas auki.", Engine{Engine: "festival", Voice: "suo_fi_lj_diphone"}},
		{"cs", "Prodejna v přístavu je znovu otevřena.", Engine{Engine: "festival", Voice: "czech_dita"}},
	}
	for _, tt := range tests {
		t.Run(tt.Engine.Engine+" "+tt.Voice, func(t *testing.T) {
			t.Parallel()
			tt.Timeout = time.Minute // the machine may be busy
			if err := tt.Engine.check(); errors.Is(err, exec.ErrNotFound) {
				t.Skipf("%s is not installed", tt.Engine.Engine)
			} else if err != nil {
				t.Fatal(err)
			}
			v, log := newVoice(t, Config{Languages: []string{tt.lang}, Cache: t.TempDir(), TTS: map[string]Engine{tt.lang: tt.Engine}})
			clips := patient(v).Say(tt.lang, ivr.Prompt{Text: tt.text})
			if len(clips) != 1 || clips[0].Duration() < time.Second || audio.Decode(clips[0].PCMU).Peak() < 0.05 {
				t.Errorf("said in %d clips: %s", len(clips), log)
			}
		})
	}
}

// TestEngineOfFiles: what an engine writes into a file is heard, and the file is
// gone afterwards.
func TestEngineOfFiles(t *testing.T) {
	places := t.TempDir()
	t.Setenv("TMPDIR", places)
	said := filepath.Join(t.TempDir(), "said.wav")
	write(t, said, tone(2205, 22050, 1, 0.2))
	pcm, err := custom(Engine{Exec: []string{"cp", said, fileArg}, Timeout: time.Minute}).speak(t.Context(), "Hello.")
	if err != nil || len(pcm) < audio.Rate/20 {
		t.Errorf("%d samples, %v", len(pcm), err)
	}
	if left, err := os.ReadDir(places); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestEngineTakesTooLong: a program is ended when its time is over.
func TestEngineTakesTooLong(t *testing.T) {
	t.Parallel()
	slow := Engine{Exec: []string{"sleep", "600"}, Timeout: 50 * time.Millisecond}
	if _, err := custom(slow).speak(t.Context(), "Hello."); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestNamedEnginesMistakes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		Engine
		want string
	}{
		{Engine{Engine: "flyte"}, "the engines are espeak-ng, festival, flite"},
		{Engine{Engine: "festival", Voice: `x)(system "rm")`}, "letters and digits"},
		{Engine{Engine: "flite", Exec: []string{"sh"}}, "two programs"},
		{Engine{}, "it names no engine"},
	} {
		if err := tt.Engine.check(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %s", tt.Engine, err, tt.want)
		}
	}
}
