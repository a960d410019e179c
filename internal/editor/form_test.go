package editor_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/holdless/holdless/internal/editor"
	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/ivr"
)

// A board keeps the shifts of one queue in memory.
type board struct {
	editor.Shift
	saved editor.Shift
	by    string
	err   error
}

func (b *board) Of(string) ([]editor.Shift, error) { return []editor.Shift{b.Shift}, nil }

func (b *board) Save(_ context.Context, s editor.Shift, actor string) error {
	b.saved, b.by = s, actor
	return b.err
}

func TestShift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := &board{Shift: editor.Shift{Queue: "billing", Base: "x", Hours: "mon: 09:00-17:00\n", Capacity: "2", Notice: []editor.Said{{Lang: "en", Name: "English", Text: "<Fire>"}}}}
	w.Shifts = b
	w.comeIn()
	page := w.ask("/menus/form?menu=main", nil).Body.String()
	for _, want := range []string{"mon: 09:00-17:00", "&lt;Fire&gt;", `value="2"`, "does not say this yet", "&lt;b&gt;one"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
	form := url.Values{"menu": {"main"}, "queue": {"billing"}, "base": {"x"}, "hours": {"tue: closed"}, "capacity": {" 3 "}, "notice-en": {" Fire\n in Oulu. "}}
	if got := w.ask("/menus/shift", form); got.Code != http.StatusSeeOther {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
	if s := b.saved; s.Base != "x" || s.Hours != "tue: closed" || s.Exceptions != "" || s.Capacity != "3" || s.Notice[0].Text != "Fire in Oulu." {
		t.Errorf("saved %+v", s)
	}
	src, err := os.ReadFile(w.file)
	if err != nil || !strings.HasPrefix(string(src), "start: notice\n") || !strings.Contains(string(src), "notice: {do: say, say: notice, then: hello}") {
		t.Errorf("the menu does not say it: %s, %v", src, err)
	}
	if page := w.ask("/menus/form?menu=main", nil).Body.String(); strings.Contains(page, "does not say this yet") || !strings.Contains(page, "&lt;b&gt;one") {
		t.Errorf("the greeting is not in\n%s", page)
	}
	for _, tt := range []struct {
		err  error
		want string
	}{{menus.ErrStale, "somebody else"}, {ivr.Mistakes{{File: "config.yaml", Line: 3, Text: "no"}}, "config.yaml:3"}, {errors.New("disk full"), "disk full"}} {
		b.err = tt.err
		got := w.ask("/menus/shift", form)
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), tt.want) || !strings.Contains(got.Body.String(), "tue: closed") {
			t.Errorf("%v: got %d %s", tt.err, got.Code, got.Body)
		}
	}
	form.Set("queue", "none")
	if got := w.ask("/menus/shift", form); got.Code != http.StatusNotFound {
		t.Errorf("got %d", got.Code)
	}
}

// The greeting is found wherever it stands in the node where the talk begins.
func TestGreet(t *testing.T) {
	t.Parallel()
	const rest = "  ring: {do: connect, to: agents, then: bye, busy: bye}\n  bye: {do: end}\n"
	tests := []struct{ name, node, want string }{
		{"words", `do: say, say: {en: "One."}, then: ring`, `do: say, say: {en: "Two."}, then: ring`},
		{"words in a list", `do: say, say: [notice, {en: One.}], then: ring`, `do: say, say: [notice, {en: "Two."}], then: ring`},
		{"a built-in sentence", `do: say, say: welcome, then: ring`, `do: say, say: {en: "Two."}, then: ring`},
		{"one in a list", `do: say, say: [welcome, notice], then: ring`, `do: say, say: [{en: "Two."}, notice], then: ring`},
		{"none yet", `do: menu, keys: {"1": ring}`, `say: {en: "Two."}, do: menu, keys: {"1": ring}`},
		{"what says nothing", `do: hours, open: ring, closed: ring`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.comeIn()
			menu := func(node string) string {
				return "start: hello # here\nstuck: ring\nnodes:\n  hello: {" + node + "}  # first\n" + rest
			}
			if err := w.Menus.Publish(t.Context(), "main", menu(tt.node), "", "test"); err != nil {
				t.Fatal(err)
			}
			_, base, err := w.Menus.Text("main")
			if err != nil {
				t.Fatal(err)
			}
			code := http.StatusSeeOther
			if tt.want == "" {
				code, tt.want = http.StatusUnprocessableEntity, tt.node
			}
			if got := w.ask("/menus/greeting", url.Values{"menu": {"main"}, "base": {base}, "greeting-en": {"Two."}}); got.Code != code {
				t.Errorf("got %d %s", got.Code, got.Body)
			}
			if src, err := os.ReadFile(w.file); err != nil || string(src) != menu(tt.want) {
				t.Errorf("the file has %s, %v, want %s", src, err, menu(tt.want))
			}
			if code != http.StatusSeeOther {
				return
			}
			got := w.ask("/menus/greeting", url.Values{"menu": {"main"}, "base": {base}, "greeting-en": {"Three."}})
			if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "somebody else") {
				t.Errorf("an old base: got %d", got.Code)
			}
		})
	}
}

// Files are read again when somebody asks, and the list tells what is wrong.
func TestReload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.comeIn()
	w.Menus.Read = func(string, func(string)) (*ivr.Menu, error) {
		return nil, ivr.Mistakes{{File: w.file, Line: 2, Text: "broken"}}
	}
	if got := w.ask("/menus/reload", url.Values{}); got.Code != http.StatusSeeOther {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
	if got := w.ask("/menus/", nil); !strings.Contains(got.Body.String(), "broken") {
		t.Errorf("the list is %s", got.Body)
	}
}
