package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/hooks"
)

// slackChannel takes messages as an incoming webhook of Slack does, by what is
// written at docs.slack.dev: JSON with a text, in which & < and > stand for what
// they are only when they are escaped, and which calls no channel here.
func slackChannel(said chan<- string) http.HandlerFunc {
	shown := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
	return func(w http.ResponseWriter, r *http.Request) {
		var m struct{ Text string }
		err := json.NewDecoder(r.Body).Decode(&m)
		switch {
		case r.Method != http.MethodPost || err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
			http.Error(w, "invalid_payload", http.StatusBadRequest)
		case strings.TrimSpace(m.Text) == "" || len(m.Text) > 40_000:
			http.Error(w, "no_text", http.StatusBadRequest)
		case strings.ContainsAny(m.Text, "<>"):
			said <- "a link, or a call to everybody: " + m.Text
		default:
			said <- shown.Replace(m.Text)
		}
	}
}

// TestDocumentedSlack runs the message of docs/api.md as it stands there: a
// channel is told by the timetable what an agent has to do today, once.
func TestDocumentedSlack(t *testing.T) {
	said := make(chan string, 4)
	channel := httptest.NewServer(slackChannel(said))
	defer channel.Close()
	src, err := os.ReadFile(filepath.Join("..", "..", "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SLACK_PATH", "services/T0/B0/x")
	all := blocks(string(src))
	i := slices.IndexFunc(all, func(b block) bool { return b.kind == "yaml slack" })
	conf := strings.Replace(all[i].text, "https://hooks.slack.com/${SLACK_PATH}", channel.URL, 1)
	conf = strings.Replace(conf, "    events:", "    private: true\n    events:", 1)
	file := written(t, conf+"sounds: {cache: false}\n")
	r := startWith(t, file)
	defer func() {
		r.stop()
		r.end(t)
	}()
	book(t, file, "+358401234567")
	if _, err := r.desk.Book(t.Context(), callback.Request{Queue: "billing", Phone: "+358401234568", Name: "<!channel> & <https://evil.example|Aino>"}); err != nil {
		t.Fatal(err)
	}
	today, err := r.desk.List(t.Context(), callback.Filter{States: openStates})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the timetable may do it again, after a crash
		if err := r.sendList(t.Context(), "anna", today); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case text := <-said:
		if !strings.Contains(text, "Anna") || !strings.Contains(text, "+358401234567") || !strings.Contains(text, "<!channel> & <https://evil.example|Aino>") {
			t.Errorf("the channel is told %q", text)
		}
	case <-time.After(patience):
		t.Fatal("the channel was told nothing")
	}
	log := func() (all []hooks.Delivery) {
		code, out, errs := holdless(t, "webhooks", "log", "channel", "-c", file, "--json")
		if err := json.Unmarshal([]byte(out), &all); code != exitDone || err != nil {
			t.Fatal(errs, err)
		}
		return all
	}
	eventually(t, "taken", func() bool { all := log(); return len(all) == 1 && !all[0].DoneAt.IsZero() && all[0].Err == "" })
	code, out, errs := holdless(t, "webhooks", "replay", "channel", log()[0].ID, "-c", file)
	if code != exitDone || !strings.Contains(out, "list.day") {
		t.Fatal(out, errs)
	}
	select {
	case <-said:
	case <-time.After(patience):
		t.Fatal("it is not told again")
	}
	for _, args := range [][]string{{"webhooks", "log", "nobody"}, {"webhooks", "replay", "channel", "msg_none"}, {"webhooks", "enable", "nobody"}} {
		if code, _, errs := holdless(t, append(args, "-c", file)...); code != exitWrong || errs == "" {
			t.Errorf("%v: %d %s", args, code, errs)
		}
	}
	if code, out, _ := holdless(t, "webhooks", "list", "-c", file); code != exitDone || !strings.Contains(out, "channel  well") {
		t.Errorf("the list is %s", out)
	}
}

// TestMine lists the callbacks of who types.
func TestMine(t *testing.T) {
	file := written(t, "sounds: {cache: false}\n")
	for owner, phone := range map[string]string{"anna": "+358401234567", "": "+358401234568"} {
		if code, _, errs := holdless(t, "callbacks", "book", "-c", file, "--queue", "billing", "--phone", phone, "--owner", owner); code != exitDone {
			t.Fatal(errs)
		}
	}
	t.Setenv(meVariable, "anna")
	if code, out, errs := holdless(t, "callbacks", "list", "--mine", "-c", file); code != exitDone || !strings.Contains(out, "4567") || strings.Contains(out, "4568") {
		t.Errorf("anna's are %s %s", out, errs)
	}
	t.Setenv(meVariable, "nobody")
	if code, _, errs := holdless(t, "callbacks", "list", "--mine", "-c", file); code != exitUsage || !strings.Contains(errs, meVariable) {
		t.Errorf("nobody's: %d %s", code, errs)
	}
}
