package sounds

import (
	"bytes"
	"io/fs"
	"maps"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/holdless/holdless/sounds/audio"
)

func TestShippedSounds(t *testing.T) {
	t.Parallel()
	for _, lang := range Languages() {
		l := speaker(lang)
		clips, err := shipped(l.Files)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := slices.Sorted(maps.Keys(clips)), l.repertoire(); !slices.Equal(got, want) {
			t.Errorf("%s: the sounds are not those of its words; run: holdless sounds render --dir sounds", lang)
		}
		files, err := fs.Glob(l.Files, "clips/*.ulaw")
		if err != nil {
			t.Fatal(err)
		}
		if len(files) != len(clips) {
			t.Errorf("%s: %d files for %d sounds", lang, len(files), len(clips))
		}
		for i, words := range slices.Sorted(maps.Keys(clips)) {
			if i%7 != 0 { // the level meter is thorough, and slow
				continue
			}
			c := clips[words]
			pcm := audio.Decode(c.PCMU)
			if level := audio.Level(pcm.Samples); math.Abs(level-audio.Target) > 0.5 {
				t.Errorf("%s: %q is at %.1f dBov, want %.1f", lang, words, level, audio.Target)
			}
			if peak := pcm.Peak(); peak > audio.Ceiling*1.02 { // a step of mu-law
				t.Errorf("%s: %q peaks at %.3f, want at most %.3f", lang, words, peak, audio.Ceiling)
			}
		}
	}
}

// TestRenderAgain renders some of the shipped sounds anew and compares bytes.
func TestRenderAgain(t *testing.T) {
	t.Parallel()
	for _, lang := range Languages() {
		t.Run(lang, func(t *testing.T) {
			l := speaker(lang)
			engine, err := espeak(t.Context(), l.Voice)
			if err != nil {
				t.Skipf("%s is not installed", program)
			}
			made, err := fs.ReadFile(l.Files, "clips/PROVENANCE")
			if err != nil {
				t.Fatal(err)
			}
			if string(made) != provenance(engine) {
				t.Skipf("the sounds were made by another than %q on %s", engine.name, runtime.GOARCH)
			}
			clips, err := shipped(l.Files)
			if err != nil {
				t.Fatal(err)
			}
			for i, words := range l.repertoire() {
				if i%120 != 0 {
					continue
				}
				got, err := engine.speak(t.Context(), words)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, clips[words].PCMU) {
					t.Errorf("%q was rendered differently", words)
				}
			}
		})
	}
}
