package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/holdless/holdless/internal/accounts"
)

// A turn is a request that is being answered, and those that wait to be told
// the same.
type turn struct {
	hold chan struct{} // has room for who answers
	n    int           // who hold it or wait
}

// repeatKey is the header that names a request, so that it may be sent again.
const (
	repeatKey = "Idempotency-Key"
	keyMost   = 128 // letters
)

// once1 answers a request that carries an Idempotency-Key once, and tells the
// same to whoever sends it again. What failed on our side may be tried again.
func (s *Server) once1(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > bodySize {
			w.Header().Set("Connection", "close")
			write(w, problem(http.StatusRequestEntityTooLarge, "too-large", largest))
			return
		}
		key := r.Header.Get(repeatKey)
		if key == "" || r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		if len(key) > keyMost {
			write(w, problem(http.StatusUnprocessableEntity, "invalid", "An Idempotency-Key has 128 letters at most."))
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodySize))
		if errors.Is(err, os.ErrDeadlineExceeded) {
			write(w, problem(http.StatusRequestTimeout, "too-slow", ""))
			return
		}
		if err != nil {
			write(w, problem(http.StatusRequestEntityTooLarge, "too-large", largest+" Or it broke off."))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		owner := callerOf(r.Context()).id
		done, err := s.take(r, owner+" "+key)
		if err != nil {
			return // the client has gone
		}
		defer done()
		s.repeat(w, r, next, accounts.Answer{Owner: owner, Key: key, Digest: digest(r, body)})
	})
}

func digest(r *http.Request, body []byte) string {
	sum := sha256.New()
	_, _ = io.WriteString(sum, r.Method+" "+r.URL.RequestURI()+"\n") // a hash takes all
	_, _ = sum.Write(body)
	return hex.EncodeToString(sum.Sum(nil))
}

// take waits until nobody else answers the same request.
func (s *Server) take(r *http.Request, key string) (done func(), err error) {
	s.mu.Lock()
	s.once.Do(func() { s.locks = map[string]*turn{} })
	t := s.locks[key]
	if t == nil {
		t = &turn{hold: make(chan struct{}, 1)}
		s.locks[key] = t
	}
	t.n++
	s.mu.Unlock()
	leave := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if t.n--; t.n == 0 {
			delete(s.locks, key)
		}
	}
	select {
	case t.hold <- struct{}{}:
		return func() { <-t.hold; leave() }, nil
	case <-r.Context().Done():
		leave()
		return nil, r.Context().Err()
	}
}

func (s *Server) repeat(w http.ResponseWriter, r *http.Request, next http.Handler, a accounts.Answer) {
	before, ok, err := s.Keys.Answered(r.Context(), a.Owner, a.Key)
	switch {
	case err != nil:
		s.Log.Error("answer not read", "err", err)
		write(w, problem(http.StatusServiceUnavailable, "unavailable", ""))
	case ok && before.Digest != a.Digest:
		write(w, problem(http.StatusUnprocessableEntity, "key-reused", "Choose a new key for a new request."))
	case ok:
		w.Header().Set("Content-Type", before.Type)
		w.Header().Set("Idempotency-Replayed", "true")
		if at := madeAt(r, before); at != "" {
			w.Header().Set("Location", at)
		}
		w.WriteHeader(before.Status)
		_, _ = io.WriteString(w, before.Body) // the client may have gone
	default:
		heard := &listener{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(heard, r)
		a.Status, a.Type, a.Body = heard.status, w.Header().Get("Content-Type"), heard.body.String()
		if a.Status >= http.StatusInternalServerError {
			return
		}
		// It is done, also when the client has gone: he will ask again.
		if err := s.Keys.Keep(context.WithoutCancel(r.Context()), a); err != nil {
			s.Log.Error("answer not kept", "err", err)
		}
	}
}

// madeAt is where that is which a request has made; "" when it made nothing.
func madeAt(r *http.Request, a accounts.Answer) string {
	var made struct{ ID string }
	if a.Status != http.StatusCreated || json.Unmarshal([]byte(a.Body), &made) != nil || made.ID == "" {
		return ""
	}
	return r.URL.Path + "/" + made.ID
}

// listener hears what is answered.
type listener struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements [http.ResponseWriter].
func (l *listener) WriteHeader(code int) {
	l.status = code
	l.ResponseWriter.WriteHeader(code)
}

// Write implements [http.ResponseWriter].
func (l *listener) Write(p []byte) (int, error) {
	l.body.Write(p)
	return l.ResponseWriter.Write(p)
}

// Unwrap lets deadlines be set.
func (l *listener) Unwrap() http.ResponseWriter { return l.ResponseWriter }
