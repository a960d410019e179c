package twilioline

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

const talks = "../../ivr/testdata"

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// speaker says every prompt as its own words.
type speaker struct{}

func (speaker) Say(lang string, p ivr.Prompt) []sounds.Clip {
	return []sounds.Clip{{PCMU: []byte(sounds.Text(lang, p))}}
}

func (speaker) Waiting() sounds.Clip { return sounds.Clip{PCMU: []byte("(music)")} }

func (speaker) Take(wav []byte) (string, error) { return linetest.Sort(wav) }

// words is what is heard in a file of a speaker.
func words(wav []byte) string {
	const header = 58
	if len(wav) < header {
		return ""
	}
	return strings.TrimRight(string(wav[header:]), "\x00")
}

// newLine is a line with all that a test does not care about.
func newLine(t testing.TB, c Config, p Ports) *Line {
	t.Helper()
	if p.Voice == nil {
		p.Voice = speaker{}
	}
	if p.Log == nil {
		p.Log = quiet()
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	l, err := New(c, p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// talk is one of the written talks.
func talk(t *testing.T, name string) script.Talk {
	t.Helper()
	all := linetest.Talks(t, talks)
	i := slices.IndexFunc(all, func(s script.Talk) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("there is no talk %s", name)
	}
	return all[i]
}

// journal counts the lines of a desk's journal.
func journal(t testing.TB, d *callback.Desk) int {
	t.Helper()
	n := 0
	err := d.Store.View(context.WithoutCancel(t.Context()), func(tx callback.Tx) error {
		all, err := tx.Entries(0, 100_000)
		n = len(all)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var (
	actions   = regexp.MustCompile(`action="([^"#]+)`)
	redirects = regexp.MustCompile(`<Redirect[^>]*>([^<#]+)`)
)

// follows is the address that a document has Twilio ask next.
func follows(doc string) string {
	for _, r := range []*regexp.Regexp{actions, redirects} {
		if m := r.FindStringSubmatch(doc); m != nil {
			return strings.TrimPrefix(m[1], public1)
		}
	}
	return ""
}

// conversation books a callback on the default path, and returns all the
// webhooks of it.
func conversation(t *testing.T, l *Line) []post {
	t.Helper()
	form := url.Values{
		"CallSid": {"CA" + strings.Repeat("1", 32)}, "From": {"+358401234567"}, "To": {string(linetest.Number)},
		"CallStatus": {"ringing"}, "Direction": {"inbound"},
	}
	all := []post{genuine(root+"/voice", form)}
	form.Set("CallStatus", "in-progress")
	for i := 0; ; i++ {
		got := all[len(all)-1].send(l)
		if got.Code != http.StatusOK {
			t.Fatalf("webhook %d answered %d: %s", i, got.Code, got.Body)
		}
		next := follows(got.Body.String())
		if next == "" {
			break
		}
		form.Set("Digits", "1")
		all = append(all, genuine(next, form))
	}
	form.Del("Digits")
	form.Set("CallStatus", "completed")
	all = append(all, genuine(root+"/status", form))
	if got := all[len(all)-1].send(l); got.Code != http.StatusNoContent {
		t.Fatalf("status answered %d: %s", got.Code, got.Body)
	}
	if len(all) != 5 {
		t.Fatalf("%s webhooks for three keys", strconv.Itoa(len(all)))
	}
	return all
}

// newChance is chance that is the same each time.
func newChance() *rand.Rand { return rand.New(rand.NewPCG(5, 6)) }
