package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckVoicemail: a queue takes messages only where a menu lets callers leave
// them, and no longer ones than anybody listens to.
func TestCheckVoicemail(t *testing.T) {
	t.Parallel()
	const menu = "start: a\nstuck: a\nnodes:\n  a: {do: connect, to: agents, then: e, busy: %}\n  e: {do: end}\n"
	for _, tt := range []struct {
		name, value, busy, more, want string
		code                          int
	}{
		{"a node", "2m", "v", "  v: {do: voicemail, then: e}\n", "no mistakes", exitDone},
		{"no node", "2m", "e", "", "queues.billing.voicemail: no node of [menu.yaml] lets a caller leave a message; add one that does voicemail", exitWrong},
		{"not asked for", "0s", "e", "", "no mistakes", exitDone},
		{"a node of no use", "0s", "v", "  v: {do: voicemail, then: e}\n", "no mistakes", exitDone},
		{"too long", "1h", "v", "  v: {do: voicemail, then: e}\n", "queues.billing.voicemail: 1h is not between 5s and 10m", exitWrong},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := written(t, "numbers: {+358912345: {menu: menu.yaml, queue: billing}}\n")
			text := strings.Replace(read(t, file), "numbers: {+358912345: {menu: main, queue: billing}}\n", "", 1)
			write(t, file, strings.Replace(text, "agents: [anna],", "agents: [anna], voicemail: "+tt.value+",", 1))
			write(t, filepath.Join(filepath.Dir(file), "menu.yaml"), strings.Replace(menu, "%", tt.busy, 1)+tt.more)
			code, out, errs := holdless(t, "check", "-c", file)
			if code != tt.code || !strings.Contains(out, tt.want) {
				t.Errorf("got %d %s\n%s\nwant %s", code, errs, out, tt.want)
			}
		})
	}
}

// TestMailboxOfConfiguration holds that messages lie among the data, where they are
// played from and forgotten.
func TestMailboxOfConfiguration(t *testing.T) {
	t.Parallel()
	c := config{Data: t.TempDir()}
	box := c.mailbox()
	if err := os.MkdirAll(box.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	const name = "ABCDEFGHIJKLMNOPQRSTUVWXY2"
	write(t, filepath.Join(c.Data, "voicemail", name+".wav"), "words")
	if b, err := box.Play(name); err != nil || string(b) != "words" {
		t.Errorf("got %q, %v", b, err)
	}
	if err := box.Drop(name); err != nil {
		t.Error(err)
	}
	if exists(filepath.Join(c.Data, "voicemail", name+".wav")) {
		t.Error("it is left")
	}
}
