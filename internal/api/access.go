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
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"

	"github.com/holdless/holdless/internal/accounts"
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

// limits bound how often each caller asks.
type limits struct {
	mu  sync.Mutex
	all map[string]*rate.Limiter
}

// mostLimits bounds the memory: keys are few, and people too.
const mostLimits = 10_000

func (l *limits) of(id string, perSecond int) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil || len(l.all) >= mostLimits {
		l.all = map[string]*rate.Limiter{}
	}
	if l.all[id] == nil {
		l.all[id] = rate.NewLimiter(rate.Limit(perSecond), 2*perSecond)
	}
	return l.all[id]
}

// limited bounds how often a caller asks, and tells how much is left.
func (s *Server) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit := s.limits.of(callerOf(r.Context()).id, s.Config.PerSecond)
		now := s.Now()
		ok := limit.AllowN(now, 1)
		left := limit.TokensAt(now)
		h := w.Header()
		h.Set("RateLimit-Limit", strconv.Itoa(limit.Burst()))
		h.Set("RateLimit-Remaining", strconv.Itoa(max(0, int(left))))
		h.Set("RateLimit-Reset", strconv.Itoa(seconds((float64(limit.Burst())-left)/float64(limit.Limit()))))
		if !ok {
			h.Set("Retry-After", strconv.Itoa(max(1, seconds((1-left)/float64(limit.Limit())))))
			write(w, problem(http.StatusTooManyRequests, "too-many-requests", ""))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func seconds(s float64) int {
	return int(math.Ceil(time.Duration(s * float64(time.Second)).Seconds()))
}
