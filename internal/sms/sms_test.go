package sms

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

const (
	service = callback.Phone("+358912345678")
	aino    = callback.Phone("+358401234567")
)

// A till stands for the desk: it keeps what comes in, and fails when it is shut.
type till struct {
	mu       sync.Mutex
	shut     error
	texts    map[string]callback.InText // by line and ID, as the desk keeps them
	receipts []callback.Receipt
	changed  chan struct{} // receives after each
}

func newTill() *till {
	return &till{texts: map[string]callback.InText{}, changed: make(chan struct{}, 1000)}
}

func (d *till) Reply(_ context.Context, in callback.InText) (bool, error) {
	return true, d.keep(func() { d.texts[in.Line+" "+in.ID] = in })
}

func (d *till) Receipt(_ context.Context, r callback.Receipt) error {
	return d.keep(func() { d.receipts = append(d.receipts, r) })
}

func (d *till) keep(what func()) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut != nil {
		return d.shut
	}
	what()
	d.changed <- struct{}{}
	return nil
}

func (d *till) close(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shut = err
}

// bodies are the texts that came in, by their words.
func (d *till) bodies() map[string]callback.InText {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[string]callback.InText{}
	for _, in := range d.texts {
		all[in.Body] = in
	}
	return all
}

// patience is for machines that are busy with other tests.
const patience = 5 * time.Minute

// until waits for the till to hold something.
func (d *till) until(t *testing.T, what string, holds func(*till) bool) {
	t.Helper()
	late := time.After(patience)
	for {
		d.mu.Lock()
		ok := holds(d)
		d.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-d.changed:
		case <-late:
			t.Fatalf("%s: never", what)
		}
	}
}

// told finds the last receipt of a text.
func (d *till) told(message string, state callback.ReceiptState) bool {
	for _, r := range d.receipts {
		if r.Message == message && r.State == state {
			return true
		}
	}
	return false
}

var errShut = errors.New("the database does not answer")

func ports(t *testing.T, d Desk) Ports {
	t.Helper()
	return Ports{Desk: d, Base: "http://127.0.0.1:1", Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

// secretFile writes a secret where a configuration can name it.
func secretFile(t *testing.T, secret string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func text(body string) callback.Message {
	return callback.Message{ID: "token-1", Kind: "text", To: string(aino), Body: body}
}

func TestCheckOfDrivers(t *testing.T) {
	t.Parallel()
	secret := secretFile(t, "s3cret")
	kannel := func(edit func(*Config)) Config {
		c := Defaults()
		c.Driver, c.From = "kannel", service
		c.Kannel.Username, c.Kannel.PasswordFile, c.Kannel.SecretFile = "holdless", secret, secret
		edit(&c)
		return c
	}
	web := func(edit func(*Config)) Config {
		c := Defaults()
		c.Driver, c.From = "http", service
		c.HTTP.URL, c.HTTP.Body = "https://sms.example.net/send", `{"text": {{json .Body}}}`
		c.HTTP.Inbound.SecretFile = secret
		edit(&c)
		return c
	}
	tests := []struct {
		name   string
		config Config
		key    string // "" when all is well
	}{
		{"as it comes", Defaults(), ""},
		{"no such driver", Config{Driver: "pigeon", PerSecond: 1}, "driver"},
		{"no such folding", Config{Driver: "log", PerSecond: 1, Fold: []string{"fi"}}, "fold"},
		{"no pace", Config{Driver: "log"}, "per_second"},
		{"kannel", kannel(func(*Config) {}), ""},
		{"kannel without a secret", kannel(func(c *Config) { c.Kannel.SecretFile = "" }), "kannel.secret_file"},
		{"kannel in the clear", kannel(func(c *Config) { c.Kannel.URL = "http://192.0.2.1/sendsms" }), "kannel.url"},
		{"webhooks in the clear", kannel(func(c *Config) { c.Webhooks = "http://192.0.2.1" }), "webhooks"},
		{"no number", kannel(func(c *Config) { c.From = "" }), "from"},
		{"http", web(func(*Config) {}), ""},
		{"http in the clear", web(func(c *Config) { c.HTTP.URL = "http://sms.example.net/" }), "http.url"},
		{"a text chooses the host", web(func(c *Config) { c.HTTP.URL = "https://{{.To}}/" }), "http.url"},
		{"no words", web(func(c *Config) { c.HTTP.Body = "{}" }), "http.body"},
		{"an unknown field", web(func(c *Config) { c.HTTP.Body = "{{.Body}} {{.Price}}" }), "http.body"},
		{"open to all", web(func(c *Config) { c.HTTP.Inbound.SecretFile = "" }), "http.inbound.secret_file"},
		{"bad pattern", web(func(c *Config) { c.HTTP.Success = "(" }), "http.success"},
		{"bad header", web(func(c *Config) { c.HTTP.Headers = map[string]string{"A": "{{"} }), "http.headers.A"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := tt.config.Check()
			if tt.key == "" && len(got) > 0 || tt.key != "" && got[tt.key] == "" {
				t.Errorf("got %v, want a mistake at %q", got, tt.key)
			}
		})
	}
}

func TestValidity(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 1, 18, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		until time.Time
		want  time.Duration
	}{
		{"no limit", time.Time{}, 4 * time.Hour},
		{"a far one", now.Add(24 * time.Hour), 4 * time.Hour},
		{"before the night", now.Add(119*time.Minute + 59*time.Second), 119 * time.Minute},
		{"at once", now.Add(time.Second), time.Minute},
	} {
		if got := validity(callback.Message{Until: tt.until}, now); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestNormal(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]callback.Phone{
		"+358401234567": aino, "358401234567": aino, "00358401234567": aino, "0401234567": aino, "+358 40 123 4567": aino,
		" 358401234567": aino, "420601234567": "+420601234567", "12345": "12345", "Acme": "Acme", "": "", "+1": "+1",
	} {
		if got := normal(raw, service); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ lang, in, want string }{
		{"cs", "Zavoláme vám ve čtvrtek, Řehoř ŽIŽKA", "Zavolame vam ve ctvrtek, Rehor ZIZKA"},
		{"ro", "Vă vom suna mâine. Mulțumim, Ştefan", "Va vom suna maine. Multumim, Stefan"},
		{"cy", "Atebwch â rhif – tŷ’r", "Atebwch a rhif - ty'r"},
		{"el", "Θα σας καλέσουμε στις 9:00; ναι", "ΘA ΣAΣ KAΛEΣOYME ΣTIΣ 9:00? NAI"},
		{"fi", "Žižka", "Žižka"},
		{"cs", "Dekujeme à", "Dekujeme à"},
	} {
		if got := Fold(tt.lang, tt.in); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.lang, got, tt.want)
		}
	}
	if got := Dear("Řeka řeka, ä"); got != "Řř" {
		t.Errorf("dear %q", got)
	}
	if !strings.Contains(strings.Join(Foldable(), " "), "cs cy el ro") {
		t.Error(Foldable())
	}
}
