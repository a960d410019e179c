package desk

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/sounds"
)

// A blank is the form on which somebody promises a call that was asked for in a
// letter, or on another telephone: what is filled in, and what can be chosen.
type blank struct {
	Queue, Phone, Name, Lang, Topic, Note string

	At     time.Time // zero for none
	Key    string    // the same form sent twice is one promise
	Open   string    // the promise that the number has already; "" for none
	Queues []choice
	Langs  []choice
	Topics []choice
	Days   []freeDay

	number callback.Phone // as it was read; "" before
}

// A freeDay is what is free on one day.
type freeDay struct {
	Title string
	Times []choice
}

// blank shows the form, alone for a script, or as a page.
func (s *Server) blank(w http.ResponseWriter, r *http.Request) {
	b := blank{Queue: r.FormValue("queue"), Key: s.Desk.NewID()}
	if mine := s.queuesOf(person(r)); b.Queue == "" && len(mine) > 0 {
		b.Queue = mine[0]
	}
	if s.mayPromise(w, r, b) {
		s.showBlank(w, r, http.StatusOK, b, said{})
	}
}

// filledIn reads the form.
func filledIn(r *http.Request) blank {
	field := func(name string) string { return tame(strings.TrimSpace(r.PostFormValue(name))) }
	b := blank{
		Queue: field("queue"), Phone: field("phone"), Name: field("name"), Lang: field("lang"), Topic: field("topic"), Key: field("key"),
		Note: long(strings.Join(strings.Fields(r.PostFormValue("note")), " ")),
	}
	if at, err := strconv.ParseInt(r.PostFormValue("at"), 10, 64); err == nil && at > 0 {
		b.At = time.Unix(at, 0)
	}
	return b
}

// mayPromise lets through who works for the queue of a form. Of the others nobody
// learns that they exist.
func (s *Server) mayPromise(w http.ResponseWriter, r *http.Request, b blank) bool {
	if slices.Contains(s.queuesOf(person(r)), b.Queue) {
		return true
	}
	http.Error(w, "You work for no such queue.", http.StatusNotFound)
	return false
}

// queuesOf are the queues for which somebody can promise callbacks.
func (s *Server) queuesOf(who Person) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.Desk.Queues)), func(queue string) bool {
		return !who.All && !s.worksFor(who.Agent, queue)
	})
}

// showBlank shows the form as it is filled in, with what can be chosen.
func (s *Server) showBlank(w http.ResponseWriter, r *http.Request, code int, b blank, told said) {
	free, err := s.Desk.FreeFor(r.Context(), b.Queue, b.number)
	if err != nil {
		s.fail(w, err)
		return
	}
	b.Days = daysOf(free, b.At, s.Zone(b.Queue))
	for _, queue := range s.queuesOf(person(r)) {
		b.Queues = append(b.Queues, choice{queue, queue, queue == b.Queue})
	}
	for _, lang := range s.Langs {
		b.Langs = append(b.Langs, choice{lang, sounds.Name(lang), lang == b.Lang})
	}
	for _, topic := range slices.Sorted(maps.Keys(s.Book.Topics())) {
		b.Topics = append(b.Topics, choice{topic, s.Label(topic), false})
	}
	if r.FormValue("part") != "" {
		s.showAs(w, r, code, "blank", b)
		return
	}
	p, err := s.page(r)
	if err != nil {
		s.fail(w, err)
		return
	}
	p.Title, p.Blank, p.Said = "New callback – desk", &b, told
	s.showAs(w, r, code, "desk.html", p)
}

// daysOf divides free times among their days.
func daysOf(free []time.Time, chosen time.Time, zone *time.Location) []freeDay {
	var all []freeDay
	for _, at := range free {
		title := at.In(zone).Format("Mon 2 Jan")
		if n := len(all); n == 0 || all[n-1].Title != title {
			all = append(all, freeDay{Title: title})
		}
		today := &all[len(all)-1]
		today.Times = append(today.Times, choice{fmt.Sprint(at.Unix()), at.In(zone).Format("15:04"), at.Equal(chosen)})
	}
	return all
}
