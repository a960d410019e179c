package web

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/ivr"
)

// Wishes are the calls that people ask for on a page.
type Wishes interface {
	WishTimes(ctx context.Context, queue string) ([]time.Time, error)
	WishNumber(queue, written string) (callback.Phone, error)
	Prove(ctx context.Context, w callback.Wish, code string, until time.Time) error
	Grant(ctx context.Context, w callback.Wish) (callback.Callback, error)
}

// FormConfig is the page on which people ask to be called.
type FormConfig struct {
	Queues  []string `yaml:"queues"`   // that may be asked; none for no page
	Embed   []string `yaml:"embed"`    // web sites that may show it as a part of theirs: https://www.example.com
	PerHour int      `yaml:"per_hour"` // codes that are texted in an hour, for each of these sites, and for the page by itself

	AllPerHour int `yaml:"all_per_hour"` // and for all of them together; 0 for twice as many
}

// all is how many codes are texted in an hour for all sites together.
func (f FormConfig) all() int { return cmp.Or(f.AllPerHour, 2*f.PerHour) }

func (f FormConfig) check() (string, bool) {
	for _, site := range f.Embed {
		u, err := url.Parse(site)
		if err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			return fmt.Sprintf("embed: %q is no web site like https://www.example.com", site), false
		}
	}
	switch {
	case len(f.Queues) > 0 && f.PerHour < 1:
		return "per_hour: must be 1 or more", false
	case len(f.Queues) > 0 && f.all() < f.PerHour:
		return "all_per_hour: must be per_hour or more", false
	}
	return "", true
}

// site is which of the web sites a request of the page comes from, as they are
// configured; "" for none of them, as when the page was opened by itself. Nobody
// but the browser vouches for it: it says who shares a bound, and no more.
func (f FormConfig) site(r *http.Request) string {
	said := r.FormValue("site")
	if said == "" {
		said = r.Referer()
	}
	from, err := url.Parse(said)
	if err != nil {
		return ""
	}
	i := slices.IndexFunc(f.Embed, func(site string) bool {
		u, err := url.Parse(site)
		if err != nil || u.Scheme != from.Scheme {
			return false
		}
		under, any := strings.CutPrefix(u.Host, "*.")
		return strings.EqualFold(u.Host, from.Host) || any && strings.HasSuffix(strings.ToLower(from.Host), "."+strings.ToLower(under))
	})
	if i < 0 {
		return ""
	}
	return f.Embed[i]
}

const (
	codeLife  = 15 * time.Minute
	codeTries = 5 // wrong codes that a number has in that time
)

// plea is the page: what was asked so far, and what is asked next.
type plea struct {
	reading
	Wrong  string
	Phone  string
	Times  []option
	At     int64
	Sent   string // where a code was sent; "" before
	Code   string // what was typed of it
	Labels map[string]string
	From   time.Time // from when on it works, when it does not now
}

// wish shows the page.
func (s *Server) wish(w http.ResponseWriter, r *http.Request) { s.plead(w, r, plea{}, "") }

// wished takes what was filled in: first a number and a time, then the code.
func (s *Server) wished(w http.ResponseWriter, r *http.Request) {
	p := plea{Phone: strings.TrimSpace(r.PostFormValue("phone"))}
	p.At, _ = strconv.ParseInt(r.PostFormValue("at"), 10, 64) // none is no time that is free
	ask := callback.Wish{Queue: r.PathValue("queue"), Lang: s.langOf(r, ""), At: time.Unix(p.At, 0)}
	var err error
	ask.Phone, err = s.Wishes.WishNumber(ask.Queue, p.Phone)
	if turned(r) {
		if r.PostFormValue("sent") != "" {
			p.Sent, p.Code = string(ask.Phone), r.PostFormValue("code")
		}
		s.plead(w, r, p, "")
		return
	}
	if err != nil {
		s.plead(w, r, p, "text_form_refused")
		return
	}
	if code := r.PostFormValue("code"); code != "" {
		s.prove(w, r, p, ask, code)
		return
	}
	s.sendCode(w, r, p, ask)
}

// sendCode texts a code. It is the same for a quarter of an hour, so that who
// asks twice gets one text.
func (s *Server) sendCode(w http.ResponseWriter, r *http.Request, p plea, ask callback.Wish) {
	own, shared := codesFor(accounts.Address(r)), s.Form.codesTo(s.Form.site(r))
	wait, err := s.may(r, append(shared, own)...)
	if s.lost(w, r, err) {
		return
	}
	if wait > 0 {
		s.plead(w, r, p, "text_form_often")
		return
	}
	until := s.Now().Truncate(codeLife).Add(2 * codeLife)
	err = s.Wishes.Prove(r.Context(), ask, s.code(ask.Phone, until), until)
	if why, refused := errors.AsType[*number.RefusalError](err); refused {
		answer := "text_form_refused"
		switch {
		case why.Reason == number.ReasonQuiet && !why.From.IsZero():
			answer, p.From = "text_form_quiet", why.From
			s.unused(r, shared...)
		case why.Reason == ivr.TooMany || why.Reason == number.ReasonQuiet:
			answer = "text_form_often" // later it may be granted
		}
		s.plead(w, r, p, answer)
		return
	}
	if s.lost(w, r, err) {
		return
	}
	p.Sent = string(ask.Phone)
	s.plead(w, r, p, "")
}

// prove holds a code against those that were sent lately, and has the wish
// granted.
func (s *Server) prove(w http.ResponseWriter, r *http.Request, p plea, ask callback.Wish, code string) {
	p.Sent = string(ask.Phone)
	wait, err := s.may(r, s.Form.proofsOf(string(ask.Phone), s.Form.site(r))...)
	if s.lost(w, r, err) {
		return
	}
	if wait > 0 {
		s.plead(w, r, p, "text_form_often")
		return
	}
	last := s.Now().Truncate(codeLife)
	right := func(until time.Time) bool {
		return hmac.Equal([]byte(strings.TrimSpace(code)), []byte(s.code(ask.Phone, until)))
	}
	if first, second := right(last.Add(codeLife)), right(last.Add(2*codeLife)); !first && !second {
		s.plead(w, r, p, "text_form_wrong")
		return
	}
	c, err := s.Wishes.Grant(r.Context(), ask)
	_, refused := errors.AsType[*number.RefusalError](err)
	switch {
	case errors.Is(err, callback.ErrTaken):
		p.Sent = ""
		s.plead(w, r, p, "text_form_taken")
	case refused:
		s.plead(w, r, plea{}, "text_form_often")
	case errors.Is(err, callback.ErrBooked) || !s.lost(w, r, err):
		page := s.Links.To(PromisePage, c.ID, c.At.Add(codeLife).Add(48*time.Hour)) + "?lang=" + url.QueryEscape(ask.Lang)
		http.Redirect(w, r, page[strings.LastIndex(page, "/"+PromisePage+"/"):], http.StatusSeeOther)
	}
}

// code is six digits that only who has the key, or the telephone, knows.
func (s *Server) code(p callback.Phone, until time.Time) string {
	mac := hmac.New(sha256.New, s.Links.Key)
	mac.Write(fmt.Appendf(nil, "code\x00%s\x00%d", p, until.Unix()))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(mac.Sum(nil))%1_000_000)
}

// plead shows the page, with what is wrong when something is.
func (s *Server) plead(w http.ResponseWriter, r *http.Request, p plea, wrong string) {
	free, err := s.Wishes.WishTimes(r.Context(), r.PathValue("queue"))
	if s.lost(w, r, err) {
		return
	}
	p.reading = s.reads(s.langOf(r, ""))
	p.Site, p.Typed = s.Form.site(r), p.Sent != "" || len(free) > 0
	words := func(name string, at time.Time) string {
		return s.Words(p.Lang, ivr.Prompt{Name: name, At: at, Now: s.Now().In(at.Location()), Digits: p.Sent})
	}
	for _, at := range free {
		p.Times = append(p.Times, option{at.Unix(), words("text_page_at", at)})
	}
	p.Labels = map[string]string{}
	for _, name := range []string{"title", "number", "when", "next", "sent", "code", "book", "none"} {
		p.Labels[name] = words("text_form_"+name, s.Now())
	}
	if wrong != "" {
		p.Wrong = words(wrong, cmp.Or(p.From, s.Now()))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
	s.show(w, "wish.html", p)
}

// framed lets the web sites show a page that may: the form, and the promise to
// which it leads.
func (s *Server) framed(next http.HandlerFunc) http.HandlerFunc {
	const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
	if len(s.Form.Embed) == 0 {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", policy+"'none'")
			next(w, r)
		}
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Del("X-Frame-Options") // it cannot name web sites
		w.Header().Set("Content-Security-Policy", policy+strings.Join(s.Form.Embed, " "))
		next(w, r)
	}
}

// offered lets nobody ask but for the queues that may be asked, and nobody ask
// too often.
func (s *Server) offered(next http.HandlerFunc) http.HandlerFunc {
	return s.framed(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(s.Form.Queues, r.PathValue("queue")) {
			plain(w, http.StatusNotFound, "There is no such page.\n")
			return
		}
		wait, err := s.may(r, fromAddress(accounts.Address(r)))
		switch {
		case s.lost(w, r, err):
		case wait > 0:
			s.often(w, r, wait)
		default:
			next(w, r)
		}
	})
}
