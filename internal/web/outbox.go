package web

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

// A Text is a text message that did not really leave.
type Text struct {
	At       time.Time
	To       callback.Phone
	Body     string
	Segments int // the messages that it is billed as
}

// An Outbox keeps texts that did not really leave, and takes answers to them.
type Outbox interface {
	Texts() []Text // newest first
	Answer(ctx context.Context, from callback.Phone, body string) (answered bool, err error)
}

// note is one text as the page shows it.
type note struct {
	To       string
	At       string
	Machine  string
	Body     string
	Link     string // the address in it; "" for none
	Segments int
}

// linked finds the address of a page in a text, as telephones do.
var linked = regexp.MustCompile(`https?://\S+`)

// outboxScript has the page of texts read itself anew.
func outboxScript(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "outbox.js")
}

func (s *Server) outbox(w http.ResponseWriter, _ *http.Request) { s.texts(w, "") }

func (s *Server) texts(w http.ResponseWriter, result string) {
	data := struct {
		Result string
		Phone  bool // there is a telephone in the browser
		Texts  []note
	}{Result: result, Phone: s.Phone != nil}
	for _, t := range s.Outbox.Texts() {
		at := t.At.In(s.Zone(""))
		data.Texts = append(data.Texts, note{
			To: string(t.To), At: at.Format("15:04"), Machine: at.Format(time.RFC3339),
			Body: t.Body, Link: linked.FindString(t.Body), Segments: t.Segments,
		})
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	s.show(w, "outbox.html", data)
}

// answer takes what the reader of a text writes back.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	from, body := r.PostFormValue("from"), r.PostFormValue("body")
	if from == "" || body == "" {
		plain(w, http.StatusBadRequest, "An answer needs the fields from and body.\n")
		return
	}
	// A form that was not encoded well has a space in the place of the plus.
	number := callback.Phone("+" + strings.TrimLeft(from, "+ "))
	answered, err := s.Outbox.Answer(r.Context(), number, body)
	switch {
	case err != nil:
		s.Log.Error("answer not taken", "err", err)
		plain(w, http.StatusInternalServerError, "The answer could not be taken. Try again.\n")
	case !answered:
		s.texts(w, "Nobody was waiting for an answer from that number.")
	default:
		s.texts(w, "The answer was taken.")
	}
}
