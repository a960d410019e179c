package desk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

// line is one thing that happened.
type line struct {
	When, What, Words string
	Bad               bool
}

// notes are what agents wrote, newest first, without what was taken back.
func (s *Server) notes(st callback.Story, zone *time.Location) []line {
	var kept []callback.Entry
	for _, e := range st.Entries {
		switch {
		case e.Kind == "desk.note" || e.Kind == "desk.outcome" && e.Value != "":
			kept = append(kept, e)
		case e.Kind == "desk.undo":
			kept = withoutLast(kept, e.Actor, "desk."+e.Name)
		}
	}
	var all []line
	for _, e := range slices.Backward(kept) {
		all = append(all, line{When: when(e.At, zone), What: s.actorName(e.Actor), Words: long(e.Value)})
	}
	return all
}

// withoutLast leaves out what somebody wrote last by such a deed.
func withoutLast(all []callback.Entry, actor, kind string) []callback.Entry {
	for i, e := range slices.Backward(all) {
		if e.Actor == actor && e.Kind == kind {
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
		held := m.Tries > 0 && m.Err != "" // it was tried, and could not leave
		if m.Body == "" || m.DoneAt.IsZero() && m.DueAt.After(st.Now) && !held || m.Status == "expired" && !held {
			continue
		}
		at := m.DoneAt
		if at.IsZero() {
			at = m.DueAt
		}
		l := line{When: when(at, zone), What: fmt.Sprintf("to the customer · %d SMS", m.Segments), Words: long(m.Body)}
		if trouble := troubled(m); trouble != "" {
			l.What, l.Bad = trouble+": "+tame(m.Err), true
		}
		all = append(all, text{at, l})
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

// troubled says how it stands with a text to the customer of which it is not known
// that it left; "" for one that did, or is about to.
func troubled(m callback.Sent) string {
	switch {
	case m.Status == string(callback.Unclear), m.Status == "expired" && m.Unclear > 0:
		return "may have been sent"
	case m.Status == string(callback.Undelivered), m.Status == "expired":
		return "not sent"
	case !m.DoneAt.IsZero(), m.Tries == 0, m.Err == "":
		return ""
	case m.Unclear > 0:
		return "may have been sent, and is sent again"
	}
	return "not sent yet, and tried again"
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
		if thing == "desk" {
			words = s.did(callback.Deed(what), e.Name)
		}
		all = append(all, line{When: when(e.At, zone), What: words + " · " + s.actorName(e.Actor), Words: told(e, thing)})
	}
	return all
}

// done says what people did, as the history tells it.
var done = map[callback.Deed]string{
	callback.DoClaim:   "taken",
	callback.DoRelease: "given back to the team",
	callback.DoCall:    "to be called at once",
	callback.DoSnooze:  "snoozed",
	callback.DoMove:    "given another time",
	callback.DoCancel:  "called off",
	callback.DoHand:    "handed over",
	callback.DoNote:    "noted",
	callback.DoOutcome: "written up",
}

// did says what somebody did, to whom, with what outcome, or what he took back.
func (s *Server) did(do callback.Deed, name string) string {
	words := cmp.Or(done[do], spoken(string(do)))
	if do == "undo" {
		return "undone: " + cmp.Or(done[callback.Deed(name)], spoken(name))
	}
	if do == callback.DoHand {
		return words + " to " + cmp.Or(tame(s.nameOf(name)), "the team")
	}
	if i := slices.IndexFunc(results, func(r choice) bool { return r.Value == name }); do == callback.DoOutcome && i >= 0 {
		return words + ": " + results[i].Title
	}
	return words
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
