package sounds

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
)

// TestRecordingGoesStale: a recording is heard as long as the text is the one
// that was read out, and told of from then on.
func TestRecordingGoesStale(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const text = "We are at 12 Main Street."
	for name, words := range map[string]string{"office": text, "welcome": "Welcome.", "room-twelve": "Room 12"} {
		if _, err := Record(dir, Recording{Lang: "en", Name: name, Words: words, WAV: wav(16000, 1, 0.2)}); err != nil {
			t.Fatal(err)
		}
	}
	second := func(v *Voice, p ivr.Prompt) bool {
		clips := v.Say("en", p)
		return len(clips) == 1 && clips[0].Duration().Round(1e8) == 1e9
	}
	v, _ := newVoice(t, Config{Override: dir})
	own := []Own{{"en", text, "office"}, {"en", "Room 12", ""}}
	for _, p := range []ivr.Prompt{{Text: text, Sound: "office"}, {Name: "welcome"}, {Text: "Room 12"}} {
		if !second(v, p) {
			t.Errorf("%+v is not heard as it was recorded", p)
		}
	}
	if found := v.Check(own); len(found) > 0 {
		t.Errorf("found %v", found)
	}
	moved := strings.Replace(text, "12", "14", 1)
	if second(v, ivr.Prompt{Text: moved, Sound: "office"}) {
		t.Error("the old address is told")
	}
	own[0].Text = moved
	write(t, filepath.Join(dir, "en", "welcome.txt"), []byte("Welcome to Acme.\n"))
	v, _ = newVoice(t, Config{Override: dir})
	if second(v, ivr.Prompt{Name: "welcome"}) {
		t.Error("a stale welcome is heard")
	}
	got := ""
	for _, f := range v.Check(append(own, Own{"en", "Bye", "bye_now"})) {
		got += f.What + "; " + f.Do + "\n"
	}
	for _, want := range []string{
		`recording en/office.wav is stale and not played: it says "We are at 12 Main Street.", and the text is "We are at 14 Main Street." now (recorded of ` + TextHash("en", text) + `, now ` + TextHash("en", moved) + `); record it anew`,
		`recording en/welcome.wav is stale and not played: it says "Welcome to Acme."`,
		`recording en/bye_now.wav is missing; record: "Bye"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("found\n%s\nwant %s", got, want)
		}
	}
}

func TestRecordRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := wav(8000, 1, 0.2)
	tests := []struct {
		name, lang, as, words string
		wav                   []byte
		want                  string
	}{
		{"a language", "tlh", "welcome", "", good, "is not one of"},
		{"a path", "en", "../../welcome", "", good, "cannot be called"},
		{"a hidden file", "en", ".welcome", "", good, "cannot be called"},
		{"no name", "en", "", "", good, "cannot be called"},
		{"a prompt with holes", "en", "offer", "", good, "one recording cannot say it"},
		{"a book", "en", "welcome", strings.Repeat("x", 2001), good, "2000 are allowed"},
		{"no sound", "en", "welcome", "", []byte("hello"), "not a WAV file"},
		{"silence", "en", "welcome", "", wav(8000, 1, 0), "silent"},
		{"distortion", "en", "welcome", "", wav(8000, 1, 3), "distorted"},
		{"a click", "en", "welcome", "", tone(800, 8000, 1, 0.2), "lasts 0.1 seconds only"},
		{"a speech", "en", "welcome", "", tone(61*8000, 8000, 1, 0.2), "nobody listens for longer than 1m0s"},
		{"too quiet", "en", "welcome", "", wav(8000, 1, 0.006), "too quiet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Record(dir, Recording{Lang: tt.lang, Name: tt.as, Words: tt.words, WAV: tt.wav}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("there is %v, %v", files, err)
	}
}

// TestRecordingsThatAreTooMuch: what lasts too long or is too loud can be
// used, and is told of.
func TestRecordingsThatAreTooMuch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "en", "welcome.wav"), wav(8000, 1, 0.95))
	v, _ := newVoice(t, Config{Override: dir})
	(*v.tongue("en").override.Load())["thanks"] = record{Clip: v.ringback, length: tooLong + 1}
	got := ""
	for _, f := range v.Check(nil) {
		got += f.What + "; " + f.Do + "\n"
	}
	for _, want := range []string{
		"recording en/welcome.wav is too loud: speech at -3 dBov; record it with less gain",
		"recording en/thanks.wav lasts 30s; say less",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("found\n%s\nwant %s", got, want)
		}
	}
}

// TestRecordStaysInside: nothing is written, removed or read outside of the
// folder, wherever links in it lead.
func TestRecordStaysInside(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "welcome.wav"), wav(8000, 1, 0.2))
	if err := os.Symlink(outside, filepath.Join(dir, "en")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, takes)); err != nil {
		t.Fatal(err)
	}
	if _, err := Record(dir, Recording{Lang: "en", Name: "goodbye", Words: "Bye.", WAV: wav(8000, 1, 0.2)}); err == nil {
		t.Error("a recording is written outside")
	}
	if err := TakeBack(dir, "en", "welcome"); err == nil {
		t.Error("a recording outside is removed")
	}
	v := &Voice{dir: dir}
	if name, err := v.Take(wav(8000, 1, 0.2)); err == nil {
		t.Errorf("the take %s is written outside", name)
	}
	if files, err := os.ReadDir(outside); err != nil || len(files) != 1 {
		t.Errorf("outside is %v, %v", files, err)
	}
}
