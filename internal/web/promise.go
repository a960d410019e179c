package web

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
)

// PromisePage is the kind of link that leads to a callback.
const PromisePage = "c"

// Promises shows customers what was promised to them, and changes it.
type Promises interface {
	Promise(ctx context.Context, id string) (callback.Promise, error)
	PutOff(ctx context.Context, id string, at time.Time) (callback.Promise, error)
	Keep(ctx context.Context, id string) (callback.Promise, error)
	CallOff(ctx context.Context, id string) (callback.Promise, error)
	Hasten(ctx context.Context, id string) (callback.Promise, error)
}

// slip is a callback as its customer sees it.
type slip struct {
	Lang, Title  string
	Said         string
	Stands       []string // how it stands: from which number it comes, its place, how long at the most
	Times        []option
	Move, Cancel string // the words of buttons; "" for none
	Keep, Sooner string // likewise
}

type option struct {
	Value int64
	Label string
}

// promise shows a callback. It changes nothing: machines that scan links follow
// them, too.
func (s *Server) promise(w http.ResponseWriter, r *http.Request, id string) {
	p, err := s.Promises.Promise(r.Context(), id)
	s.slip(w, p, err)
}

// changed takes what a customer wishes.
func (s *Server) changed(w http.ResponseWriter, r *http.Request, id string) {
	if change := s.pressed(r); change != nil {
		p, err := change(r.Context(), id)
		s.slip(w, p, err)
		return
	}
	at, err := strconv.ParseInt(r.PostFormValue("at"), 10, 64)
	if err != nil {
		plain(w, http.StatusBadRequest, "A change needs the field at, keep, now or cancel.\n")
		return
	}
	p, err := s.Promises.PutOff(r.Context(), id, time.Unix(at, 0))
	s.slip(w, p, err)
}

// pressed is what the button does that a customer pressed; nil for a time that
// was chosen.
func (s *Server) pressed(r *http.Request) func(context.Context, string) (callback.Promise, error) {
	switch {
	case r.PostFormValue("cancel") != "":
		return s.Promises.CallOff
	case r.PostFormValue("keep") != "":
		return s.Promises.Keep
	case r.PostFormValue("now") != "":
		return s.Promises.Hasten
	}
	return nil
}

func (s *Server) slip(w http.ResponseWriter, p callback.Promise, err error) {
	if s.lost(w, err) {
		return
	}
	words := func(name string, at time.Time) string {
		return s.Words(p.Lang, ivr.Prompt{Name: name, At: at, Now: p.Now})
	}
	v := slip{Lang: p.Lang, Title: words("text_page_call", p.At), Said: words(fate(p), p.At)}
	if v.Lang == "" {
		v.Lang = "en"
	}
	for _, at := range p.Times {
		v.Times = append(v.Times, option{at.Unix(), words("text_page_at", at.In(p.At.Location()))})
		v.Move = words("text_page_move", at)
	}
	v.Stands = s.stands(p)
	if p.Sooner {
		v.Sooner = words("text_page_now", p.At)
	}
	if p.Cancel {
		v.Cancel = words("text_page_cancel", p.At)
		if !p.Kept {
			v.Keep = words("text_page_keep", p.At)
		}
	}
	s.show(w, "promise.html", v)
}

// stands says how a callback stands that has yet to be made.
func (s *Server) stands(p callback.Promise) []string {
	var all []string
	say := func(words ivr.Prompt) { all = append(all, s.Words(p.Lang, words)) }
	if p.Place == 1 {
		say(ivr.Prompt{Name: "next_in_line"})
	} else if p.Place > 1 {
		say(ivr.Prompt{Name: "in_line", N: p.Place})
	}
	if p.Wait > 0 && (p.Place > 0 || p.Sooner) {
		say(ivr.Prompt{Name: "wait_most", N: int(math.Ceil(p.Wait.Minutes()))})
	}
	if p.From != "" {
		say(ivr.Prompt{Name: "text_from", Digits: string(p.From)})
	}
	return all
}

// fate names the words for how a callback stands.
func fate(p callback.Promise) string {
	if p.Kept {
		return "text_kept"
	}
	switch p.State {
	case callback.CancelledState:
		return "text_cancelled"
	case callback.Failed, callback.Expired, callback.Interrupted:
		return "text_unreached"
	case callback.Done, callback.Wrapup, callback.Connected:
		return "thanks"
	default:
		if p.Place > 0 && p.At.After(p.Now) {
			return "text_placed"
		}
		return "text_booked"
	}
}
