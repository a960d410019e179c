package twiliosim

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestOwnAnswers: a simulator that answers otherwise than Twilio has published
// is found out.
func TestOwnAnswers(t *testing.T) {
	t.Parallel()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	path := "/2010-04-01/Accounts/" + s.Account + "/Calls.json"
	form := "To=%2B358401111111&From=%2B358931542000&Url=https%3A%2F%2Fcalls.example.org%2Fv"
	good := map[string]any{"sid": "CA" + strings.Repeat("1", 32), "status": "queued", "date_created": "Tue, 31 Aug 2010 20:36:28 +0000"}
	tests := []struct {
		name   string
		status int
		body   any
		wrong  bool
	}{
		{"good", http.StatusCreated, good, false},
		{"an error, which is not published", http.StatusBadRequest, map[string]any{"code": 1}, false},
		{"bad SID", http.StatusCreated, map[string]any{"sid": "CA1"}, true},
		{"bad status", http.StatusCreated, map[string]any{"status": "dialing"}, true},
		{"number for text", http.StatusCreated, map[string]any{"duration": 7}, true},
		{"list for one", http.StatusCreated, []any{good}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "https://api.twilio.com"+path, strings.NewReader(form))
			r.Header.Set("Content-Type", formType)
			x, err := s.rules.request(r, []byte(form))
			if err != nil {
				t.Fatal(err)
			}
			before := len(s.Problems())
			s.conforms(r, x, answer{tt.status, tt.body})
			if got := len(s.Problems()) > before; got != tt.wrong {
				t.Errorf("found %q, want wrong %v", s.Problems()[before:], tt.wrong)
			}
		})
	}
}
