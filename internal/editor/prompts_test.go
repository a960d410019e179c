package editor_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/editor"
	"github.com/holdless/holdless/sounds"
	"github.com/holdless/holdless/sounds/audio"
)

// A booth is a studio of three prompts.
type booth struct {
	scripts []sounds.Script
	did     []string
	err     error
}

var _ editor.Studio = (*booth)(nil)

func (b *booth) Scripts() []sounds.Script { return b.scripts }

func (b *booth) Play(number string) ([]byte, bool) { return []byte("RIFF"), number == "10001" }

func (b *booth) do(what, number, actor string) (sounds.Script, error) {
	b.did = append(b.did, what+" "+number+" "+actor)
	for _, s := range b.scripts {
		if s.Number == number {
			return s, b.err
		}
	}
	return sounds.Script{}, fmt.Errorf("prompt: %w", callback.ErrNotFound)
}

func (b *booth) Upload(_ context.Context, number string, wav []byte, actor string) (sounds.Script, error) {
	if len(wav) > audio.MaxBytes {
		return sounds.Script{}, fmt.Errorf("%d bytes", len(wav))
	}
	return b.do("put in "+string(wav[:4]), number, actor)
}

func (b *booth) TakeBack(_ context.Context, number, actor string) (sounds.Script, error) {
	return b.do("took back", number, actor)
}

func newBooth() *booth {
	at := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	return &booth{scripts: []sounds.Script{
		{Number: "10001", Lang: "en", Name: "welcome", Words: "Welcome.", Hash: "00aa", State: sounds.HeardShipped},
		{Number: "10002", Lang: "en", Name: "moving", Words: "<b>We</b> move.", State: sounds.HeardStale, Was: "We moved.", By: "agent:anna", At: at, Length: 2 * time.Second, Level: -21},
		{Number: "10003", Lang: "fi", Name: "welcome", Words: "Tervetuloa.", State: sounds.HeardOwn, Length: 40 * time.Second},
	}}
}

// send uploads a file.
func (w *world) send(number, file string) *httptest.ResponseRecorder {
	w.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("number", number)
	part, err := form.CreateFormFile("wav", "take.wav")
	if err != nil {
		w.Fatal(err)
	}
	_, _ = part.Write([]byte(file))
	_ = form.Close()
	r := httptest.NewRequest(http.MethodPost, "/menus/prompts/upload", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	if w.cookie != nil {
		r.AddCookie(w.cookie)
	}
	return w.serve(r)
}

// TestPrompts: the page tells of every prompt what callers hear, plays it, takes
// a recording for it, and takes it back.
func TestPrompts(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBooth()
	w.Studio = b
	for _, path := range []string{"/menus/prompts", "/menus/prompts/play?number=10001"} {
		if got := w.ask(path, nil); got.Code != http.StatusForbidden {
			t.Errorf("%s lets in strangers: %d", path, got.Code)
		}
	}
	if got := w.send("10001", "RIFF"); got.Code != http.StatusForbidden {
		t.Errorf("a stranger puts a recording in: %d", got.Code)
	}
	w.comeIn()
	if got := w.ask("/menus/", nil).Body.String(); !strings.Contains(got, `href="/menus/prompts"`) {
		t.Errorf("nothing leads there from %s", got)
	}
	page := w.ask("/menus/prompts", nil).Body.String()
	for _, want := range []string{
		"10001", "<code>welcome</code>", "shipped", "00aa", "&lt;b&gt;We&lt;/b&gt; move.", "stale: the text has changed since it was recorded of “We moved.”",
		"by agent:anna, Fri 20 Nov 2026 09:30", "2.0 seconds, -21 dBov", `src="/menus/prompts/play?number=10001"`, "take back",
	} {
		if !strings.Contains(strings.ToLower(page), strings.ToLower(want)) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
	for path, want := range map[string]string{"lang=fi": "10003", "show=stale": "10002", "show=own&lang=fi": "10003", "show=own": "Nothing of that sort", "show=words": "10001"} {
		if got := w.ask("/menus/prompts?"+path, nil).Body.String(); !strings.Contains(got, want) {
			t.Errorf("%s: no %s in %s", path, want, got)
		}
	}
	if got := w.ask("/menus/prompts/play?number=10001", nil); got.Code != http.StatusOK || got.Header().Get("Content-Type") != "audio/wav" {
		t.Errorf("played: %d, %v", got.Code, got.Header())
	}
	if got := w.ask("/menus/prompts/play?number=9", nil); got.Code != http.StatusNotFound {
		t.Errorf("played: %d", got.Code)
	}
}

// TestPromptsChange: what became of a change is said in plain words.
func TestPromptsChange(t *testing.T) {
	t.Parallel()
	w, b := newWorld(t), newBooth()
	w.Studio = b
	w.comeIn()
	say := func(got *httptest.ResponseRecorder, code int, want string) {
		t.Helper()
		if got.Code != code || !strings.Contains(got.Body.String(), want) {
			t.Errorf("got %d, want %d with %q:\n%s", got.Code, code, want, got.Body)
		}
	}
	say(w.send("10002", "RIFFxx"), http.StatusOK, "10002 moving. Put in: 2.0 seconds, speech at -21 dBov")
	say(w.send("10003", "RIFFxx"), http.StatusOK, "But it is long: people listen for 30 seconds at most.")
	say(w.send("10009", "RIFFxx"), http.StatusNotFound, "no such prompt")
	say(w.send("10001", ""), http.StatusUnprocessableEntity, "there is no file")
	say(w.ask("/menus/prompts/back", url.Values{"number": {"10002"}}), http.StatusOK, "Taken back.")
	b.err = fmt.Errorf("remove: %w", fs.ErrNotExist)
	say(w.ask("/menus/prompts/back", url.Values{"number": {"10002"}}), http.StatusNotFound, "no recording of it")
	b.err = fmt.Errorf("it is silent, or nearly so")
	say(w.send("10001", "RIFFxx"), http.StatusUnprocessableEntity, "Nothing has changed for welcome: it is silent, or nearly so.")
	want := "put in RIFF 10002 browser:anna, put in RIFF 10003 browser:anna, put in RIFF 10009 browser:anna, took back 10002 browser:anna, took back 10002 browser:anna, put in RIFF 10001 browser:anna"
	if got := strings.Join(b.did, ", "); got != want {
		t.Errorf("did %s\nwant %s", got, want)
	}
}
