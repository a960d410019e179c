package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Links makes and reads the addresses of pages for customers. Such a link is
// signed, is good until a time, and has nothing in it that tells of a person.
type Links struct {
	Base string // of all pages, as customers reach them: https://desk.example.com
	Key  []byte // whoever has it can write links
}

// sealSize is how many bytes of the signature stand in a link: enough against
// guessing, few enough for a text.
const sealSize = 12

// To is the link to the page of a kind about something, until a time.
func (l Links) To(kind, id string, until time.Time) string {
	text := id + "." + strconv.FormatInt(until.Unix()/60, 36)
	return strings.TrimRight(l.Base, "/") + "/" + kind + "/" + url.PathEscape(text) + "." + l.seal(kind, text)
}

// Open reads the token of a link. It reports false when the link was not
// written with our key, is for another kind of page, or is over.
func (l Links) Open(kind, token string, now time.Time) (id string, ok bool) {
	text, seal := parted(token)
	// Whatever is wrong with a token, it is sealed and compared: how long that
	// takes tells nothing.
	sealed := hmac.Equal([]byte(seal), []byte(l.seal(kind, text)))
	id, until := parted(text)
	minute, err := strconv.ParseInt(until, 36, 64)
	if !sealed || len(l.Key) == 0 || err != nil || !now.Before(time.Unix(minute*60, 0)) {
		return "", false
	}
	return id, true
}

// parted cuts a text at its last dot.
func parted(text string) (before, after string) {
	i := max(0, strings.LastIndexByte(text, '.'))
	return text[:i], strings.TrimPrefix(text[i:], ".")
}

func (l Links) seal(kind, text string) string {
	mac := hmac.New(sha256.New, l.Key)
	mac.Write([]byte(kind + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:sealSize])
}
