package desk

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/articles"
)

// tale is the story of a callback as the page tells it.
type tale struct {
	row
	Phone     string // the whole number
	Queue     string
	Created   string
	Path      string // the way through the menu
	Told      []pair // what was keyed in
	Messages  []message
	Consent   []string // what the person agreed to, and what not
	Notes     []line
	Ratings   []line
	Before    []line // earlier callbacks
	Calls     []line // earlier talks
	Texts     []line
	History   []line
	Checklist []string
	Articles  []articles.Hit
	Times     []choice
	Team      []choice
	Results   []choice
	Waits     bool // nobody is being rung
	WrapUp    bool // there is something to write up
	CanUndo   bool
	Breaks    bool // a snooze is asked for that breaks the promise
}

type pair struct{ Name, Value string }

// line is one thing that happened.
type line struct {
	When, What, Words string
	Bad               bool
}

// story shows all about one callback, alone for a script, or as a page.
func (s *Server) story(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if !s.may(w, r, id) {
		return
	}
	st, err := s.Desk.Story(r.Context(), id)
	if errors.Is(err, callback.ErrNotFound) {
		http.Error(w, "There is no such callback.", http.StatusNotFound)
		return
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	t := s.tale(st, person(r))
	t.Breaks = r.FormValue("said") == "breaks"
	if r.FormValue("part") != "" {
		s.show(w, r, "story", t)
		return
	}
	p, err := s.page(r)
	if err != nil {
		s.fail(w, err)
		return
	}
	p.Title, p.Story = cmp.Or(t.Name, t.Phone)+" – desk", t
	s.show(w, r, "desk.html", p)
}

// tale puts a story into the words of the page.
func (s *Server) tale(st callback.Story, who Person) *tale {
	zone := s.Zone(st.Queue)
	rating := 0
	for _, r := range slices.Backward(st.Ratings) {
		if r.Question == "csat" {
			rating = r.Value
		}
	}
	t := &tale{row: s.row(st.Callback, rating, who, st.Now), Phone: whole(st.Phone), Queue: st.Queue, Created: when(st.CreatedAt, zone)}
	t.Path, t.Told = s.told(st)
	t.Consent, t.Messages = consent(st, zone), messages(st, zone)
	t.Notes, t.History = s.notes(st, zone), s.history(st, zone)
	t.Ratings, t.Texts = s.ratings(st, zone), texts(st, zone)
	t.Before, t.Calls = s.before(st, zone), s.calls(st, zone)
	t.Checklist = s.Book.Checklists[st.Topic]
	t.Articles = s.Book.About(st.Topic, strings.Join([]string{st.Topic, st.Callback.Note, t.Path}, " "))
	t.Articles = t.Articles[:min(len(t.Articles), 5)]
	t.Times = times(st.Free, st.Now, zone)
	t.Team = s.team(st, who)
	t.Results = results
	t.Waits = t.Kind == waiting || t.Kind == puzzled
	mine := st.Callback.Agent == who.Agent && who.Agent != "" || who.All
	t.WrapUp = mine && (st.State == callback.Wrapup || st.State == callback.Done) || st.State == callback.Interrupted
	u := st.Undo
	t.CanUndo = u.Back && u.Actor == who.actor() && u.Version == st.Version && st.Now.Sub(u.At) < callback.UndoTime
	return t
}

// results are what can come of a call, in words.
var results = []choice{
	{"solved", "Solved", false},
	{"follow_up", "I follow up", false},
	{"passed_on", "Passed on", false},
	{"not_reached", "Not reached", false},
	{"other", "Something else", false},
}

// team are those to whom a callback can be handed over.
func (s *Server) team(st callback.Story, who Person) []choice {
	q := s.Desk.Queues[st.Queue]
	if q == nil {
		return nil
	}
	var all []choice
	for _, a := range q.Agents {
		if a != who.Agent {
			all = append(all, choice{a, s.nameOf(a), false})
		}
	}
	return append(all, choice{"", "The team", false})
}

func times(free []time.Time, now time.Time, zone *time.Location) []choice {
	var all []choice
	for _, at := range free {
		title := at.In(zone).Format("15:04")
		if at.In(zone).Format(time.DateOnly) != now.In(zone).Format(time.DateOnly) {
			title = at.In(zone).Format("Mon 2 Jan 15:04")
		}
		all = append(all, choice{fmt.Sprint(at.Unix()), title, false})
	}
	return all
}

// told says what the person has told the menu.
func (s *Server) told(st callback.Story) (path string, data []pair) {
	var way []string
	for _, node := range st.Talk.State.Path {
		way = append(way, spoken(node))
	}
	if st.Topic != "" {
		way = append(way, tame(s.Label(st.Topic)))
	}
	for _, name := range slices.Sorted(maps.Keys(st.Talk.State.Data)) {
		if name != "topic" {
			data = append(data, pair{spoken(name), tame(st.Talk.State.Data[name])})
		}
	}
	if st.Callback.Note != "" {
		data = append(data, pair{"note", long(st.Callback.Note)})
	}
	return strings.Join(way, " › "), data
}

// spoken makes words of a name that stands in a menu.
func spoken(name string) string { return tame(strings.ReplaceAll(name, "_", " ")) }

// consent says what the person agreed to.
func consent(st callback.Story, zone *time.Location) []string {
	var all []string
	switch {
	case st.Consent == nil:
		all = append(all, "was not asked whether we may ask how it was")
	case st.Consent.Given:
		all = append(all, "may be asked how it was ("+when(st.Consent.At, zone)+")")
	default:
		all = append(all, "does not wish to be asked how it was ("+when(st.Consent.At, zone)+")")
	}
	if st.NoTexts {
		all = append(all, "wants no texts")
	}
	return all
}

// notes are what agents wrote, newest first, without what was taken back.
func (s *Server) notes(st callback.Story, zone *time.Location) []line {
	var kept []callback.Entry
	for _, e := range st.Entries {
		switch {
		case e.Kind == "desk.note" || e.Kind == "desk.outcome" && e.Value != "":
			kept = append(kept, e)
		case e.Kind == "desk.undo" && e.Name == string(callback.DoNote):
			kept = withoutLast(kept, e.Actor)
		}
	}
	var all []line
	for _, e := range slices.Backward(kept) {
		all = append(all, line{When: when(e.At, zone), What: s.actorName(e.Actor), Words: long(e.Value)})
	}
	return all
}

// withoutLast leaves out what somebody wrote last.
func withoutLast(all []callback.Entry, actor string) []callback.Entry {
	for i, e := range slices.Backward(all) {
		if e.Actor == actor && e.Kind == "desk.note" {
			return slices.Delete(all, i, i+1)
		}
	}
	return all
}

func (s *Server) ratings(st callback.Story, zone *time.Location) []line {
	var all []line
	for _, r := range st.Ratings {
		l := line{When: when(r.At, zone), What: fmt.Sprintf("%s %d", r.Question, r.Value), Words: long(r.Words)}
		if r.Question == "csat" {
			l.What, l.Bad = fmt.Sprintf("%d of 5", r.Value), r.Value <= 2
		}
		if r.Agent != "" {
			l.What += " · " + s.nameOf(r.Agent)
		}
		all = append(all, l)
	}
	return all
}

func (s *Server) before(st callback.Story, zone *time.Location) []line {
	var all []line
	for _, c := range st.Earlier {
		all = append(all, line{When: when(c.At, zone), What: strings.TrimPrefix(tame(s.Label(c.Topic))+" · ", " · ") + s.stands(c, zone), Words: long(c.Note)})
	}
	return all
}

func (s *Server) calls(st callback.Story, zone *time.Location) []line {
	var all []line
	for _, t := range st.Talks {
		if t.Line == "text" {
			continue
		}
		what := "called us"
		if t.Attempt != "" {
			what = "was called"
		}
		if topic := t.State.Data["topic"]; topic != "" {
			what += " · " + tame(s.Label(topic))
		}
		if !t.EndedAt.IsZero() {
			what += " · " + t.EndedAt.Sub(t.BeganAt).Round(time.Second).String()
		}
		if t.Agent != "" {
			what += " · " + s.nameOf(t.Agent)
		}
		all = append(all, line{When: when(t.BeganAt, zone), What: what})
	}
	return all
}

// texts are those in both directions, newest first.
func texts(st callback.Story, zone *time.Location) []line {
	type text struct {
		at time.Time
		line
	}
	var all []text
	for _, m := range st.Sent {
		if m.Body == "" || m.DoneAt.IsZero() && m.DueAt.After(st.Now) || m.Status == "expired" {
			continue
		}
		at := m.DoneAt
		if at.IsZero() {
			at = m.DueAt
		}
		all = append(all, text{at, line{When: when(at, zone), What: fmt.Sprintf("to the customer · %d SMS", m.Segments), Words: long(m.Body)}})
	}
	for _, in := range st.Received {
		all = append(all, text{in.At, line{When: when(in.At, zone), What: "from the customer", Words: long(in.Body)}})
	}
	slices.SortStableFunc(all, func(a, b text) int { return b.at.Compare(a.at) })
	lines := make([]line, len(all))
	for i, t := range all {
		lines[i] = t.line
	}
	return lines
}

// history tells what happened to the callback, newest first.
func (s *Server) history(st callback.Story, zone *time.Location) []line {
	var all []line
	for _, e := range slices.Backward(st.Entries) {
		thing, what, _ := strings.Cut(e.Kind, ".")
		if thing == "transfer" {
			all = append(all, line{When: when(e.At, zone), What: s.handed(e), Bad: what == "missed" || what == "refused"})
			continue
		}
		if thing != "callback" && thing != "desk" && thing != "promise" && thing != "task" && thing != "attempt" {
			continue
		}
		words := cmp.Or(states[callback.State(what)], spoken(cmp.Or(what, thing)))
		if e.Name != "" {
			words += " (" + spoken(e.Name) + ")"
		}
		all = append(all, line{When: when(e.At, zone), What: words + " · " + s.actorName(e.Actor), Words: told(e, thing)})
	}
	return all
}

// handed says what became of putting the customer through to somebody.
func (s *Server) handed(e callback.Entry) string {
	to := e.Value
	if agent := s.agentAt(to); agent != "" {
		to = s.nameOf(agent)
	}
	words := map[string]string{
		"transfer": "put through to " + tame(to), "transfer.taken": "was taken over", "transfer.missed": "nobody took over",
		"transfer.refused": "could not be put through to " + tame(to),
	}
	return cmp.Or(words[e.Kind], spoken(strings.ReplaceAll(e.Kind, ".", " "))) + " · " + s.actorName(e.Actor)
}

// told are the words of an entry, where they are words.
func told(e callback.Entry, thing string) string {
	if thing == "desk" || thing == "promise" && e.Name == "" {
		return long(e.Value)
	}
	return ""
}

// actorName is what somebody is called in the journal.
func (s *Server) actorName(actor string) string {
	kind, name, _ := strings.Cut(actor, ":")
	switch kind {
	case "agent":
		return s.nameOf(name)
	case "user":
		return tame(name)
	}
	return tame(actor)
}

// when tells a time on the wall clock of a queue.
func when(at time.Time, zone *time.Location) string { return at.In(zone).Format("2 Jan 2006 15:04") }

// long is tame for words that may be many.
func long(words string) string {
	var all []string
	for r := []rune(words); len(r) > 0 && len(all) < 24; {
		n := min(len(r), 48)
		all, r = append(all, tame(string(r[:n]))), r[n:]
	}
	return strings.Join(all, "")
}
