package twiliosim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/holdless/holdless/internal/twiliosim"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{Fate: func(m twiliosim.Message) twiliosim.Fate {
			if m.To == agent {
				return twiliosim.Fate{Status: "undelivered", Code: 30003}
			}
			return twiliosim.Fate{Status: "delivered"}
		}}, map[string]string{"/text": doc(`<Message>Thank you.</Message>`)})
		send := func(to string) int {
			status, _ := w.post(t, "/Messages.json", url.Values{"To": {to}, "From": {ours}, "Body": {"hello"}, "StatusCallback": {public + "/m"}})
			synctest.Wait()
			return status
		}
		if got := send(customer); got != http.StatusCreated {
			t.Errorf("the text was answered with %d", got)
		}
		same(t, "statuses", w.app.values("/m", "MessageStatus"), []string{"queued", "sent", "delivered"})
		send(agent)
		told := w.app.hooks("/m")
		if last := told[len(told)-1]; last.Get("MessageStatus") != "undelivered" || last.Get("ErrorCode") != "30003" {
			t.Errorf("the last callback is %v", last)
		}
		m, err := w.Text(t.Context(), customer, ours, "5")
		if err != nil {
			t.Fatal(err)
		}
		same(t, "answer", m.Answer, []string{"Thank you."})
		if got := w.app.hooks("/text")[0]; got.Get("Body") != "5" || got.Get("From") != customer || got.Get("MessageSid") != m.SID {
			t.Errorf("the webhook is %v", got)
		}
		if _, err := w.Text(t.Context(), customer, ours, " stop "); err != nil {
			t.Fatal(err)
		}
		if got := send(customer); got != http.StatusBadRequest {
			t.Errorf("a text to one who has opted out was answered with %d", got)
		}
		if _, err := w.Text(t.Context(), customer, ours, "START"); err != nil {
			t.Fatal(err)
		}
		if got := send(customer); got != http.StatusCreated {
			t.Errorf("a text to one who has come back was answered with %d", got)
		}
		w.clean(t)
	})
}

// TestTextFallback: words that belong into a call are no answer to a text.
func TestTextFallback(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{}, map[string]string{"/text-fallback": doc(`<Say>Hello.</Say>`)})
	w.app.fail["/text"] = 1
	if _, err := w.Text(t.Context(), customer, ours, "5"); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(w.Problems(), "\n")
	for _, want := range []string{"/text was answered with 500", "<Say> is not allowed here"} {
		if !strings.Contains(got, want) {
			t.Errorf("found %q, want %q", got, want)
		}
	}
}
