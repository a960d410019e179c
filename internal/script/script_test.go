package script_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
)

const talk = `# A short talk.
menu main
free 14:30 Tue 09:00 09:15 2026-03-12 10:00
caller +358401234567 vip Aino Virtanen

> welcome, ...; listen
< 1
> offer 1 14:30, offer, offer, press_days, press_person; note topic=billing; listen
< 3
> number_is, ...; listen
`

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := script.Parse("dir/short.talk", []byte(talk))
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "short" || got.Menu != "main" || len(got.Lines) != 3 {
		t.Errorf("got %q, menu %q, %d lines", got.Name, got.Menu, len(got.Lines))
	}
	if c := got.Facts.Caller; c.Name != "Aino Virtanen" || !c.VIP || !c.Known || !c.Callable {
		t.Errorf("got caller %+v", c)
	}
	day := func(d, hour, minute int) time.Time { return time.Date(2026, 3, d, hour, minute, 0, 0, time.UTC) }
	want := []time.Time{day(2, 14, 30), day(3, 9, 0), day(3, 9, 15), day(12, 10, 0)}
	for i, at := range got.Facts.Slots {
		if !at.Equal(want[i]) {
			t.Errorf("free time %d is %s, want %s", i, at, want[i])
		}
	}
	m, err := ivr.Default("main")
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Run(m); err != nil {
		t.Error(err)
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, from, to, want string }{
		{"unknown fact", "menu main", "menue main", `x.talk:2: no fact is called "menue"`},
		{"not a time", "14:30", "14:60", `x.talk:3: "14:60" is not a time like 14:30`},
		{"unknown prompt", "welcome", "welcom", `x.talk:6: no prompt is called "welcom"`},
		{"unknown action", "...; listen\n<", "...; lisen\n<", `x.talk:6: a turn does listen, record, connect, transfer or end, not "lisen"`},
		{"two in a row", "< 1\n", "< 1\n< 2\n", "x.talk:8: two < without a > between them"},
		{"late fact", "< 1\n", "< 1\nfree 15:00\n", "x.talk:8: facts stand before the first >"},
		{"no end", "> number_is, ...; listen\n", "", "x.talk:9: nothing is expected after the last <"},
		{"nothing done", "< 1\n", "<\n", "x.talk:7: nothing is done here"},
		{"all of them", "menu main\nfree", "menue main\nfre", "no fact is called \"menue\"\nx.talk:3: no fact is called \"fre\""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := script.Parse("x.talk", []byte(strings.Replace(talk, tt.from, tt.to, 1)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestRunNotices changes a talk that is right, one thing at a time.
func TestRunNotices(t *testing.T) {
	t.Parallel()
	m, err := ivr.Default("main")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, from, to string }{
		{"another time", "offer 1 14:30", "offer 1 14:45"},
		{"another key", "offer 1 14:30", "offer 2 14:30"},
		{"another prompt", "number_is, ...", "key_number"},
		{"another note", "topic=billing", "topic=delivery"},
		{"another action", "number_is, ...; listen", "number_is, ...; end"},
		{"a prompt less", "offer, offer, press_days", "offer, press_days"},
		{"a prompt more", "offer, offer, press_days", "offer, offer, offer, press_days"},
		{"no prompts", "> number_is, ...; listen", "> listen"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := script.Parse("x.talk", []byte(strings.Replace(talk, tt.from, tt.to, 1)))
			if err != nil {
				t.Fatal(err)
			}
			var mismatch *script.MismatchError
			if err := got.Run(m); !errors.As(err, &mismatch) || mismatch.Line < 8 {
				t.Errorf("got %v, want a mismatch", err)
			}
		})
	}
}

func TestReadDir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"good.talk": talk, "bad.talk": "> what; listen\n", "notes.txt": "not a talk"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	talks, err := script.ReadDir(dir)
	if len(talks) != 1 || talks[0].Name != "good" {
		t.Errorf("got %d talks", len(talks))
	}
	if err == nil || !strings.Contains(err.Error(), `bad.talk:1: no prompt is called "what"`) {
		t.Errorf("got %v", err)
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	now := script.Start
	turn := ivr.Turn{
		Say: []ivr.Prompt{
			{Name: "option", Text: "big orders", Key: "1"},
			{Name: "press_wait", N: 5, Key: "0"},
			{Name: "booked", At: now.Add(24 * time.Hour)},
			{Text: "Hello, there"},
		},
		Notes:   []ivr.Note{{Name: "topic", Value: "billing"}},
		Connect: &ivr.Connect{To: "agents"},
	}
	want := `option 1 "big orders", press_wait 0 5, booked Tue 09:00, "Hello, there"; note topic=billing; connect agents`
	if got := script.Write(turn, now); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
