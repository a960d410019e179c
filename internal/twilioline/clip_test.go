package twilioline

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
	"github.com/holdless/holdless/sounds/audio"
)

func fetch(h http.Handler, addr string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, strings.TrimPrefix(addr, public1), nil))
	return w
}

// A clip is heard under the address that documents give, by any process with
// the same token, and under no other.
func TestClip(t *testing.T) {
	t.Parallel()
	l := newLine(t, testConfig(), Ports{})
	p := ivr.Prompt{Name: "number_is", Digits: "+358401234567"}
	addr := l.clipURL("en", p, l.sound("en", p))
	if strings.Contains(addr, "358") || strings.Contains(addr, "401234567") {
		t.Errorf("%s tells the number", addr)
	}
	if other := newLine(t, testConfig(), Ports{}).clipURL("en", p, l.sound("en", p)); other != addr {
		t.Errorf("the same prompt has the addresses %s and %s", addr, other)
	}
	got := fetch(newLine(t, testConfig(), Ports{}), addr)
	if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "audio/wav" {
		t.Fatalf("answered %d %q", got.Code, got.Header())
	}
	want := sounds.Text("en", p)
	if heard := words(got.Body.Bytes()); heard != want {
		t.Errorf("heard %q, want %q", heard, want)
	}
	if keep := got.Header().Get("Cache-Control"); !strings.HasPrefix(keep, "private") {
		t.Errorf("a number is kept as %q", keep)
	}
	pcm, err := audio.ReadWAV(got.Body.Bytes())
	if err != nil || pcm.Rate != 8000 || len(pcm.Samples) != len(want) {
		t.Errorf("file has %d samples of %d Hz, %v", len(pcm.Samples), pcm.Rate, err)
	}
}

func TestClipRotation(t *testing.T) {
	t.Parallel()
	c := testConfig()
	addr := newLine(t, c, Ports{}).clipURL("en", ivr.Prompt{Name: "goodbye"}, nil)
	c.Tokens = []string{"new", token1}
	if got := fetch(newLine(t, c, Ports{}), addr).Code; got != http.StatusOK {
		t.Errorf("with the old token: answered %d", got)
	}
	c.Tokens = []string{"new"}
	if got := fetch(newLine(t, c, Ports{}), addr).Code; got != http.StatusForbidden {
		t.Errorf("without it: answered %d", got)
	}
}

func TestClipForged(t *testing.T) {
	t.Parallel()
	l := newLine(t, testConfig(), Ports{})
	good := l.clipURL("en", ivr.Prompt{Name: "goodbye"}, nil)
	i := strings.LastIndex(good, "/") + 20
	for _, addr := range []string{
		public1 + root + "/clip/", public1 + root + "/clip/.wav", public1 + root + "/clip/goodbye.wav",
		good[:i] + "A" + good[i+1:], good[:i] + "B" + good[i+1:], good + "?a=b", good[:len(good)-5] + ".wav",
	} {
		if addr == good {
			continue
		}
		if got := fetch(l, addr).Code; got != http.StatusForbidden {
			t.Errorf("%s: answered %d", addr, got)
		}
	}
	if got := fetch(l, public1+root+"/clip/"+waiting).Code; got != http.StatusOK {
		t.Errorf("waiting: answered %d", got)
	}
}

// TestClipOfANewRecording: Twilio keeps a sound for a day, so that another sound
// of the same prompt has another address.
func TestClipOfANewRecording(t *testing.T) {
	t.Parallel()
	l, p := newLine(t, testConfig(), Ports{}), ivr.Prompt{Name: "welcome"}
	if a, b := l.clipURL("en", p, []byte("one")), l.clipURL("en", p, []byte("two")); a == b {
		t.Errorf("both are at %s", a)
	}
}
