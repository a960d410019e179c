package api

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/limits"
)

// A caller is who asks: a program with a key, or a user in a browser.
type caller struct {
	id     string
	actor  string // in the journal
	scopes []accounts.Scope
	agent  string // the only agent that he may change; "" for any
}

type callerKey struct{}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// known lets in who has a key, or has signed in.
func (s *Server) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok, err := s.who(r)
		if err != nil {
			s.Log.Error("key not read", "err", err)
			write(w, problem(http.StatusServiceUnavailable, "unavailable", ""))
			return
		}
		if !ok {
			w.Header().Set("WWW-Authenticate", `Bearer realm="holdless"`)
			write(w, problem(http.StatusUnauthorized, "not-signed-in", "Send Authorization: Bearer and a key of holdless keys add."))
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
	})
}

func (s *Server) who(r *http.Request) (caller, bool, error) {
	if auth := r.Header.Get("Authorization"); auth != "" {
		scheme, token, _ := strings.Cut(auth, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return caller{}, false, nil
		}
		k, ok, err := s.Keys.KeyOf(r.Context(), strings.TrimSpace(token))
		return caller{id: "key:" + k.ID, actor: "api:" + k.Name, scopes: k.Scopes}, ok, err
	}
	u, ok := accounts.From(r.Context())
	c := caller{id: u.Actor(), actor: u.Actor(), scopes: u.Role.Scopes()}
	if u.Role == accounts.Agent {
		c.agent = cmp.Or(u.Agent, "nobody's")
	}
	return c, ok, nil
}

// allow lets through whose key has a scope.
func allow(scope accounts.Scope) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if slices.Contains(callerOf(ctx.Context()).scopes, scope) {
			next(ctx)
			return
		}
		p := problem(http.StatusForbidden, "not-allowed", "It needs the scope "+string(scope)+".")
		ctx.SetHeader("Content-Type", problemType)
		ctx.SetStatus(p.Status)
		_ = json.NewEncoder(ctx.BodyWriter()).Encode(p) // the client may have gone
	}
}

// limitOf bounds how often a caller asks.
func (s *Server) limitOf(c caller) limits.Limit {
	return limits.Limit{Kind: "requests", Of: c.id, AtOnce: 2 * s.Config.PerSecond, Every: time.Second / time.Duration(s.Config.PerSecond)}
}

// bounds is where requests are counted.
func (s *Server) bounds() limits.Book {
	if s.Limits != nil {
		return s.Limits
	}
	return &s.memory
}

// limited bounds how often a caller asks, and tells how much is left.
func (s *Server) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := s.limitOf(callerOf(r.Context()))
		left, err := s.bounds().Take(r.Context(), s.Now(), limit)
		if err != nil {
			s.Log.Error("requests not counted", "err", err)
			write(w, problem(http.StatusServiceUnavailable, "unavailable", ""))
			return
		}
		h := w.Header()
		h.Set("RateLimit-Limit", strconv.Itoa(limit.AtOnce))
		h.Set("RateLimit-Remaining", strconv.Itoa(left.N))
		h.Set("RateLimit-Reset", strconv.Itoa(seconds(left.Full)))
		if left.Wait > 0 {
			h.Set("Retry-After", strconv.Itoa(seconds(left.Wait)))
			write(w, problem(http.StatusTooManyRequests, "too-many-requests", ""))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
