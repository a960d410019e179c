package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
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

// freeTold is how many other times are told when one is taken.
const freeTold = 3

var errNoTime = errors.New("no time is chosen")

// refusals say why a number is not called, by the reason.
var refusals = map[string]string{
	number.ReasonInvalid: "Not promised: that is no telephone number. Write it as it is dialled here, or with its country: +358401234567.",
	number.ReasonDenied:  "Not promised: that number is not to be called. Its person wants no calls, or your supervisor keeps it from being called.",
	"region":             "Not promised: numbers of that country are not called.",
	ivr.TooMany:          "Not promised: that number may not be promised another call today.",
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

// book promises what was filled in, or says why not: to a script, or above the form.
func (s *Server) book(w http.ResponseWriter, r *http.Request) {
	b := filledIn(r)
	if !s.mayPromise(w, r, b) {
		return
	}
	c, err := s.promise(r, &b)
	if err == nil {
		s.answer(w, r, c, "new", nil)
		return
	}
	if errors.Is(err, callback.ErrBooked) {
		b.Open = c.ID
	}
	told, code := s.notPromised(r.Context(), b, err)
	if isScript(r) {
		tellScript(w, code, told, callback.Callback{ID: b.Open})
		return
	}
	s.showBlank(w, r, code, b, told)
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

// promise has the desk promise what a form says, as it does for programs.
func (s *Server) promise(r *http.Request, b *blank) (c callback.Callback, err error) {
	if b.number, err = s.Desk.WishNumber(b.Queue, b.Phone); err != nil {
		return c, err
	}
	if b.At.IsZero() {
		return c, errNoTime // without one it would be promised for as soon as can be
	}
	ask := callback.Request{
		Queue: b.Queue, Phone: b.number, At: b.At, Name: b.Name, Topic: b.Topic, Lang: b.Lang, Note: b.Note, Actor: person(r).actor(),
	}
	if !slices.Contains(s.Langs, ask.Lang) {
		ask.Lang = ""
	}
	if b.Key != "" {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %q", b.Key, ask))
		ask.Key = hex.EncodeToString(sum[:16])
	}
	return s.Desk.Book(r.Context(), ask)
}

// notPromised says why a call was not promised.
func (s *Server) notPromised(ctx context.Context, b blank, err error) (said, int) {
	refused, isRefusal := errors.AsType[*number.RefusalError](err)
	switch {
	case isRefusal:
		never := "Not promised: numbers of that kind are never called (" + refused.Reason + ")."
		return said{Text: cmp.Or(refusals[refused.Reason], never), Bad: true}, http.StatusUnprocessableEntity
	case errors.Is(err, errNoTime):
		return sayings["time"], http.StatusUnprocessableEntity
	case errors.Is(err, callback.ErrBooked):
		return sayings["open"], http.StatusConflict
	case errors.Is(err, callback.ErrTaken):
		return s.notThen(ctx, b)
	}
	key, code := s.trouble(err)
	return sayings[key], code
}

// notThen says why a time cannot be promised, and which can.
func (s *Server) notThen(ctx context.Context, b blank) (said, int) {
	now, zone := s.Desk.Now().In(s.Zone(b.Queue)), s.Zone(b.Queue)
	anybody, err := s.Desk.Free(ctx, b.Queue)
	free, err2 := s.Desk.FreeFor(ctx, b.Queue, b.number)
	if err := errors.Join(err, err2); err != nil {
		key, code := s.trouble(err)
		return sayings[key], code
	}
	told := sayings["taken"]
	switch {
	case b.At.Before(now.Add(s.Desk.Queues[b.Queue].Lead)):
		told = sayings["gone"]
	case !s.Desk.Queues[b.Queue].HasTime(now, b.At):
		told = sayings["closed"]
	case slices.ContainsFunc(anybody, b.At.Equal):
		told = sayings["hours"] // there it is night
	}
	var next []string
	for _, at := range times(free[:min(len(free), freeTold)], now, zone) {
		next = append(next, at.Title)
	}
	told.Text += " " + cmp.Or(strings.Join(next, ", "), "Nothing") + " can be promised."
	return told, http.StatusConflict
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
