package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/limits"
	"github.com/holdless/holdless/ivr"
)

// How often pages of customers are opened: so many at once, and then one in a
// while. Many customers may share an address; nobody needs one link so often.
const (
	visitsAtOnce = 60
	addressEvery = time.Second
	linkAtOnce   = 20
	linkEvery    = 5 * time.Second
)

// fromAddress bounds the pages that an address opens.
func fromAddress(address string) limits.Limit {
	return limits.Limit{Kind: "pages opened from an address", Of: accounts.Network(address), AtOnce: visitsAtOnce, Every: addressEvery}
}

// byLink bounds how often a link is opened. It is only counted when it is one of
// ours: strangers cannot use up a customer's.
func byLink(link string) limits.Limit {
	return limits.Limit{Kind: "pages opened by a link", Of: link, AtOnce: linkAtOnce, Every: linkEvery}
}

// codesFor bounds how often one address asks for a code.
func codesFor(address string) limits.Limit {
	return limits.Limit{Kind: "codes for an address", Of: accounts.Network(address), AtOnce: 5, Every: 10 * time.Minute}
}

// codesTo bound the codes that are texted: those for one web site, and all
// together. So a site that is busy, or attacked, leaves the others theirs.
func (f FormConfig) codesTo(site string) []limits.Limit {
	return []limits.Limit{hourly("codes for a site", site, f.PerHour), hourly("codes", "", f.all())}
}

// proofsOf bound the codes that are tried: each code that is texted can be
// mistyped a few times, and strangers who guess at many numbers come to an end.
func (f FormConfig) proofsOf(number, site string) []limits.Limit {
	return []limits.Limit{
		{Kind: "codes tried for a number", Of: number, AtOnce: codeTries, Every: codeLife / codeTries},
		hourly("codes tried for a site", site, codeTries*f.PerHour),
		hourly("codes tried", "", codeTries*f.all()),
	}
}

// hourly is so often in an hour.
func hourly(kind, of string, n int) limits.Limit {
	return limits.Limit{Kind: kind, Of: of, AtOnce: n, Every: time.Hour / time.Duration(n)}
}

// bounds is where all that is counted.
func (s *Server) bounds() limits.Book {
	if s.Limits != nil {
		return s.Limits
	}
	return &s.memory
}

// may reports whether something more may be done, and until when to wait.
func (s *Server) may(r *http.Request, all ...limits.Limit) (wait time.Duration, err error) {
	left, err := s.bounds().Take(r.Context(), s.Now(), all...)
	return left.Wait, err
}

// unused gives back what was taken, and needed not to be. That it cannot be
// written down keeps nobody out.
func (s *Server) unused(r *http.Request, all ...limits.Limit) {
	if err := s.bounds().Give(r.Context(), s.Now(), all...); err != nil {
		s.Log.Warn("what was not used is not given back", "err", err)
	}
}

// often tells a customer that a page was opened too often.
func (s *Server) often(w http.ResponseWriter, r *http.Request, wait time.Duration) {
	after(w, wait)
	s.tell(w, r, http.StatusTooManyRequests, "text_form_often")
}

// after tells when to try again (RFC 9110, 10.2.3).
func after(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
}

// tell shows a page of nothing but some words.
func (s *Server) tell(w http.ResponseWriter, r *http.Request, code int, name string) {
	lang := s.langOf(r, "")
	words := s.Words(lang, ivr.Prompt{Name: name})
	v := sheet{reading: s.reads(lang), Title: words, Said: []said{{lang, words}}}
	v.Langs = nil
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	s.show(w, "survey.html", v)
}

// visit makes the page of a kind of link: what the link is about is handed to
// show. Of a link that is none of ours, or over, no more is told than that.
func (s *Server) visit(kind string, show func(w http.ResponseWriter, r *http.Request, id string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, ours := s.Links.Open(kind, r.PathValue("token"), s.Now())
		counted := []limits.Limit{fromAddress(accounts.Address(r))}
		if ours {
			counted = append(counted, byLink(id))
		}
		wait, err := s.may(r, counted...)
		switch {
		case s.lost(w, r, err):
		case wait > 0:
			s.often(w, r, wait)
		case !ours:
			s.over(w, r)
		default:
			show(w, r, id)
		}
	}
}

// lost tells that a page cannot be shown, and why. It reports false when
// nothing is wrong.
func (s *Server) lost(w http.ResponseWriter, r *http.Request, err error) bool {
	switch {
	case err == nil:
		return false
	case errors.Is(err, callback.ErrNotFound): // deleted, as retention asks
		s.over(w, r)
	default:
		s.Log.Error("page not shown", "err", err)
		s.tell(w, r, http.StatusServiceUnavailable, "text_page_busy")
	}
	return true
}
