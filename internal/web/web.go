// Package web serves the pages, the health and the metrics over HTTP.
package web

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/limits"
	"github.com/holdless/holdless/ivr"
)

// Config says where pages are served.
type Config struct {
	Listen    string `yaml:"listen"`     // host:port
	PublicURL string `yaml:"public_url"` // how others reach us, for links in texts
	KeyFile   string `yaml:"key_file"`   // its first line signs these links; "" for one that is made in data

	Form    FormConfig    `yaml:"form"` // the page on which people ask to be called
	Metrics MetricsConfig `yaml:"metrics"`
}

// Defaults is the configuration that holds when nothing else is said.
func Defaults() Config {
	return Config{Listen: "127.0.0.1:8080", Form: FormConfig{Queues: []string{}, Embed: []string{}, PerHour: 60}, Metrics: MetricsConfig{Allow: []string{}}}
}

// Check says what is wrong with a configuration, by key.
func (c Config) Check() map[string]string {
	wrong := map[string]string{}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		wrong["listen"] = fmt.Sprintf("%q is not host:port", c.Listen)
	}
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		wrong["public_url"] = fmt.Sprintf("%q is no address; write https://desk.example.com", c.PublicURL)
	}
	if _, err := c.Metrics.networks(); err != nil {
		wrong["metrics"] = err.Error()
	}
	if text, ok := c.Form.check(); !ok {
		wrong["form"] = text
	}
	return wrong
}

// What a stranger may cost: a slow or greedy client is cut off.
const (
	headerTime = 5 * time.Second
	readTime   = 10 * time.Second
	writeTime  = 30 * time.Second
	idleTime   = 30 * time.Second
	headerSize = 16 << 10
	bodySize   = 64 << 10
	menuSize   = 1 << 20  // the text of a menu, as a form sends it
	soundSize  = 21 << 20 // a recording of a prompt, and the form around it
)

// A Server shows what goes on. Its fields are set once, before use.
type Server struct {
	Board    http.Handler                      // the pages / and /desk/; may be nil
	Wall     http.Handler                      // the page /wall; may be nil
	Reports  http.Handler                      // the pages /reports, /audit and /pulse; may be nil
	Zone     func(queue string) *time.Location // where a queue is
	Now      func() time.Time
	Checks   []Check                 // what must hold to be ready
	Metrics  http.Handler            // may be nil
	Insiders MetricsConfig           // who may read them, and what is missing to be ready
	Phone    http.Handler            // the telephone under /phone/; nil but in the demo
	Outbox   Outbox                  // texts that did not really leave; nil but in the demo
	Hooks    map[string]http.Handler // by path; each lets in only whom it knows
	Menus    http.Handler            // the pages under /menus/, which let in whom they know; may be nil
	API      http.Handler            // what programs ask, under /api/v1/ and /problems/; may be nil
	Accounts *accounts.Registry      // who may open what; nil where everybody may, as in tests
	Limits   limits.Book             // of what strangers may do how often; nil for the memory of this process
	Log      *slog.Logger

	Surveys   Surveys                                // answered on a page
	Wishes    Wishes                                 // calls that people ask for on a page
	Form      FormConfig                             // of that page
	Promises  Promises                               // shown to customers, and changed by them
	Feeds     Feeds                                  // under /f/; may be nil
	Links     Links                                  // to these pages, which are not there without a key
	Languages []string                               // of the service
	Words     func(lang string, p ivr.Prompt) string // of a prompt

	patience time.Duration // with each of Checks; 0 for checkTime
	draining atomic.Bool
	memory   limits.Memory
}

//go:embed outbox.html outbox.js language.html survey.html promise.html promise.js wish.html style.css survey.css
var files embed.FS

// Drain makes the server report that it is not ready any more.
func (s *Server) Drain() { s.draining.Store(true) }

// strict lets a page load nothing but our own style.
func strict(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// Serve answers on ln until ctx is done, and lets requests under way finish.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerSize,
		ConnState:         tellLate,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		// Twice headerTime: a connection on which nothing was asked yet is waited for that long.
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*headerTime)
		defer cancel()
		err := srv.Shutdown(last)
		if errors.Is(err, context.DeadlineExceeded) {
			s.Log.Warn("pages not finished", "err", err)
			err = srv.Close()
		}
		stopped <- err
	})
	defer stop()
	if err := srv.Serve(patient{ln}); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve pages: %w", err)
	}
	return <-stopped
}
