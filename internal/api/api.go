// Package api lets programs ask the desk over HTTP, by an OpenAPI description.
package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/articles"
	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/limits"
	"github.com/holdless/holdless/internal/menus"
)

// Prefix begins every path.
const Prefix = "/api/v1"

// Config says how much a program may ask.
type Config struct {
	PerSecond int `yaml:"per_second"` // requests of one key, or of one user
}

// Defaults is the configuration that holds when nothing else is said.
func Defaults() Config { return Config{PerSecond: 100} }

// Check says what is wrong with a configuration, by key.
func (c Config) Check() map[string]string {
	if c.PerSecond < 1 {
		return map[string]string{"per_second": "must be 1 at least"}
	}
	return nil
}

// A Desk is asked by programs.
type Desk interface {
	List(ctx context.Context, f callback.Filter) ([]callback.Callback, error)
	Show(ctx context.Context, id string) (callback.Callback, []callback.Attempt, error)
	Book(ctx context.Context, r callback.Request) (callback.Callback, error)
	Move(ctx context.Context, id string, at time.Time, actor string) (callback.Callback, error)
	Cancel(ctx context.Context, id, actor string) error
	Free(ctx context.Context, queue string) ([]time.Time, error)
	Team(ctx context.Context) ([]callback.Status, error)
	SetDuty(ctx context.Context, to callback.Duty) error
	Calls(ctx context.Context, p callback.Phone) ([]callback.Talk, error)
	RatingsOf(ctx context.Context, p callback.Phone) ([]callback.Rating, error)
	Said(ctx context.Context, f callback.FigureFilter) (feedback.Figures, error)
	Report(ctx context.Context, f callback.ReportFilter) ([]callback.Section, error)
	Missed(ctx context.Context, f callback.MissedFilter) ([]callback.Missed, error)
	Journal(ctx context.Context, after int64, limit int) ([]callback.Entry, error)
	LastEntry(ctx context.Context) (int64, error)
}

// Keys knows who asks, and what was answered before.
type Keys interface {
	KeyOf(ctx context.Context, token string) (accounts.Key, bool, error)
	Answered(ctx context.Context, owner, key string) (accounts.Answer, bool, error)
	Keep(ctx context.Context, a accounts.Answer) error
}

// Menus are those of the service.
type Menus interface {
	States() []menus.State
	Reload(ctx context.Context, actor string) (map[string]error, error)
}

// Hooks tell other programs what happens.
type Hooks interface {
	List(ctx context.Context) ([]hooks.State, error)
	Deliveries(ctx context.Context, name string, before hooks.Mark, limit int) ([]hooks.Delivery, error)
	Replay(ctx context.Context, name, id, by string) (hooks.Delivery, error)
	Enable(ctx context.Context, name, by string) error
}

// A Server answers programs. Its fields are set once, before use.
type Server struct {
	Config   Config
	Desk     Desk
	Keys     Keys
	Menus    Menus
	Queues   map[string]*callback.Queue
	Agents   map[string]callback.Agent
	Articles func() articles.Book
	Hooks    Hooks

	Switchboard Switchboard // nil when no call is carried here

	Version string
	Zone    *time.Location // of the service; nil for UTC
	Limits  limits.Book    // where requests are counted; nil for the memory of this process
	Now     func() time.Time
	Log     *slog.Logger

	memory limits.Memory
	once   sync.Once
	locks  map[string]*turn // of requests that have a key of their own
	mu     sync.Mutex
}

// Handler returns all that is under [Prefix], and what it means when it says
// no, under /problems/.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	asked := humago.New(mux, s.config())
	s.callbacks(asked)
	s.people(asked)
	s.records(asked)
	s.reports(asked)
	s.others(asked)
	s.webhooks(asked)
	describeEvents(asked.OpenAPI())
	describeRepeats(asked.OpenAPI())
	describeProblems(asked.OpenAPI())
	describeHeaders(asked.OpenAPI())
	describeOnce(asked.OpenAPI())
	spec, err := json.Marshal(asked.OpenAPI())
	if err != nil {
		panic(err) // it is made of our own types
	}
	old, err := asked.OpenAPI().Downgrade()
	if err != nil {
		panic(err)
	}
	page := document(asked.OpenAPI())
	open := http.NewServeMux()
	open.HandleFunc("GET "+Prefix+"/openapi.json", static("application/openapi+json", spec))
	open.HandleFunc("GET "+Prefix+"/openapi-3.0.json", static("application/openapi+json", old))
	open.HandleFunc("GET "+Prefix+"/docs", static("text/html; charset=utf-8", page))
	open.HandleFunc("GET "+Prefix+"/docs.css", style)
	open.HandleFunc("GET /problems/{name}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, Prefix+"/docs#"+r.PathValue("name"), http.StatusSeeOther)
	})
	mux.HandleFunc("GET "+Prefix+"/events", s.events)
	mux.HandleFunc(Prefix+"/", func(w http.ResponseWriter, r *http.Request) { s.lost(mux, w, r) })
	open.Handle(Prefix+"/", s.known(s.limited(s.once1(mux))))
	return open
}

// lost answers what no operation does: another method, or no such path.
func (s *Server) lost(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	var can []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); pattern != Prefix+"/" {
			can = append(can, method)
		}
	}
	if len(can) > 0 {
		w.Header().Set("Allow", strings.Join(can, ", ")) // RFC 9110, 15.5.6: all of them
		write(w, problem(http.StatusMethodNotAllowed, "method-not-allowed", "This path is asked with "+strings.Join(can, " or ")+"."))
		return
	}
	write(w, problem(http.StatusNotFound, "not-found", "There is no such path; see "+Prefix+"/docs."))
}

func static(kind string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(body) // the client may have gone
	}
}

// config describes the API. Huma's own pages load scripts from elsewhere, so
// there are none of them.
func (s *Server) config() huma.Config {
	c := huma.DefaultConfig("holdless", s.Version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	c.RejectUnknownQueryParameters, c.Transformers = true, []huma.Transformer{named}
	c.Info.Description = "Callbacks, and all that belongs to them. Times are RFC 3339; numbers are E.164. " +
		"Errors are problem details (RFC 9457). A POST or PUT that carries an Idempotency-Key may be repeated for a day. " +
		"Answers tell how much may be asked yet (RateLimit-Remaining), and refusals when to ask again (Retry-After)."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key": {Type: "http", Scheme: "bearer", Description: "A key of holdless keys add."},
	}
	c.Security = []map[string][]string{{"key": {}}}
	return c
}

// An operation is one thing that programs can ask.
type operation struct {
	name   string
	method string
	path   string // below Prefix
	scope  accounts.Scope
	about  string
	status int
	errors []int
}

// always are the refusals that every operation knows.
var always = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable}

// needs is what the description says of a scope.
func needs(s accounts.Scope) string { return fmt.Sprintf("Needs the scope %s.", s) }

// register makes an operation of the API.
func register[I, O any](a huma.API, o operation, do func(context.Context, *I) (*O, error)) {
	errs := slices.Concat(always, o.errors)
	huma.Register(a, huma.Operation{
		OperationID: o.name, Method: o.method, Path: Prefix + o.path, Summary: o.about, DefaultStatus: o.status,
		Description: needs(o.scope), Errors: errs, MaxBodyBytes: bodySize,
		Tags: []string{noun(o.path)}, Middlewares: huma.Middlewares{allow(o.scope)},
	}, do)
}

// bodySize is more than any request needs.
const bodySize = 32 << 10

func noun(path string) string {
	for i := 1; i < len(path); i++ {
		if path[i] == '/' {
			return path[1:i]
		}
	}
	return path[1:]
}
