package booth

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/internal/phone"
)

const limit = 5 * time.Minute

// site is a booth on a web site, and the telephone behind it.
type site struct {
	*testing.T
	*Booth
	http *httptest.Server
	own  *phone.Phone
	out  atomic.Bool // nobody is let in any more
}

// newSite makes a booth that calls another telephone.
func newSite(t *testing.T, other *phone.Phone) *site {
	t.Helper()
	s := &site{T: t}
	s.Booth = New(Config{
		Number: "+358401234567", Dial: []Number{{"+358912345", "en", "English"}, {"+358912346", "fi", "Suomi"}}, Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Still: func(context.Context) bool { return !s.out.Load() },
		Call: func(ctx context.Context, _ string) (*phone.Call, error) {
			return s.own.Call(ctx, other.URI(), "+358401234567")
		},
	})
	own, err := phone.Open(phone.Config{Listen: "127.0.0.1:0", Answer: s.Ring})
	if err != nil {
		t.Fatal(err)
	}
	s.own = own
	s.http = httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		s.http.CloseClientConnections()
		s.http.Close()
		if err := own.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *site) post(path string, form url.Values) int {
	s.Helper()
	res, err := http.PostForm(s.http.URL+"/phone/"+path, form)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// get asks for something that the page needs.
func (s *site) get(ctx context.Context, path string) *http.Response {
	s.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.http.URL+"/phone/"+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	return res
}

// calls presses the button, and returns the call as the other telephone has it.
func (s *site) calls(taken <-chan *phone.Call) (far *phone.Call) {
	s.Helper()
	if got := s.post("call", nil); got != http.StatusNoContent {
		s.Fatalf("call answers %d", got)
	}
	far = <-taken
	s.until(Up)
	return far
}

// hum is a tone, until the test is over or the call is.
func hum(ctx context.Context, c *phone.Call) {
	for ctx.Err() == nil && c.Say(ctx, c.Tone(440, 50)) == nil {
	}
}

// post sends a form to a booth without a site, and returns what it answers.
func post(b *Booth, path, form string) int {
	r := httptest.NewRequest(http.MethodPost, "/phone/"+path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got := httptest.NewRecorder()
	b.Handler().ServeHTTP(got, r)
	return got.Code
}

// until waits for a state.
func (s *site) until(want State) {
	s.Helper()
	late := time.After(limit)
	for {
		now, more := s.shown(s.Context())
		if now.State == want {
			return
		}
		select {
		case <-more:
		case <-late:
			s.Fatalf("it is %s, and never %s", now.State, want)
		}
	}
}

// other is a telephone that hands on the calls it takes.
func other(t *testing.T) (*phone.Phone, <-chan *phone.Call) {
	t.Helper()
	calls := make(chan *phone.Call, 1)
	p, err := phone.Open(phone.Config{Listen: "127.0.0.1:0", Answer: func(ctx context.Context, in *phone.Incoming) {
		if c, err := in.Accept(ctx); err == nil {
			calls <- c
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, calls
}

// hears reads a while of sound, which is mu-law, and returns how loud its loudest
// sample is.
func (s *site) hears(ctx context.Context) (loudest int16) {
	s.Helper()
	res := s.get(ctx, "sound")
	defer res.Body.Close()
	if kind := res.Header.Get("Content-Type"); kind != "audio/basic" {
		s.Errorf("the sound is %s", kind)
	}
	sample := make([]byte, 1)
	for range 60 * 8000 { // who speaks may begin late
		if _, err := io.ReadFull(res.Body, sample); err != nil {
			s.Fatal(err)
		}
		if loudest = max(loudest, media.PCMU.Decode(sample[0])); loudest > 1000 {
			break
		}
	}
	return loudest
}
