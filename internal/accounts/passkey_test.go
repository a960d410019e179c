package accounts_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
)

// The flags of what a device says of itself (Web Authentication, 6.1).
const (
	present  = 1 << 0
	verified = 1 << 2
	withKey  = 1 << 6
)

// A device holds one passkey, and does what it is told, also what no device does.
type device struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	count  uint32 // how often it was used
	flags  byte
	site   string // for which it has the passkey
	origin string // of the page that asks it
	user   string // as the site knows him, of base64
	kind   string // what it says that it did; "" for what it did
	asked  string // the challenge that it answers; "" for the one of the page
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{t: t, key: key, id: []byte(rand.Text()), flags: present | verified, site: "localhost", origin: "http://localhost:8080"}
}

// client is what the browser says was asked.
func (d *device) client(kind, challenge string) []byte {
	if d.kind != "" {
		kind = d.kind
	}
	if d.asked != "" {
		challenge = d.asked
	}
	src, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	if err != nil {
		d.t.Error(err)
	}
	return src
}

// says is what the device says of itself.
func (d *device) says(more byte) []byte {
	of := sha256.Sum256([]byte(d.site))
	return binary.BigEndian.AppendUint32(append(of[:], d.flags|more), d.count)
}

// cborBytes writes bytes of a length below 2^16 (RFC 8949, 3.1).
func cborBytes(kind byte, src []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{kind<<5 | 25}, uint16(len(src))), src...) //nolint:gosec // it is short
}

// makes answers what a page asks who makes a passkey.
func (d *device) makes(challenge string) []byte {
	d.t.Helper()
	d.count++
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.t.Fatal(err)
	}
	// RFC 9052, 7: the type EC2, the algorithm ES256, the curve P-256, x and y.
	key := slices.Concat([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21}, cborBytes(2, point[1:33]), []byte{0x22}, cborBytes(2, point[33:]))
	said := d.says(withKey)
	said = append(said, make([]byte, 16)...) // of which make it is
	said = binary.BigEndian.AppendUint16(said, uint16(len(d.id)))
	said = slices.Concat(said, d.id, key)
	made := slices.Concat([]byte{0xa3}, cborBytes(3, []byte("fmt")), cborBytes(3, []byte("none")), cborBytes(3, []byte("attStmt")), []byte{0xa0},
		cborBytes(3, []byte("authData")), cborBytes(2, said))
	return d.answer(map[string]string{"clientDataJSON": b64(d.client("webauthn.create", challenge)), "attestationObject": b64(made)})
}

// shows answers what a page asks who signs in.
func (d *device) shows(challenge string) []byte {
	d.t.Helper()
	d.count++
	client, said := d.client("webauthn.get", challenge), d.says(0)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(bytes.Clone(said), hash[:]...))
	signed, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	return d.answer(map[string]string{"clientDataJSON": b64(client), "authenticatorData": b64(said), "signature": b64(signed), "userHandle": d.user})
}

func (d *device) answer(response map[string]string) []byte {
	src, err := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": response})
	if err != nil {
		d.t.Fatal(err)
	}
	return src
}

// asks sends what a script does, and returns the answer.
func (p *person) asks(path string, body []byte) (int, []byte) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.site+path, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Mozilla/5.0 (Linux) Firefox/999")
	res, err := p.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, said
}

// asked begins with a passkey, and returns what the device is asked.
func (p *person) asked(path string) (challenge, user string) {
	p.t.Helper()
	code, said := p.asks(path+"/passkey/begin", nil)
	var options struct {
		PublicKey struct {
			Challenge        string
			User             struct{ ID string }
			UserVerification string
		}
	}
	if err := json.Unmarshal(said, &options); code != http.StatusOK || err != nil || options.PublicKey.Challenge == "" {
		p.t.Fatalf("got %d %s", code, said)
	}
	return options.PublicKey.Challenge, options.PublicKey.User.ID
}

// keeps makes a passkey on a device.
func (p *person) keeps(d *device) (int, string) {
	p.t.Helper()
	challenge, user := p.asked("/account")
	d.user = user
	code, said := p.asks("/account/passkey/finish", d.makes(challenge))
	return code, string(said)
}

// entersBy signs in with a device.
func (p *person) entersBy(d *device) (int, string) {
	p.t.Helper()
	challenge, _ := p.asked("/login")
	code, said := p.asks("/login/passkey/finish", d.shows(challenge))
	return code, string(said)
}

// TestPasskeys signs in with a passkey, and refuses what a device says to another
// page, at another time, for somebody else, or without having asked its holder.
func TestPasskeys(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.Origin = "http://localhost:8080"
	anna, sam := s.member(t, accounts.User{Name: "anna", Role: accounts.Admin}), s.member(t, sam)
	d, other := newDevice(t), newDevice(t)
	if code, body := anna.keeps(d); code != http.StatusOK {
		t.Fatalf("got %d %s", code, body)
	}
	if code, body := sam.keeps(other); code != http.StatusOK {
		t.Fatalf("got %d %s", code, body)
	}
	enters := func() {
		t.Helper()
		p := s.person(t)
		if code, body := p.entersBy(d); code != http.StatusOK {
			t.Fatalf("got %d %s", code, body)
		}
		p.sees("/", http.StatusOK, "inside as anna admin")
	}
	enters()
	old, _ := s.person(t).asked("/login")
	for name, edit := range map[string]func(*device){
		"on a page of another site":    func(d *device) { d.origin = "https://evil.example" },
		"on a page without TLS":        func(d *device) { d.origin = "http://localhost" },
		"for another site":             func(d *device) { d.site = "evil.example" },
		"without asking who it is":     func(d *device) { d.flags = present },
		"without anybody there":        func(d *device) { d.flags = verified },
		"to another question":          func(d *device) { d.asked = old },
		"as if it was just made":       func(d *device) { d.kind = "webauthn.create" },
		"with another key":             func(d *device) { d.key = other.key },
		"with a passkey of nobody":     func(d *device) { d.id = []byte("nobody's") },
		"with a passkey of another":    func(d *device) { d.id = other.id },
		"for another user":             func(d *device) { d.user = other.user },
		"for nobody":                   func(d *device) { d.user = "" },
		"as a copy that was used less": func(d *device) { d.count = 1 },
	} {
		s.wait(time.Minute) // so that there is a try left
		forged, p, before := *d, s.person(t), s.audited(t)
		edit(&forged)
		if code, body := p.entersBy(&forged); code != http.StatusForbidden || !strings.Contains(body, "does not fit") {
			t.Errorf("%s: got %d %s", name, code, body)
		}
		p.sees("/", http.StatusOK, "<h1>Sign in</h1>")
		if after := s.audited(t); strings.Contains(name, "copy") != slices.Equal(after, append(before, "user.refused somebody anna 127.0.0.1")) {
			t.Errorf("%s: taken down is %q", name, after[len(before):])
		}
	}
	s.wait(time.Minute)
	enters() // none of these has changed anything

	p := s.person(t)
	challenge, _ := p.asked("/login")
	answer := d.shows(challenge)
	for i, want := range []int{http.StatusOK, http.StatusForbidden} {
		if code, said := p.asks("/login/passkey/finish?next=//evil.example/", answer); code != want || strings.Contains(string(said), "evil") {
			t.Errorf("the same answer, time %d: got %d %s", i+1, code, said)
		}
	}
	if err := s.Change(t.Context(), accounts.User{Name: "sam", Role: accounts.Supervisor}, true, "user:anna"); err != nil {
		t.Fatal(err)
	}
	if code, _ := s.person(t).entersBy(other); code != http.StatusForbidden {
		t.Errorf("whose account is off: got %d", code)
	}
}

// TestPasskeysAreMade refuses to keep what was made elsewhere, for somebody else,
// or without asking its holder; that one was made and removed is audited.
func TestPasskeysAreMade(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	s.Origin = "http://localhost:8080"
	anna, sam := s.member(t, anna), s.member(t, sam)
	for name, edit := range map[string]func(*device){
		"on a page of another site": func(d *device) { d.origin = "https://evil.example" },
		"for another site":          func(d *device) { d.site = "evil.example" },
		"without asking who it is":  func(d *device) { d.flags = present },
		"to another question":       func(d *device) { d.asked = base64.RawURLEncoding.EncodeToString(make([]byte, 32)) },
		"as if it was shown":        func(d *device) { d.kind = "webauthn.get" },
	} {
		d := newDevice(t)
		edit(d)
		if code, body := anna.keeps(d); code != http.StatusForbidden || !strings.Contains(body, "does not fit") {
			t.Errorf("%s: got %d %s", name, code, body)
		}
	}
	challenge, _ := anna.asked("/account")
	at, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range anna.Jar.Cookies(at) {
		if c.Name == "holdless_try" { // what was begun for one is ended by another
			sam.Jar.SetCookies(at, []*http.Cookie{c})
		}
	}
	if code, _ := sam.asks("/account/passkey/finish", newDevice(t).makes(challenge)); code != http.StatusForbidden {
		t.Errorf("for another: got %d", code)
	}
	before := s.audited(t)
	d := newDevice(t)
	if code, body := anna.keeps(d); code != http.StatusOK {
		t.Fatalf("got %d %s", code, body)
	}
	if code, _ := sam.keeps(d); code == http.StatusOK {
		t.Error("two have the same passkey")
	}
	id := url.Values{"id": {b64(d.id)}}
	if code, _ := sam.send(http.MethodPost, "/account/passkey/remove", id); code != http.StatusNotFound {
		t.Errorf("another's is removed: %d", code)
	}
	if code, body := anna.send(http.MethodPost, "/account/passkey/remove", id); code != http.StatusOK || !strings.Contains(body, "is removed") {
		t.Errorf("got %d %s", code, body)
	}
	if code, _ := s.person(t).entersBy(d); code != http.StatusForbidden {
		t.Errorf("with one that is removed: %d", code)
	}
	const of = " user:anna anna passkey Firefox on Linux"
	if after := s.audited(t); !slices.Equal(after[len(before):], []string{"user.proof_added" + of, "user.proof_removed" + of}) {
		t.Errorf("taken down is %q", after[len(before):])
	}
	for range 10 {
		if code, body := anna.keeps(newDevice(t)); code != http.StatusOK {
			t.Fatalf("got %d %s", code, body)
		}
	}
	if code, body := anna.asks("/account/passkey/begin", nil); code != http.StatusUnprocessableEntity || !strings.Contains(string(body), "remove one first") {
		t.Errorf("an eleventh: %d %s", code, body)
	}
}
