package booth

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/internal/pagetest"
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

// TestCall calls, hears real sound in the browser's form, and presses keys that
// arrive as RFC 4733 has them.
func TestCall(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	peer, calls := other(t)
	s := newSite(t, peer)
	if got := s.post("key", url.Values{"key": {"1"}}); got != http.StatusConflict {
		t.Errorf("a key without a call answers %d", got)
	}
	if got := s.post("call", nil); got != http.StatusNoContent {
		t.Fatalf("call answers %d", got)
	}
	far := <-calls
	s.until(Up)
	talk, quiet := context.WithCancel(ctx)
	defer quiet()
	go func() {
		for talk.Err() == nil && far.Say(talk, far.Tone(440, 50)) == nil {
		}
	}()
	if loud := s.hears(ctx); loud < 1000 {
		t.Errorf("the loudest sample is %d", loud)
	}
	for _, key := range []string{"5", "#"} {
		if got := s.post("key", url.Values{"key": {key}}); got != http.StatusNoContent {
			t.Errorf("key %s answers %d", key, got)
		}
		if got, err := far.Key(ctx); err != nil || string(got) != key {
			t.Errorf("the other end got %q, %v", got, err)
		}
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if res, err := http.PostForm(s.http.URL+"/phone/key", url.Values{"key": {"7"}}); err != nil || res.Body.Close() != nil {
				t.Errorf("one of two keys at once: %v", err)
			}
		})
	}
	for range 2 {
		if got, err := far.Key(ctx); err != nil || got != '7' {
			t.Errorf("of two keys at once the other end got %q, %v", got, err)
		}
	}
	both.Wait()
	for _, bad := range []string{"", "11", "A", "é"} {
		if got := s.post("key", url.Values{"key": {bad}}); got != http.StatusBadRequest {
			t.Errorf("key %q answers %d", bad, got)
		}
	}
	s.post("hangup", nil)
	s.until(Idle)
	<-far.Done()
}

// hears reads a while of sound, which is mu-law, and returns how loud its loudest
// sample is.
func (s *site) hears(ctx context.Context) (loudest int16) {
	s.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.http.URL+"/phone/sound", nil)
	if err != nil {
		s.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
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

// TestStreamsEnd tells nothing more to whoever is not let in any more: neither
// what the telephone does, nor what it hears.
func TestStreamsEnd(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	peer, calls := other(t)
	s := newSite(t, peer)
	s.post("call", nil)
	far := <-calls
	s.until(Up)
	talk, quiet := context.WithCancel(ctx)
	defer quiet()
	go func() {
		for talk.Err() == nil && far.Say(talk, far.Tone(440, 50)) == nil {
		}
	}()
	streams := map[string]*http.Response{}
	for _, path := range []string{"events", "sound"} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.http.URL+"/phone/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if _, err := res.Body.Read(make([]byte, 1)); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		streams[path] = res
	}
	s.out.Store(true)
	for path, res := range streams {
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	s.post("hangup", nil)
	s.until(Idle)
}

// TestRing takes a call, is busy for another, and refuses one.
func TestRing(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	peer, _ := other(t)
	s := newSite(t, peer)
	ended := make(chan error, 1)
	ring := func() {
		c, err := peer.Call(ctx, s.own.URI(), "+358912345")
		if err == nil {
			<-c.Done()
		}
		ended <- err
	}
	go ring()
	s.until(Ringing)
	var refused *phone.RefusedError
	if _, err := peer.Call(ctx, s.own.URI(), "+358912345"); !errors.As(err, &refused) || refused.Code != 486 {
		t.Errorf("a second call: %v, want 486", err)
	}
	s.post("answer", nil)
	s.until(Up)
	s.post("hangup", nil)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	s.until(Idle)
	go ring()
	s.until(Ringing)
	s.post("hangup", nil)
	if err := <-ended; !errors.As(err, &refused) || refused.Code != 486 {
		t.Errorf("a call that is refused: %v, want 486", err)
	}
	s.until(Idle)
}

// TestNobody tells that nobody answers, and can be used again.
func TestNobody(t *testing.T) {
	t.Parallel()
	peer, err := phone.Open(phone.Config{Listen: "127.0.0.1:0"}) // always busy
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	s := newSite(t, peer)
	s.post("call", nil)
	late := time.After(limit)
	for now, more := s.shown(s.Context()); now.State != Idle || len(now.Lines) == 0; now, more = s.shown(s.Context()) {
		select {
		case <-more:
		case <-late:
			t.Fatalf("%+v", now)
		}
	}
	if now, _ := s.shown(s.Context()); !strings.Contains(now.Lines[0].Words, "486") {
		t.Errorf("it says %q", now.Lines)
	}
}

// TestPage is all that the page needs, and nothing from elsewhere.
func TestPage(t *testing.T) {
	t.Parallel()
	peer, _ := other(t)
	s := newSite(t, peer)
	for _, path := range []string{"", "booth.js", "booth.css"} {
		res, err := http.Get(s.http.URL + "/phone/" + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			t.Fatal(err)
		}
		policy := res.Header.Get("Content-Security-Policy")
		if res.StatusCode != http.StatusOK || strings.Contains(policy, "unsafe") || strings.Contains(string(body), "//cdn") {
			t.Errorf("%q: %d, policy %q", path, res.StatusCode, policy)
		}
	}
}

// TestLevels holds that the browser reads mu-law as everybody does (ITU-T G.711).
func TestLevels(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	peer, _ := other(t)
	s := newSite(t, peer)
	var got []float64
	pagetest.Drive(ctx, t, "read the levels", chromedp.Navigate(s.http.URL+"/phone/"), pagetest.Shows("#state", "Idle"),
		chromedp.Evaluate("Array.from(levels, (l) => l * 32768)", &got))
	for b := range 256 {
		if len(got) != 256 || int16(got[b]) != media.PCMU.Decode(byte(b)) {
			t.Fatalf("of %d levels that of %#x is another", len(got), b)
		}
	}
}

// TestHurry has the clock run faster, which the page is told, and refuses what
// it cannot do.
func TestHurry(t *testing.T) {
	t.Parallel()
	pace := 1.0
	b := New(Config{Now: time.Now, Log: slog.New(slog.DiscardHandler), Pace: func() float64 { return pace }, Hurry: func(p float64) { pace = p }})
	ask := func(b *Booth, body string) int {
		t.Helper()
		r := httptest.NewRequest(http.MethodPost, "/phone/pace", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		got := httptest.NewRecorder()
		b.Handler().ServeHTTP(got, r)
		return got.Code
	}
	_, more := b.shown(t.Context())
	if code := ask(b, "pace=60"); code != http.StatusNoContent || pace != 60 {
		t.Errorf("the clock runs %g times as fast: %d", pace, code)
	}
	select {
	case <-more:
	default:
		t.Error("pages are not told")
	}
	if now, _ := b.shown(t.Context()); now.Pace != 60 {
		t.Errorf("pages are told %+v", now)
	}
	for _, bad := range []string{"", "pace=0", "pace=-1", "pace=1e9", "pace=NaN"} {
		if code := ask(b, bad); code != http.StatusBadRequest || pace != 60 {
			t.Errorf("%q: %d, %g", bad, code, pace)
		}
	}
	if code := ask(New(Config{Now: time.Now}), "pace=60"); code != http.StatusBadRequest {
		t.Errorf("where nobody can hurry it: %d", code)
	}
}

// TestOtherNumbers calls the number that was chosen, and none but its own.
func TestOtherNumbers(t *testing.T) {
	t.Parallel()
	called := make(chan string, 1)
	b := New(Config{
		Dial: []Number{{"+358912345", "en", "English"}, {"+3589123451", "fi", "Suomi"}}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Call: func(_ context.Context, number string) (*phone.Call, error) {
			called <- number
			return nil, errors.New("nobody is there")
		},
	})
	for _, tt := range []struct {
		number string
		code   int
		want   string
	}{
		{"", http.StatusNoContent, "+358912345"},
		{"+3589123451", http.StatusNoContent, "+3589123451"},
		{"+358700123", http.StatusBadRequest, ""},
	} {
		r := httptest.NewRequest(http.MethodPost, "/phone/call", strings.NewReader(url.Values{"number": {tt.number}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		got := httptest.NewRecorder()
		b.Handler().ServeHTTP(got, r)
		if got.Code != tt.code {
			t.Errorf("%q answers %d, want %d", tt.number, got.Code, tt.code)
		}
		if tt.want == "" {
			continue
		}
		if number := <-called; number != tt.want {
			t.Errorf("%q calls %s, want %s", tt.number, number, tt.want)
		}
		for now, more := b.shown(t.Context()); now.State != Idle; now, more = b.shown(t.Context()) {
			<-more
		}
	}
}

// TestNext says when it rings next.
func TestNext(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 58, 0, 0, time.UTC)
	for _, tt := range []struct {
		at   time.Time
		err  error
		want string
	}{
		{at: time.Time{}},
		{at: now.Add(17 * time.Minute), want: "at 10:15"},
		{at: now.Add(-time.Second), want: "any moment now"},
		{at: now.Add(24 * time.Hour), want: "on Tuesday at 09:58"},
		{at: now.Add(time.Hour), err: errors.New("the store is away")},
	} {
		b := New(Config{Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), Next: func(context.Context) (time.Time, error) { return tt.at, tt.err }})
		if got, _ := b.shown(t.Context()); got.Next != tt.want {
			t.Errorf("for %s: %q, want %q", tt.at, got.Next, tt.want)
		}
	}
}

// TestPageInACall is loaded anew in a call, which goes on: it shows what was said
// and which keys were pressed, and has its sound again once somebody has touched
// it. When the page is closed for good, the call ends.
func TestPageInACall(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	peer, calls := other(t)
	s := newSite(t, peer)
	page := s.http.URL + "/phone/"
	pagetest.Drive(ctx, t, "call in Finnish", chromedp.Navigate(page), pagetest.Shows("#state", "Idle"), chromedp.SetValue("#number", "+358912346"),
		pagetest.Tap("#call"), pagetest.Shows("#state", "connected"))
	far := <-calls
	s.Said("fi", "Tervetuloa.")
	pagetest.Drive(ctx, t, "press a key", pagetest.Shows("#words .service[lang=fi]", "Tervetuloa"), pagetest.Tap(`[data-key="5"]`), pagetest.Shows("#words .own", "5"))
	if got, err := far.Key(ctx); err != nil || got != '5' {
		t.Errorf("the other end got %q, %v", got, err)
	}
	s.Texted("Soitamme teille. https://example.com/c/x.")
	pagetest.Drive(ctx, t, "load it anew", chromedp.Reload(), pagetest.Shows("#state", "connected"), pagetest.Shows("#words", "Tervetuloa"), pagetest.Shows("#words .own", "5"),
		pagetest.Shows("#words .text[lang=fi] a", "https://example.com/c/x"), chromedp.Click("h1"), pagetest.Holds("listening"))
	s.mu.Lock()
	s.config.Alone = time.Nanosecond
	s.mu.Unlock()
	pagetest.Drive(ctx, t, "close it", chromedp.Navigate("about:blank"))
	<-far.Done()
	s.until(Idle)
	pagetest.Drive(ctx, t, "come back", chromedp.Navigate(page), pagetest.Shows("#words .telephone", "Nobody was at the telephone"))
}

// TestRinging is heard where somebody has touched the page, until it is taken up.
func TestRinging(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	peer, _ := other(t)
	s := newSite(t, peer)
	pagetest.Drive(ctx, t, "touch it", chromedp.Navigate(s.http.URL+"/phone/"), pagetest.Shows("#state", "Idle"), chromedp.Click("h1"), pagetest.Holds("speaker"),
		chromedp.Evaluate(`var heard = 0, hushed = 0; ring = (...of) => (heard += of[0].length, { stop: () => { hushed++; } }); 1`, nil))
	var call sync.WaitGroup
	defer call.Wait()
	call.Go(func() {
		if c, err := peer.Call(ctx, s.own.URI(), "+358912345"); err != nil {
			t.Error(err)
		} else {
			<-c.Done()
		}
	})
	pagetest.Drive(ctx, t, "it rings", pagetest.Shows("#state", "Your telephone rings"), pagetest.Holds("heard === 2 && hushed === 0 && document.title.startsWith(`It rings!`)"),
		pagetest.Tap("#answer"), pagetest.Shows("#state", "connected"), pagetest.Holds("hushed === 1 && listening"), pagetest.Tap("#hangup"), pagetest.Shows("#state", "Idle"))
}
