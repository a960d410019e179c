package twilioline

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/audio"
)

// The name of a clip is the prompt itself, sealed: any process can say it,
// before and after a restart, and nobody else can read it, or make one up.
// Numbers and names of people are in prompts, and addresses are logged.

// waiting is the clip of those who wait for another party.
const waiting = "waiting.wav"

// A key seals clips and names talks. It is made of a token.
type key struct {
	names []byte
	seal  cipher.AEAD
}

func newKey(token string) (key, error) {
	derive := func(what string) []byte {
		k, err := hkdf.Key(sha256.New, []byte(token), nil, "holdless twilio "+what, sha256.Size)
		if err != nil {
			panic(err) // the length is in range
		}
		return k
	}
	block, err := aes.NewCipher(derive("clips"))
	if err != nil {
		return key{}, fmt.Errorf("make keys: %w", err)
	}
	seal, err := cipher.NewGCM(block)
	return key{names: derive("names"), seal: seal}, err
}

// mac names something in a way that only we can.
func (k key) mac(what string, b []byte) []byte {
	m := hmac.New(sha256.New, k.names)
	m.Write([]byte(what))
	m.Write(b)
	return m.Sum(nil)
}

// inboundTalk is the name of the talk with a caller.
func (l *Line) inboundTalk(sid string) string { return l.keys[0].talk(sid) }

func (k key) talk(sid string) string {
	return base32.StdEncoding.EncodeToString(k.mac("talk ", []byte(sid)))[:26]
}

// A said prompt is one in a language.
type said struct {
	Lang   string     `json:"l"`
	Prompt ivr.Prompt `json:"p"`
	Sum    uint32     `json:"s"` // of the sound
}

// clipURL is where a prompt can be heard. The same sound of it has the same
// address, so that Twilio need not fetch it twice; a new recording has another.
func (l *Line) clipURL(lang string, p ivr.Prompt, sound []byte) string {
	plain, err := json.Marshal(said{lang, p, crc32.ChecksumIEEE(sound)})
	if err != nil {
		panic(err) // it is made of words, numbers and times
	}
	k := l.keys[0]
	nonce := k.mac("clip ", plain)[:k.seal.NonceSize()]
	sealed := k.seal.Seal(nonce, nonce, plain, nil)
	return l.config.base() + root + "/clip/" + base64.RawURLEncoding.EncodeToString(sealed) + ".wav"
}

var errClip = errors.New("clip is none of ours")

// open reads the name of a clip. Those from before the tokens were changed are
// still good.
func (l *Line) open(sound string) (said, error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimSuffix(sound, ".wav"))
	if err != nil {
		return said{}, errClip
	}
	for _, k := range l.keys {
		n := k.seal.NonceSize()
		if len(sealed) < n {
			break
		}
		plain, err := k.seal.Open(nil, sealed[:n], sealed[n:], nil)
		var s said
		if err == nil && json.Unmarshal(plain, &s) == nil {
			return s, nil
		}
	}
	return said{}, errClip
}

// sound returns what is heard of a prompt; nothing when we have no sound for it.
func (l *Line) sound(lang string, p ivr.Prompt) []byte {
	var all []byte
	for _, c := range l.Voice.Say(lang, p) {
		all = append(all, c.PCMU...)
	}
	return all
}

// clip serves a sound.
func (l *Line) clip(w http.ResponseWriter, r *http.Request, sound string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || r.URL.RawQuery != "" {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	keep := "public, max-age=86400, immutable"
	var samples []byte
	if sound == waiting {
		samples = l.Voice.Waiting().PCMU
	} else {
		s, err := l.open(sound)
		if err != nil {
			http.Error(w, "forbidden", http.StatusForbidden)
			return
		}
		samples = l.sound(s.Lang, s.Prompt)
		if personal(s.Prompt) {
			keep = "private, max-age=300"
		}
	}
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Cache-Control", keep)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(audio.WAV(samples)))
}

// personal reports whether a prompt says something about somebody.
func personal(p ivr.Prompt) bool { return p.Digits != "" || p.Name == "" || p.Text != "" }
