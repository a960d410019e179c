package sms

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
)

// hookSize is the size of the largest request that a webhook takes.
const hookSize = 16 << 10

// same compares secrets in a time that tells nothing of them.
func same(got, want string) bool {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return want != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// inbox hands to the desk what webhooks have understood.
type inbox struct {
	desk Desk
	like callback.Phone // our own number: others may be written as in its country
	line string         // the driver's name
	log  *slog.Logger
}

// reply takes a text. The carrier is told that we have it only when it is
// written down, so that it will bring it again.
func (b *inbox) reply(w http.ResponseWriter, r *http.Request, in callback.InText) {
	in.Line, in.From, in.To = b.line, normal(string(in.From), b.like), normal(string(in.To), b.like)
	if in.From == "" || in.ID == "" {
		http.Error(w, "sender and id are needed", http.StatusBadRequest)
		return
	}
	_, err := b.desk.Reply(r.Context(), in)
	b.done(w, "reply", in.From, err)
}

// receipt takes what became of a text. One of which we know nothing is let
// go, or asked for again when our own note may only be late.
func (b *inbox) receipt(w http.ResponseWriter, r *http.Request, got callback.Receipt) {
	err := b.desk.Receipt(r.Context(), got)
	if errors.Is(err, callback.ErrNotFound) && got.Message != "" {
		err = nil
	}
	b.done(w, "receipt", "", err)
}

// done answers with a status that Kannel takes for a success, or with one
// after which every carrier comes again.
func (b *inbox) done(w http.ResponseWriter, what string, from callback.Phone, err error) {
	if err == nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	b.log.Warn("word from the carrier not taken", "line", b.line, "do", what, "phone", from, "err", err)
	http.Error(w, "try again", http.StatusServiceUnavailable)
}

// normal writes a number in E.164 form, as far as it is one: SMPP leaves out
// the +, others write as at home. Short codes and names stay as they are.
func normal(raw string, like callback.Phone) callback.Phone {
	raw = strings.TrimSpace(raw)
	digits := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(raw)
	if full := number.Full(callback.Phone(digits), like); number.Real(full) {
		return full
	}
	return callback.Phone(raw)
}
