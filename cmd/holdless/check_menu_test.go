package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckWhatIsSaid(t *testing.T) {
	t.Parallel()
	const text = "for: text\nstart: q\nstuck: e\nlanguages: [en]\nnodes:\n" +
		"  q: {do: ask, save: q, say: {en: %}, then: e, stop: e}\n  e: {do: end, say: thanks}\n"
	const call = "start: a\nstuck: p\nlanguages: [%]\nnodes:\n  a: {do: say, say: welcome, then: p}\n" +
		"  p: {do: connect, to: agents, then: e, busy: e}\n  e: {do: end}\n"
	long := strings.Repeat("a very long matter indeed, ", 70)
	tests := []struct {
		name, src, in, want string
		code                int
	}{
		{"a text that fits", text, "How was it?", "no mistakes", exitDone},
		{"a letter that makes it dear", text, strings.Repeat("abcdefg ", 9) + "ș", `this text takes 2 messages: with 'ș' it may have 70 characters, and has 73`, exitDone},
		{"a text that is too long", text, strings.Repeat("abcdefg ", 30), "this text takes 2 messages; make it shorter", exitDone},
		{"a language that nobody speaks", call, "tlh", `no voice speaks "tlh"; the languages are`, exitWrong},
		{"words before a person", strings.Replace(call, "say: welcome, then: p", "say: [{en: "+`"`+long+`"`+"}], then: m", 1) +
			"  m: {do: menu, keys: {1: {say: press_keep, to: p}}}\n", "en", "seconds until a person is rung (at the beginning)", exitDone},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "m.yaml")
			write(t, file, strings.Replace(tt.src, "%", tt.in, 1))
			code, out, errs := holdless(t, "check", file)
			if code != tt.code || !strings.Contains(out, tt.want) {
				t.Errorf("got %d %s\n%s", code, errs, out)
			}
		})
	}
}

func TestCheckWaits(t *testing.T) {
	t.Parallel()
	good, _ := menuFiles(t)
	code, out, errs := holdless(t, "check", "--waits", good)
	if code != exitDone || !strings.Contains(out, "THEN NOTHING") || !strings.Contains(out, "topics 1\n") {
		t.Errorf("got %d %s\n%s", code, errs, out)
	}
	if _, out, _ := holdless(t, "check", good); !strings.Contains(out, "a person is rung after") {
		t.Errorf("got %s", out)
	}
	if _, out, _ := holdless(t, "check", "--format", "json", good); out != "[]\n" {
		t.Errorf("got %s", out)
	}
}
