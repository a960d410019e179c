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
	reading
	Title, Said  string
	Wrong        string   // why what was wished is not so; "" when it is
	Stale        string   // said when the page cannot tell any more how it stands
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
	s.slip(w, r, p, "", err)
}

// changed takes what a customer wishes.
func (s *Server) changed(w http.ResponseWriter, r *http.Request, id string) {
	at, err := strconv.ParseInt(r.PostFormValue("at"), 10, 64)
	for _, b := range s.buttons() {
		if r.PostFormValue(b.name) != "" {
			p, err := b.do(r.Context(), id)
			s.slip(w, r, p, map[bool]string{false: "text_page_missed"}[b.done(p)], err)
			return
		}
	}
	if err != nil {
		plain(w, http.StatusBadRequest, "A change needs the field at, keep, now or cancel.\n")
		return
	}
	p, err := s.Promises.PutOff(r.Context(), id, time.Unix(at, 0))
	s.slip(w, r, p, map[bool]string{false: "text_form_taken"}[p.At.Unix() == at], err)
}

// A button does what a customer wishes, and knows by the promise whether that
// is so now: it may have been too late, or have been done before.
type button struct {
	name string
	do   func(ctx context.Context, id string) (callback.Promise, error)
	done func(callback.Promise) bool
}

func (s *Server) buttons() []button {
	return []button{
		{"cancel", s.Promises.CallOff, func(p callback.Promise) bool { return p.State.Over() }},
		{"keep", s.Promises.Keep, func(p callback.Promise) bool { return p.Kept || !open(p) }},
		{"now", s.Promises.Hasten, func(p callback.Promise) bool { return p.Place > 0 || !open(p) }},
	}
}

// open reports whether a promise waits for its time.
func open(p callback.Promise) bool {
	return p.State == callback.BookedState || p.State == callback.RetryWait
}

func (s *Server) slip(w http.ResponseWriter, r *http.Request, p callback.Promise, wrong string, err error) {
	if s.lost(w, r, err) {
		return
	}
	p.Lang = s.langOf(r, p.Lang)
	words := func(name string, at time.Time) string {
		return s.Words(p.Lang, ivr.Prompt{Name: name, At: at, Now: p.Now})
	}
	v := slip{
		reading: s.reads(p.Lang), Title: words("text_page_call", p.At), Said: words(fate(p), p.At),
		Stale: words("text_page_busy", p.At), Stands: s.stands(p),
	}
	if wrong != "" {
		v.Wrong = words(wrong, p.At)
	}
	for _, at := range p.Times {
		v.Times = append(v.Times, option{at.Unix(), words("text_page_at", at.In(p.At.Location()))})
		v.Move = words("text_page_move", at)
	}
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
