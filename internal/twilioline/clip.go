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
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
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
}

// clipURL is where a prompt can be heard. The same prompt has the same
// address, so that Twilio need not fetch it twice.
func (l *Line) clipURL(lang string, p ivr.Prompt) string {
	plain, err := json.Marshal(said{lang, p})
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

// audible reports whether we have sound for a prompt.
func (l *Line) audible(lang string, p ivr.Prompt) bool {
	for _, c := range l.Voice.Say(lang, p) {
		if len(c.PCMU) > 0 {
			return true
		}
	}
	return false
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
		for _, c := range l.Voice.Say(s.Lang, s.Prompt) {
			samples = append(samples, c.PCMU...)
		}
		if personal(s.Prompt) {
			keep = "private, max-age=300"
		}
	}
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Cache-Control", keep)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(wave(samples)))
}

// personal reports whether a prompt says something about somebody.
func personal(p ivr.Prompt) bool { return p.Digits != "" || p.Name == "" || p.Text != "" }

// wave makes a file of mu-law samples (RFC 2361, format 7), whose header has
// the length of the extension and the count of samples that all formats but
// PCM need.
func wave(samples []byte) []byte {
	const formatULaw, channels, bits = 7, 1, 8
	pad := len(samples) % 2 // chunks are padded to even length
	le := binary.LittleEndian
	b := make([]byte, 0, 58+len(samples)+pad)
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, uint32(50+len(samples)+pad))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 18)
	b = le.AppendUint16(b, formatULaw)
	b = le.AppendUint16(b, channels)
	b = le.AppendUint32(b, audio.Rate)
	b = le.AppendUint32(b, audio.Rate)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint16(b, bits)
	b = le.AppendUint16(b, 0)
	b = append(b, "fact"...)
	b = le.AppendUint32(b, 4)
	b = le.AppendUint32(b, uint32(len(samples)))
	b = append(b, "data"...)
	b = le.AppendUint32(b, uint32(len(samples)))
	b = append(b, samples...)
	return append(b, make([]byte, pad)...)
}
