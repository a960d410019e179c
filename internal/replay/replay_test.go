package replay_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/internal/replay"
	"github.com/holdless/holdless/ivr"
)

func mainMenu(t *testing.T, edit ...string) *ivr.Menu {
	t.Helper()
	src, err := ivr.DefaultSource("main")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(edit...).Replace(string(src))
	if len(edit) > 0 && text == string(src) {
		t.Fatal("the menu has no such words to change")
	}
	m, err := ivr.Parse("main.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func talks(t *testing.T, lines ...string) [][]walk.Step {
	t.Helper()
	all, err := replay.Read(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPlay(t *testing.T) {
	t.Parallel()
	m := mainMenu(t)
	tests := []struct{ line, want string }{
		{"open callable: 1 1 1", "has a callback"},
		{"1 1 1", "has a callback"},
		{"open idle callable: 0", "speaks with agents"},
		{"open callable: 0 noanswer=busy gone", "hangs up at "},
		{"gone", "hangs up at topics"},
		{"1", "is still asked at times"},
		{"open booking callable: 3", "has taken the callback back"},
		{"1 1 taken 1 1", "has a callback"},
		{"open: 1 1 0401234567 1", "has a callback"},
		{"open callable message: 0 noanswer=busy gone", "hangs up at instead"},
		{"open callable may_wait: 0 free spoke", "speaks with agents"},
		{"open callable may_wait: 0 silence free noanswer=busy gone", "hangs up at line"},
		{"open callable may_wait: 0 1 1", "has a callback"},
	}
	for _, tt := range tests {
		if got := replay.Play(m, talks(t, tt.line)[0]).String(); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %s, want %s", tt.line, got, tt.want)
		}
	}
}

// TestPlayMessage: who finds no time free leaves a message, and is called back.
func TestPlayMessage(t *testing.T) {
	t.Parallel()
	m := mainMenu(t)
	for did, want := range map[string]string{
		"recorded": "has a callback", "recorded gone": "has a callback", "recorded refused=quiet": "hears the end at bye",
		"silence": "hears the end at bye", "gone": "hangs up at message", "": "is still asked at message", "1": "is still asked at message",
	} {
		walk := talks(t, "callable message: 0 "+did)[0]
		for i := range walk {
			walk[i].Facts += "0" // times are free
		}
		if got := replay.Play(m, walk).String(); got != want {
			t.Errorf("%s: %s, want %s", did, got, want)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	before := mainMenu(t)
	draft, err := ivr.Parse("draft.yaml", []byte(`start: ring
stuck: ring
nodes:
  ring: {do: connect, to: agents, then: bye, busy: bye}
  bye: {do: end, say: goodbye}
`))
	if err != nil {
		t.Fatal(err)
	}
	all := talks(t, "# a comment", "", "1 1 1", "open idle callable: 1 1 1", "open idle callable: 0")
	r := replay.Compare(all, func(int) *ivr.Menu { return before }, draft)
	want := []string{
		"2 of 3 talks end otherwise",
		"    1  hears the end at bye (was: has a callback), as in: open callable: 1 1 1",
		"    1  speaks with agents (was: has a callback), as in: open idle callable: 1 1 1",
		"speak with somebody: 2 (67%) now (was: 1 (33%))",
		"have a callback: 0 (0%) now (was: 2 (67%))",
		"hear the end: 1 (33%) now (was: 0 (0%))",
		"keys until a callback is booked: 0.0 now (was: 3.0)",
	}
	if got := r.Tell(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if same := replay.Compare(all, func(int) *ivr.Menu { return before }, before); len(same.Changed) > 0 {
		t.Errorf("the same menu changes %+v", same.Changed)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"open idle: 1 many silence gone", "booking vip: 0 noanswer=busy 2 spoke", "survey message may_wait: 0 free recorded gone", ":"} {
		if got := replay.Line(talks(t, line)[0]); got != line {
			t.Errorf("%q came back as %q", line, got)
		}
	}
	for _, line := range []string{"1 x", "shut: 1", "1 hello"} {
		if _, err := replay.Read(strings.NewReader("1\n" + line)); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
			t.Errorf("%q: %v", line, err)
		}
	}
}
