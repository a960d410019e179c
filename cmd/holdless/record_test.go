package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRecord: a recording of a menu's own words is put in, heard, and goes
// stale visibly when the words change.
func TestRecord(t *testing.T) {
	t.Parallel()
	const menu = "start: a\nstuck: p\nnodes:\n  a: {do: say, say: {en: \"%\", recording: moving}, then: p}\n" +
		"  p: {do: connect, to: agents, then: e, busy: e}\n  e: {do: end}\n"
	file := written(t, "numbers: {+358912345: {menu: menu.yaml, queue: billing}}\n")
	dir := filepath.Dir(file)
	write(t, file, strings.Replace(read(t, file), "numbers: {+358912345: {menu: main, queue: billing}}\n",
		"sounds: {override: "+dir+"/own, cache: false}\n", 1))
	write(t, filepath.Join(dir, "menu.yaml"), strings.Replace(menu, "%", "We move on Friday.", 1))
	if err := os.Mkdir(filepath.Join(dir, "own"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, out, _ := holdless(t, "check", "-c", file); !strings.Contains(out, "menu.yaml:4:26: warning: there is no recording en/moving.wav") {
		t.Errorf("missing:\n%s", out)
	}
	wav := filepath.Join(dir, "take1.wav")
	writeTone(t, wav)
	code, out, errs := holdless(t, "sounds", "record", "-c", file, "en", "moving", wav)
	if code != exitDone || !strings.Contains(out, `seconds, saying "We move on Friday."`) {
		t.Fatalf("got %d %s%s", code, out, errs)
	}
	if code, out, _ := holdless(t, "check", "-c", file); code != exitDone || strings.Contains(out, "recording") {
		t.Errorf("fresh:\n%s", out)
	}
	write(t, filepath.Join(dir, "menu.yaml"), strings.Replace(menu, "%", "We move on Monday.", 1))
	if _, out, _ := holdless(t, "check", "-c", file); !strings.Contains(out, "menu.yaml:4:26: warning: the recording en/moving.wav says something else by now, and is not played") {
		t.Errorf("stale:\n%s", out)
	}
	if code, out, _ := holdless(t, "sounds", "check", "-c", file); code != exitWrong || !strings.Contains(out, `en/moving.wav is stale and not played: it says "We move on Friday."`) {
		t.Errorf("stale: got %d\n%s", code, out)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"en", "moving", "nowhere.wav"}, "no such file"},
		{[]string{"en", "moving", file}, "not a WAV file"},
		{[]string{"en", "offer", wav}, "one recording cannot say it"},
	} {
		if code, _, errs := holdless(t, append([]string{"sounds", "record", "-c", file}, tt.args...)...); code == exitDone || !strings.Contains(errs, tt.want) {
			t.Errorf("%v: got %d %s", tt.args, code, errs)
		}
	}
}

// writeTone writes a second of sound: 8 kHz, mono, 16 bits.
func writeTone(t *testing.T, file string) {
	t.Helper()
	head := []byte("RIFF\xa4\x3e\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x80\x3e\x00\x00")
	for i := range 8000 {
		v := int16(8000 * math.Sin(float64(i)/3))
		head = append(head, byte(v), byte(v>>8))
	}
	if err := os.WriteFile(file, head, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRecordingsInABackup: what was recorded comes back with the database.
func TestRecordingsInABackup(t *testing.T) {
	t.Parallel()
	config := written(t, "sounds: {cache: false}\n")
	dir := filepath.Dir(config)
	wav, copied := filepath.Join(dir, "take1.wav"), filepath.Join(dir, "copy.db")
	writeTone(t, wav)
	recorded := filepath.Join(dir, "data", "recordings", "en", "welcome.wav")
	for _, args := range [][]string{{"sounds", "record", "-c", config, "en", "welcome", wav}, {"backup", "-c", config, copied}} {
		if code, _, errs := holdless(t, args...); code != exitDone {
			t.Fatalf("%s: %d %s", args, code, errs)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	code, out, errs := holdless(t, "restore", "-c", config, copied)
	if code != exitDone || !strings.Contains(out, "recordings too") || read(t, recorded) != read(t, wav) {
		t.Errorf("got %d %s%s", code, out, errs)
	}
	if _, out, _ := holdless(t, "sounds", "list", "-c", config); !strings.Contains(out, "welcome\trecorded") && !strings.Contains(strings.Join(strings.Fields(out), " "), "welcome recorded") {
		t.Errorf("the recording is not heard:\n%s", out)
	}
}
