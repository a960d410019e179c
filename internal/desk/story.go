package desk

import (
	"cmp"
	"context"
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
	Whose     string // the name of its owner
	Results   []choice
	Waits     bool // nobody is being rung
	WrapUp    bool // there is something to write up
	CanUndo   bool
	Breaks    bool // a snooze is asked for that breaks the promise
}

type pair struct{ Name, Value string }

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
	if t.Team, err = s.team(r.Context(), st, person(r)); err != nil {
		s.fail(w, err)
		return
	}
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
	t := &tale{row: s.row(st.Callback, 0, who, st.Now), Phone: whole(st.Phone), Queue: st.Queue, Created: when(st.CreatedAt, zone)}
	t.Path, t.Told = s.told(st)
	t.Consent, t.Messages = consent(st, zone), messages(st, zone)
	t.Notes, t.History = s.notes(st, zone), s.history(st, zone)
	t.Ratings, t.Texts = s.ratings(st, zone), texts(st, zone)
	t.Before, t.Calls = s.before(st, zone), s.calls(st, zone)
	t.Checklist = s.Book.Checklists[st.Topic]
	t.Articles = s.Book.About(st.Topic, strings.Join([]string{st.Topic, st.Callback.Note, t.Path}, " "))
	t.Articles = t.Articles[:min(len(t.Articles), 5)]
	t.Times = times(st.Free, st.Now, zone)
	t.Whose, t.Results = s.nameOf(st.Owner), results
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

// team are those to whom a callback can be handed over, and who of them cannot be
// rung just now.
func (s *Server) team(ctx context.Context, st callback.Story, who Person) ([]choice, error) {
	q := s.Desk.Queues[st.Queue]
	if q == nil {
		return nil, nil
	}
	now, err := s.Desk.Team(ctx)
	away := map[string]string{}
	for _, one := range now {
		away[one.Agent] = absences[cmp.Or(one.Next, one.State)]
	}
	var all []choice
	for _, a := range q.Agents {
		if a != who.Agent {
			all = append(all, choice{a, s.nameOf(a) + away[a], false})
		}
	}
	return append(all, choice{"", "The team", false}), err
}

// absences say why nobody rings an agent.
var absences = map[callback.AgentState]string{callback.OnBreak: ", on a break", callback.Offline: ", offline"}

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
