package sounds

import (
	"errors"
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
			if left, err := filepath.Glob(filepath.Join(t.TempDir(), "holdless-speech-*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
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
