package sounds

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/audio"
)

// wav is a file of a tone of one second, as an operator might record it.
func wav(rate, channels int, gain float64) []byte { return tone(rate, rate, channels, gain) }

func tone(samples, rate, channels int, gain float64) []byte {
	var data bytes.Buffer
	for i := range samples {
		s := int16(32767 * min(max(gain*math.Sin(2*math.Pi*440*float64(i)/float64(rate)), -1), 1))
		for range channels {
			binary.Write(&data, binary.LittleEndian, s)
		}
	}
	var b bytes.Buffer
	b.WriteString("RIFF")
	binary.Write(&b, binary.LittleEndian, uint32(36+data.Len()))
	b.WriteString("WAVEfmt ")
	binary.Write(&b, binary.LittleEndian, []uint32{16, 1 | uint32(channels)<<16, uint32(rate), uint32(rate * channels * 2)})
	binary.Write(&b, binary.LittleEndian, []uint16{uint16(channels * 2), 16})
	b.WriteString("data")
	binary.Write(&b, binary.LittleEndian, uint32(data.Len()))
	b.Write(data.Bytes())
	return b.Bytes()
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOverride(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "en", "welcome.wav"), wav(44100, 2, 0.3))
	write(t, filepath.Join(dir, "en", "welcome-to-acme.wav"), wav(16000, 1, 0.3))
	write(t, filepath.Join(dir, "en", "press-one.wav"), wav(8000, 1, 0.3))
	v, log := newVoice(t, Config{Override: dir})
	tests := []struct {
		name   string
		prompt ivr.Prompt
		want   time.Duration
	}{
		{"by name", ivr.Prompt{Name: "welcome"}, time.Second},
		{"by words", ivr.Prompt{Text: "Welcome to Acme!"}, time.Second},
		{"a piece", ivr.Prompt{Name: "press_right", Key: "1"}, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clips := v.Say("en", tt.prompt)
			if len(clips) == 0 {
				t.Fatal("nothing to hear")
			}
			last := clips[len(clips)-1]
			if got := last.Duration().Round(100 * time.Millisecond); got != tt.want {
				t.Errorf("it plays %v, want %v", got, tt.want)
			}
			if level := audio.Level(audio.Decode(last.PCMU).Samples); math.Abs(level-audio.Target) > 0.5 {
				t.Errorf("it is at %.1f dBov, want %.1f", level, audio.Target)
			}
		})
	}
	if log.Len() > 0 {
		t.Errorf("log is %q, want nothing", log)
	}
}

func TestOverrideMistakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret.wav")
	write(t, outside, wav(8000, 1, 0.3))
	write(t, filepath.Join(dir, "en", "offer.wav"), wav(8000, 1, 0.3))
	write(t, filepath.Join(dir, "en", "silence.wav"), wav(8000, 1, 0))
	write(t, filepath.Join(dir, "en", "welcome.wav"), []byte("ID3 no wave"))
	write(t, filepath.Join(dir, "fi", "goodbye.wav"), wav(8000, 1, 3))
	write(t, filepath.Join(dir, "fi", "sorry.wav"), wav(8000, 1, 0.006))
	if err := os.Symlink(outside, filepath.Join(dir, "fi", "thanks.wav")); err != nil {
		t.Fatal(err)
	}
	_, err := New(Config{Override: dir})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"recording en/offer.wav: one recording cannot say it, as {at}, {key} changes",
		"recording en/silence.wav: it is silent",
		"recording en/welcome.wav: not a WAV file",
		"recording fi/goodbye.wav: it is distorted",
		"recording fi/sorry.wav: it is too quiet: speech at -47 dBov",
		"recording fi/thanks.wav: openat fi/thanks.wav: path escapes from parent",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error is %q, want %q in it", err, want)
		}
	}
}
