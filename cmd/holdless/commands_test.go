package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
)

// typing runs a command with something typed at its keyboard.
func typing(t *testing.T, typed string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = execute(t.Context(), args, stdio{strings.NewReader(typed), &o, &e})
	return code, o.String(), e.String()
}

func TestTry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, typed string
		args        []string
		want        []string
	}{
		{"a booking", "1\n1\n1\n1\n", []string{"main"}, []string{"Welcome.", "press 1", "We will call you", "(the line hangs up)"}},
		{"in Finnish", "1\n1\n1\n1\n", []string{"main", "--lang", "fi"}, []string{"Tervetuloa", "(the line hangs up)"}},
		{"nobody types", "", []string{"main"}, []string{"Welcome.", "(you hung up)"}},
		{"the caller hangs up", "1\nh\n", []string{"main"}, []string{"(you hung up)"}},
		{"silence, then a person", "\n0\na\n2\n", []string{"main"}, []string{"(rings agents", "(the line hangs up)"}},
		{"a number that is withheld", "1\n1\n", []string{"main", "--from", ""}, []string{"number"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := typing(t, tt.typed, append([]string{"try"}, tt.args...)...)
			if code != exitDone {
				t.Fatalf("got %d %s\n%s", code, errs, out)
			}
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not in\n%s", want, out)
				}
			}
		})
	}
}

// menuFiles writes a shipped menu, a talk beside it, and a menu with mistakes.
func menuFiles(t *testing.T) (good, bad string) {
	t.Helper()
	dir := t.TempDir()
	src, err := ivr.DefaultSource("main")
	if err != nil {
		t.Fatal(err)
	}
	good, bad = filepath.Join(dir, "main.yaml"), filepath.Join(dir, "bad.yaml")
	write(t, good, string(src))
	write(t, bad, strings.Replace(string(src), "to: desk", "to: dsek", 1))
	write(t, filepath.Join(dir, "hang.talk"), "menu main\n\n> welcome, ...; listen\n")
	return good, bad
}

func TestCheckMenus(t *testing.T) {
	t.Parallel()
	good, bad := menuFiles(t)
	if code, out, errs := holdless(t, "check", good); code != exitDone || !strings.Contains(out, "no mistakes") {
		t.Errorf("got %d %s %s", code, out, errs)
	}
	code, out, errs := holdless(t, "check", good, bad)
	if code != exitWrong || !strings.Contains(out, "bad.yaml:") || !strings.Contains(out, "^") || strings.Count(errs, "\n") != 1 {
		t.Errorf("got %d %s %s", code, out, errs)
	}
	if code, out, _ := holdless(t, "check", "--format", "github", bad); code != exitWrong || !strings.HasPrefix(out, "::error file=") {
		t.Errorf("got %d %s", code, out)
	}
	odd := filepath.Join(filepath.Dir(bad), "a, b.yaml")
	write(t, odd, read(t, bad))
	if code, out, _ := holdless(t, "check", "--format", "github", odd); code != exitWrong || !strings.Contains(out, "a%2C b.yaml,line=") {
		t.Errorf("got %d %s", code, out)
	}
	code, out, errs = holdless(t, "check", "nobody.yaml", bad, "nothing.yaml")
	if code != exitUsage || !strings.Contains(out, "bad.yaml:") || !strings.Contains(errs, "nobody.yaml") || !strings.Contains(errs, "nothing.yaml") {
		t.Errorf("got %d %s %s", code, out, errs)
	}
	code, out, _ = holdless(t, "check", "--format", "json", bad)
	var found []map[string]any
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != exitWrong || len(found) == 0 || found[0]["level"] != "error" {
		t.Errorf("got %d %s: %v", code, out, err)
	}
}

func TestCheckConfiguration(t *testing.T) {
	t.Parallel()
	file := written(t, "languags: [en]\nsms: {drvier: log}\n")
	code, out, _ := holdless(t, "check", "-c", file)
	for _, want := range []string{`"languags" here; did you mean "languages"?`, `"drvier" here; did you mean "driver"?`} {
		if code != exitWrong || !strings.Contains(out, want) {
			t.Errorf("got %d %s, want %s", code, out, want)
		}
	}
	file = written(t, "survey: {kind: thumbs}\nlanguages: [xx]\nsip: {listen: [sctp:1], trunks: {a: {host: \"\"}}}\nvips: [\"0401234\"]\n")
	code, out, _ = holdless(t, "check", "-c", file)
	for _, want := range []string{"config.yaml:8:16: survey.kind", "config.yaml:9:13: languages[0]", "config.yaml:10:", "sip.listen", "config.yaml:11:7: vips"} {
		if code != exitWrong || !strings.Contains(out, want) {
			t.Errorf("got %d %s, want %s", code, out, want)
		}
	}
	if strings.Contains(out, "texts in") {
		t.Errorf("texts are counted in a language that there is not: %s", out)
	}
	if code, out, errs := holdless(t, "check", "-c", example); code != exitDone {
		t.Errorf("the example: got %d %s %s", code, out, errs)
	}
}

func TestTestMenus(t *testing.T) {
	t.Parallel()
	good, bad := menuFiles(t)
	if code, out, errs := holdless(t, "test", good); code != exitDone || !strings.Contains(out, "1 passed, 0 failed") {
		t.Errorf("got %d %s %s", code, out, errs)
	}
	write(t, filepath.Join(filepath.Dir(good), "wrong.talk"), "menu main\n\n> goodbye; end\n")
	code, out, errs := holdless(t, "test", good)
	if code != exitWrong || !strings.Contains(out, "1 passed, 1 failed") || !strings.Contains(out, "wrong.talk:3") || strings.Count(errs, "\n") != 1 {
		t.Errorf("got %d %s %s", code, out, errs)
	}
	if code, _, errs := holdless(t, "test", bad); code != exitWrong || !strings.Contains(errs, "holdless check") {
		t.Errorf("got %d %s", code, errs)
	}
}

// TestPhone calls a service that runs, by script, and keeps what was heard.
func TestPhone(t *testing.T) {
	t.Parallel()
	r := serving(t)
	wav := filepath.Join(t.TempDir(), "heard.wav")
	addr := "sip:+358912345@" + r.line.Addrs()[0].String()
	code, out, errs := holdless(t, "phone", addr, "--from", "+358401234567", "--wav", wav, "--script", "1")
	if code != exitDone || !strings.Contains(out, "answered\npressed 1\n") || !strings.Contains(out, "hung up after") {
		t.Errorf("got %d %s %s", code, out, errs)
	}
	if heard, err := os.ReadFile(wav); err != nil || len(heard) < 8000 || string(heard[:4]) != "RIFF" {
		t.Errorf("got %d bytes of sound: %v", len(heard), err)
	}
	if code, out, errs := typing(t, "x\nh\n", "phone", addr); code != exitDone || !strings.Contains(out, "keys are 0-9") {
		t.Errorf("got %d %s %s", code, out, errs)
	}
	r.stop()
	r.end(t)
	if code, _, errs := holdless(t, "doctor", "-c", r.file); code != exitWrong || strings.Count(errs, "\n") != 1 {
		t.Errorf("doctor finds nothing wrong with a trunk that is away: %d %s", code, errs)
	}
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	trunk := carrier(t)
	file := written(t, "sip: {listen: [udp:127.0.0.1:0], trunks: {carrier: {host: \""+trunk+"\"}}}\n")
	if _, out, _ := holdless(t, "doctor", "-c", file); !strings.Contains(out, "there is no database") {
		t.Errorf("the doctor does not see that there is no database:\n%s", out)
	}
	if code, _, errs := holdless(t, "agents", "list", "-c", file); code != exitDone { // makes the database
		t.Fatal(errs)
	}
	code, out, errs := holdless(t, "doctor", "-c", file)
	if code != exitDone {
		t.Errorf("got %d %s\n%s", code, errs, out)
	}
	for _, want := range []string{"database can be opened", "pages can listen", "SIP listens on", "clock shows", "time zones: ", "voice en", "disk: ", "trunk carrier: " + trunk + " answers", "texts: "} {
		if !strings.Contains(out, want) {
			t.Errorf("the doctor does not say %q:\n%s", want, out)
		}
	}
}

func TestSounds(t *testing.T) {
	t.Parallel()
	code, out, errs := holdless(t, "sounds", "list")
	if code != exitDone || !strings.Contains(out, "welcome") {
		t.Errorf("list: got %d %s %s", code, out, errs)
	}
	if code, out, errs := holdless(t, "sounds", "check"); code != exitDone {
		t.Errorf("check: got %d %s %s", code, out, errs)
	}
	if code, _, errs := holdless(t, "sounds", "render"); code != exitUsage || !strings.Contains(errs, "--dir") {
		t.Errorf("render: got %d %s", code, errs)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if code, out, _ := holdless(t, "version"); code != exitDone || !strings.HasPrefix(out, "holdless ") {
		t.Errorf("got %d %s", code, out)
	}
}
