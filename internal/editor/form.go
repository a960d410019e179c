package editor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/internal/yamledit"
	"github.com/holdless/holdless/ivr"
)

// Shifts knows when the queues behind menus are at work, and what callers are
// told meanwhile.
type Shifts interface {
	// Of returns the shifts behind a menu, as they stand in their file.
	Of(menu string) ([]Shift, error)
	// Save writes one into the file and puts it into force. Its error is
	// [menus.ErrStale] when somebody else changed the file since.
	Save(ctx context.Context, s Shift, actor string) error
}

// A Shift is what of a queue changes most.
type Shift struct {
	Queue      string
	Base       string // the hash of the file that it was read from
	Hours      string // lines such as "mon-fri: 09:00-17:00"
	Exceptions string // lines such as "2026-12-24: closed"
	Capacity   string // callbacks in one slot; 0 for as many as there are agents
	Notice     []Said // what callers are told first just now
}

// Said is words in one language.
type Said struct{ Lang, Name, Text string }

// form is the page of what changes most.
type form struct {
	page
	Greeting []Said
	Node     string // where the talk begins
	Mute     string // why there is no greeting to change
	Silent   bool   // the menu does not say what is told just now
	Shifts   []Shift
}

func (e *Editor) form(w http.ResponseWriter, r *http.Request) {
	f, ok := e.openForm(w, r, r.FormValue("menu"))
	if !ok {
		return
	}
	f.Notice += formNotices[r.FormValue("done")]
	e.show(w, http.StatusOK, "form.html", f)
}

var formNotices = map[string]string{
	"greeting": "Saved. New callers hear it now.",
	"shift":    "Saved. It holds from the next call on.",
}

// openForm fills in the page; false when there is no such menu.
func (e *Editor) openForm(w http.ResponseWriter, r *http.Request, menu string) (form, bool) {
	p, ok := e.open(w, r, menu)
	if !ok {
		return form{}, false
	}
	m := e.Menus.Desk.Live().Menus[menu]
	f := form{page: p, Node: m.Start(), Silent: !says(m, "notice")}
	f.Greeting, f.Mute = e.greeting(m, p.Text)
	if e.Shifts != nil {
		var err error
		if f.Shifts, err = e.Shifts.Of(menu); err != nil {
			f.Notice = "The hours cannot be shown: " + err.Error()
		}
	}
	return f, true
}

// says reports whether a menu says a built-in sentence anywhere.
func says(m *ivr.Menu, sentence string) bool {
	return slices.ContainsFunc(m.Nodes(), func(n ivr.Node) bool {
		return slices.ContainsFunc(n.Fields, func(f ivr.Field) bool { return f.Path[0] == "say" && f.Value == sentence })
	})
}

// greeting finds the words that callers hear first in the text of a menu, or
// says why there are none to change.
func (e *Editor) greeting(m *ivr.Menu, text string) ([]Said, string) {
	at, _, err := sayAt(text, m.Start())
	if err != nil {
		return nil, err.Error()
	}
	var all []Said
	for _, lang := range m.Languages() {
		said := Said{Lang: lang, Name: e.Speaks(lang)}
		if at != nil && at.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(at.Content); i += 2 {
				if at.Content[i].Value == lang {
					said.Text = at.Content[i+1].Value
				}
			}
		}
		all = append(all, said)
	}
	return all, ""
}

// sayAt finds what a node says first in words of its own, and its path; a
// built-in sentence where it has none.
func sayAt(text, node string) (*yaml.Node, []string, error) {
	var doc yaml.Node
	if err := yaml.Load([]byte(text), &doc); err != nil || len(doc.Content) == 0 {
		return nil, nil, errors.New("the file has mistakes; mend its text first")
	}
	n := child(child(doc.Content[0], "nodes"), node)
	if say, then := child(n, "say"), child(n, "then"); say != nil && say.Value == "notice" && then != nil {
		node = then.Value // what is told just now comes first
		n = child(child(doc.Content[0], "nodes"), node)
	}
	path := []string{"nodes", node, "say"}
	do := child(n, "do")
	switch {
	case n == nil:
		return nil, nil, fmt.Errorf("the talk begins at %s, which stands in another file", node)
	case do == nil || !slices.Contains([]string{"say", "menu", "offer", "language", "ask"}, do.Value):
		return nil, nil, fmt.Errorf("the talk begins at %s, which says nothing by itself", node)
	}
	say := child(n, "say")
	if say == nil || say.Kind != yaml.SequenceNode {
		return say, path, nil
	}
	for i, item := range say.Content {
		if item.Kind == yaml.MappingNode {
			return item, append(path, yamledit.Item(i)), nil
		}
	}
	for i, item := range say.Content {
		if item.Value == "welcome" {
			return item, append(path, yamledit.Item(i)), nil
		}
	}
	return nil, nil, fmt.Errorf("%s has no words of its own; add some in its text first", node)
}

// child is what stands under a name; nil when nothing does.
func child(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// tells reports whether callers are told something just now.
func (s Shift) tells() bool {
	return slices.ContainsFunc(s.Notice, func(n Said) bool { return n.Text != "" })
}

// speakUp has a menu say what callers are told just now, before all else: a node
// of its own, so that nothing that somebody wrote is touched but the name of the
// node where the talk begins.
func (e *Editor) speakUp(r *http.Request, f form) error {
	m, name := e.Menus.Desk.Live().Menus[f.Menu], "notice"
	taken := func(name string) bool {
		return slices.ContainsFunc(m.Nodes(), func(n ivr.Node) bool { return n.Name == name })
	}
	for n := 2; taken(name); n++ {
		name = fmt.Sprint("notice_", n)
	}
	src, err := yamledit.Set([]byte(f.Text), "{do: say, say: notice, then: "+f.Node+"}", "nodes", name)
	if err == nil {
		src, err = yamledit.Set(src, name, "start")
	}
	if err != nil {
		return fmt.Errorf("the hours are saved, but the menu does not say the words yet: %w", err)
	}
	return e.Menus.Publish(r.Context(), f.Menu, string(src), f.page.Base, actor(r))
}

// greet writes other words into the node where the talk begins.
func (e *Editor) greet(w http.ResponseWriter, r *http.Request) {
	f, ok := e.openForm(w, r, r.PostFormValue("menu"))
	if !ok {
		return
	}
	text, err := f.greeted(r)
	if err == nil {
		err = e.Menus.Publish(r.Context(), f.Menu, text, r.PostFormValue("base"), actor(r))
	}
	if err == nil {
		http.Redirect(w, r, "/menus/form?done=greeting&menu="+url.QueryEscape(f.Menu), http.StatusSeeOther)
		return
	}
	f.Notice = refusal(err)
	e.show(w, http.StatusUnprocessableEntity, "form.html", f)
}

// greeted is the text of a menu with the words of the form in it. The page
// then shows those.
func (f *form) greeted(r *http.Request) (string, error) {
	at, path, err := sayAt(f.Text, f.Node)
	if err != nil {
		return "", err
	}
	var words []string
	src := []byte(f.Text)
	for i := range f.Greeting {
		g := &f.Greeting[i]
		g.Text = strings.Join(strings.Fields(r.PostFormValue("greeting-"+g.Lang)), " ")
		if g.Text == "" {
			return "", fmt.Errorf("there are no words in %s", cmp.Or(g.Name, g.Lang))
		}
		words = append(words, g.Lang+": "+yamledit.Text(g.Text))
		if at != nil && at.Kind == yaml.MappingNode {
			if src, err = yamledit.Set(src, yamledit.Text(g.Text), append(slices.Clone(path), g.Lang)...); err != nil {
				return "", err
			}
		}
	}
	if at == nil || at.Kind != yaml.MappingNode {
		src, err = yamledit.Set(src, "{"+strings.Join(words, ", ")+"}", path...)
	}
	return string(src), err
}

// refusal says why nothing was saved.
func refusal(err error) string {
	if errors.Is(err, menus.ErrStale) {
		return "Not saved: somebody else has changed the file since you opened this page. Open it again."
	}
	return "Not saved: " + menus.Brief(err)
}

// shift writes when a queue is at work, and what callers are told.
func (e *Editor) shift(w http.ResponseWriter, r *http.Request) {
	f, ok := e.openForm(w, r, r.PostFormValue("menu"))
	if !ok {
		return
	}
	i := slices.IndexFunc(f.Shifts, func(s Shift) bool { return s.Queue == r.PostFormValue("queue") })
	if i < 0 {
		http.Error(w, "There is no such queue.", http.StatusNotFound)
		return
	}
	s := &f.Shifts[i]
	s.Base, s.Hours, s.Exceptions = r.PostFormValue("base"), r.PostFormValue("hours"), r.PostFormValue("exceptions")
	s.Capacity = strings.TrimSpace(r.PostFormValue("capacity"))
	for n := range s.Notice {
		s.Notice[n].Text = strings.Join(strings.Fields(r.PostFormValue("notice-"+s.Notice[n].Lang)), " ")
	}
	err := e.Shifts.Save(r.Context(), *s, actor(r))
	if err == nil && f.Silent && f.File != "" && s.tells() {
		err = e.speakUp(r, f)
	}
	if err != nil {
		f.Notice = refusal(err)
		e.show(w, http.StatusUnprocessableEntity, "form.html", f)
		return
	}
	http.Redirect(w, r, "/menus/form?done=shift&menu="+url.QueryEscape(f.Menu), http.StatusSeeOther)
}
