// Package booth is a telephone in the browser: a page with keys, and behind it
// a telephone that speaks SIP and RTP.
package booth

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/holdless/holdless/internal/phone"
)

// Config says who telephones here, and where to.
type Config struct {
	Number string   // of this telephone
	Dial   []Number // what it can call; the first unless another is chosen
	Texts  string   // page of the texts that come to it; "" for none
	Call   func(ctx context.Context, number string) (*phone.Call, error)
	Now    func() time.Time // the clock that is shown
	Log    *slog.Logger

	// Still reports whether who makes a request may still make it: what he is told
	// ends when not; nil where everybody may for ever.
	Still func(context.Context) bool
	// Next is when somebody is to call this telephone, zero for never; nil where
	// nobody knows.
	Next func(context.Context) (time.Time, error)
	// Alone is how long a call goes on with no page open on the telephone; 0 for a
	// minute.
	Alone time.Duration

	// Pace is how fast the clock may run, as a multiple of ours, and Hurry
	// changes it; nil for a clock that nobody can hurry.
	Pace  func() float64
	Hurry func(pace float64)
}

// A Number is one that the telephone can call.
type Number struct {
	Number string
	Lang   string // of whoever answers there
	Name   string // of that language, as its speakers call it
}

// paces are how fast the page lets the clock run.
var paces = map[string]float64{"1": 1, "10": 10, "60": 60}

// State is what the telephone does.
type State string

// The states of the telephone.
const (
	Idle    State = "idle"
	Calling State = "calling" // the other end rings
	Ringing State = "ringing" // this one does
	Up      State = "up"
)

// A Booth is the telephone. It holds one call at a time; who calls meanwhile
// finds it busy.
type Booth struct {
	config Config
	finger sync.Mutex // one key after the other: a new one cuts the one before short

	mu     sync.Mutex
	state  State
	call   *phone.Call
	answer chan bool          // decides upon a call that rings: taken, or not
	hangup context.CancelFunc // gives up a call that is being made
	lines  []line             // what happened since the telephone was last taken up
	spoken string             // the language of what was said last
	more   chan struct{}      // is closed, and made anew, when anything has changed
	pages  int                // that are open
	left   *time.Timer        // hangs up when nobody comes back to the telephone
}

// A line is one thing that happened, in words.
type line struct {
	Who   speaker `json:"who"`
	Lang  string  `json:"lang,omitempty"`
	Words string  `json:"words"`
}

// A speaker is whose words they are.
type speaker string

const (
	service   speaker = "service"
	own       speaker = "own"  // a key of this telephone
	text      speaker = "text" // that came to this telephone
	telephone speaker = "telephone"
)

// New makes a telephone that does nothing yet.
func New(c Config) *Booth { return &Booth{config: c, state: Idle, more: make(chan struct{})} }

//go:embed page.html booth.js booth.css
var files embed.FS

var pages = template.Must(template.ParseFS(files, "page.html"))

// Handler returns the page at /phone, and what it asks for.
func (b *Booth) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /phone/{$}", b.page)
	mux.HandleFunc("GET /phone/booth.js", static)
	mux.HandleFunc("GET /phone/booth.css", static)
	mux.HandleFunc("GET /phone/events", b.events)
	mux.HandleFunc("GET /phone/sound", b.sound)
	mux.HandleFunc("POST /phone/key", b.press)
	mux.HandleFunc("POST /phone/pace", b.hurry)
	mux.HandleFunc("POST /phone/call", b.callOut)
	for path, do := range map[string]func(){"answer": b.take, "hangup": b.hang} {
		mux.HandleFunc("POST /phone/"+path, func(w http.ResponseWriter, _ *http.Request) {
			do()
			w.WriteHeader(http.StatusNoContent)
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "+
			"form-action 'self'; base-uri 'none'; frame-ancestors 'self'")
		mux.ServeHTTP(w, r)
	})
}

func (b *Booth) page(w http.ResponseWriter, _ *http.Request) {
	var out bytes.Buffer
	if err := pages.Execute(&out, b.config); err != nil {
		b.config.Log.Error("page not shown", "err", err)
		http.Error(w, "This page cannot be shown.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = out.WriteTo(w) // the client may have gone
}

func static(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, strings.TrimPrefix(r.URL.Path, "/phone/"))
}

// callOut calls the number that was chosen.
func (b *Booth) callOut(w http.ResponseWriter, r *http.Request) {
	number := r.PostFormValue("number")
	if i := slices.IndexFunc(b.config.Dial, func(n Number) bool { return number == "" || n.Number == number }); i >= 0 {
		b.dial(context.WithoutCancel(r.Context()), b.config.Dial[i].Number)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Error(w, "This telephone cannot call that number.", http.StatusBadRequest)
}

// press sends one key to the other end.
func (b *Booth) press(w http.ResponseWriter, r *http.Request) {
	key := r.PostFormValue("key")
	if len(key) != 1 || !strings.Contains("0123456789*#", key) {
		http.Error(w, "This telephone has the keys 0 to 9, * and #.", http.StatusBadRequest)
		return
	}
	call := b.current()
	if call == nil {
		http.Error(w, "There is no call.", http.StatusConflict)
		return
	}
	b.finger.Lock()
	defer b.finger.Unlock()
	b.write(line{Who: own, Words: key}) // what it is answered with may come before it is over
	if err := call.Press(r.Context(), key); err != nil {
		http.Error(w, "The call is over.", http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// hurry has the clock run faster, or as slowly as ours.
func (b *Booth) hurry(w http.ResponseWriter, r *http.Request) {
	pace := paces[r.PostFormValue("pace")]
	if pace == 0 || b.config.Hurry == nil {
		http.Error(w, "The clock runs 1, 10 or 60 times as fast as yours, where it can be hurried.", http.StatusBadRequest)
		return
	}
	b.change(func() { b.config.Hurry(pace) })
	w.WriteHeader(http.StatusNoContent)
}
