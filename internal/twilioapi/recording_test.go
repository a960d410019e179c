package twilioapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A shelf has one recording, which is there from some request on.
type shelf struct {
	asked   []string
	after   int // requests that find nothing
	moved   string
	content []byte
}

func (s *shelf) RoundTrip(r *http.Request) (*http.Response, error) {
	user, _, signed := r.BasicAuth()
	s.asked = append(s.asked, strings.TrimSpace(r.Method+" "+r.URL.Host+r.URL.Path+" "+user))
	answer := func(code int, body []byte) (*http.Response, error) {
		return &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
	}
	switch {
	case r.URL.Host == "elsewhere.example":
		return answer(http.StatusOK, s.content)
	case !signed:
		return answer(http.StatusUnauthorized, nil)
	case r.Method == http.MethodDelete:
		return answer(http.StatusNoContent, nil)
	case len(s.asked) <= s.after:
		return answer(http.StatusNotFound, nil)
	case s.moved != "":
		got, _ := answer(http.StatusFound, nil)
		got.Header.Set("Location", s.moved)
		return got, nil
	}
	return answer(http.StatusOK, s.content)
}

// TestRecording: a recording is fetched by its name with our key, again while it
// is not there yet, up to a size, and dropped.
func TestRecording(t *testing.T) {
	t.Parallel()
	const account, name = "AC00000000000000000000000000000001", "RE00000000000000000000000000000002"
	const path = "api.twilio.com/2010-04-01/Accounts/" + account + "/Recordings/" + name
	tests := []struct {
		name, sid string
		shelf     shelf
		want      string // of the error; "" for none
		asked     []string
	}{
		{"there", name, shelf{content: []byte("RIFF")}, "", []string{"GET " + path + ".wav " + account}},
		{"late", name, shelf{content: []byte("RIFF"), after: 2}, "", []string{"GET " + path + ".wav " + account, "GET " + path + ".wav " + account, "GET " + path + ".wav " + account}},
		{"never", name, shelf{after: 100}, "no such recording", nil},
		{"moved, without our key", name, shelf{content: []byte("RIFF"), moved: "https://elsewhere.example/x"}, "", []string{"GET " + path + ".wav " + account, "GET elsewhere.example/x"}},
		{"too large", name, shelf{content: make([]byte, MaxRecording+1)}, "more than", nil},
		{"an address for a name", "https://evil.example/RE", shelf{}, "no such recording", []string{}},
		{"a path for a name", "RE/../../" + strings.Repeat("0", 24), shelf{}, "no such recording", []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conf := Defaults()
				conf.Account, conf.Secret, conf.HTTP = account, "secret", &tt.shelf
				c, err := New(conf)
				if err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				wav, err := c.Recording(t.Context(), tt.sid)
				if tt.want == "" && (err != nil || string(wav) != "RIFF") || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("got %d bytes, %v", len(wav), err)
				}
				if tt.name == "never" && (!errors.Is(err, ErrNoRecording) || time.Since(begun) > 8*time.Second) {
					t.Errorf("given up after %s with %v", time.Since(begun), err)
				}
				if got := strings.Join(tt.shelf.asked, "\n"); tt.asked != nil && got != strings.Join(tt.asked, "\n") {
					t.Errorf("asked\n%s", got)
				}
				if err := c.DropRecording(t.Context(), name); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
