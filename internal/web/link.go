package web

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

// Links makes and reads the addresses of pages for customers. Such a link is
// signed, is good until a time, and has nothing in it that tells of a person.
type Links struct {
	Base string // of all pages, as customers reach them: https://desk.example.com
	Key  []byte // whoever has it can write links
}

// How many bytes of the signature stand in a link: enough against guessing. Of
// a name that nobody can guess fewer will do, and a text has room for few.
const (
	sealSize  = 12
	shortSeal = 6
	briefSeal = 4

	briefToken = 12 // letters
)

// Promise is the link to the page of a callback: the first letters of its
// name, sealed, so that it has room in a text. Whoever knows neither would have
// to guess 72 bits, one in a second; for how long it opens the desk says.
func (l Links) Promise(id string) string {
	name := callback.Short(id)
	token, _ := letters.DecodeString(name) // names are made of these letters
	token = append(token, l.mac(PromisePage, name)[:briefSeal]...)
	return strings.TrimRight(l.Base, "/") + "/" + PromisePage + "/" + base64.RawURLEncoding.EncodeToString(token)
}

// brief reads the token of such a link.
func (l Links) brief(kind, token string) (name string, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) <= briefSeal {
		return "", false
	}
	name = letters.EncodeToString(raw[:len(raw)-briefSeal])
	return name, kind == PromisePage && len(l.Key) > 0 && hmac.Equal(raw[len(raw)-briefSeal:], l.mac(kind, name)[:briefSeal])
}

// To is the link to the page of a kind about something, until a time. It is
// short about what has a name as the desk makes them.
func (l Links) To(kind, id string, until time.Time) string {
	minute := until.Unix() / 60
	text := id + "." + strconv.FormatInt(minute, 36)
	token := url.PathEscape(text) + "." + base64.RawURLEncoding.EncodeToString(l.mac(kind, text)[:sealSize])
	if name, ok := packed(id); ok {
		short := binary.BigEndian.AppendUint32(l.mac(kind, text)[:shortSeal], uint32(minute))
		token = base64.RawURLEncoding.EncodeToString(append(short, name...))
	}
	return strings.TrimRight(l.Base, "/") + "/" + kind + "/" + token
}

// Open reads the token of a link. It reports false when the link was not
// written with our key, is for another kind of page, or is over.
func (l Links) Open(kind, token string, now time.Time) (id string, ok bool) {
	if len(token) == briefToken {
		return l.brief(kind, token)
	}
	text, seal, size := read(token)
	// Whatever is wrong with a token, it is sealed and compared: how long that
	// takes tells nothing.
	sealed := hmac.Equal(seal, l.mac(kind, text)[:size])
	id, until := parted(text)
	minute, err := strconv.ParseInt(until, 36, 64)
	if !sealed || len(l.Key) == 0 || err != nil || !now.Before(time.Unix(minute*60, 0)) {
		return "", false
	}
	return id, true
}

// read takes a token apart: what is sealed, and the seal that it should have.
func read(token string) (text string, seal []byte, size int) {
	if strings.Contains(token, ".") {
		text, sealed := parted(token)
		if seal, err := base64.RawURLEncoding.Strict().DecodeString(sealed); err == nil {
			return text, seal, sealSize
		}
		return text, nil, sealSize
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	const head = shortSeal + 4
	if err != nil || len(raw) != head+nameBytes {
		return "", nil, shortSeal
	}
	id := letters.EncodeToString(raw[head:])[:nameLetters]
	if name, _ := packed(id); !bytes.Equal(name, raw[head:]) {
		return "", nil, shortSeal
	}
	minute := binary.BigEndian.Uint32(raw[shortSeal:])
	return id + "." + strconv.FormatInt(int64(minute), 36), raw[:shortSeal], shortSeal
}

// Names as the desk makes them are 26 letters of base 32, 130 bits.
const (
	nameLetters = 26
	nameBytes   = 17
)

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// packed writes such a name as bytes; false when it is of another sort. The
// two letters more fill the last byte.
func packed(id string) ([]byte, bool) {
	if len(id) != nameLetters {
		return nil, false
	}
	name, err := letters.DecodeString(id + "AA")
	return name, err == nil && len(name) == nameBytes
}

// parted cuts a text at its last dot.
func parted(text string) (before, after string) {
	i := max(0, strings.LastIndexByte(text, '.'))
	return text[:i], strings.TrimPrefix(text[i:], ".")
}

func (l Links) mac(kind, text string) []byte {
	mac := hmac.New(sha256.New, l.Key)
	mac.Write([]byte(kind + "\x00" + text))
	return mac.Sum(nil)
}
