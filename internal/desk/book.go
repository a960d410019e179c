package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/ivr"
)

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
