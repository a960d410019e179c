package twilioline

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// sign signs a request as Twilio publishes it: HMAC-SHA1 of the address and of
// every parameter in order, the name and then the value; a value that is there
// twice counts once.
func sign(token, address string, form url.Values) []byte {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(address))
	for _, k := range slices.Sorted(maps.Keys(form)) {
		for _, v := range slices.Compact(slices.Sorted(slices.Values(form[k]))) {
			mac.Write([]byte(k))
			mac.Write([]byte(v))
		}
	}
	return mac.Sum(nil)
}

// signed reports whether Twilio has signed a request with one of our tokens.
// It takes the same time whichever it was.
func (l *Line) signed(path string, form url.Values, signature string) bool {
	got, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	good := false
	for _, token := range l.config.Tokens {
		for _, base := range l.bases {
			if hmac.Equal(got, sign(token, base+path, form)) {
				good = true
			}
		}
	}
	return good
}

// spellings returns how Twilio may write an address: it signs some with their
// port and some without.
func spellings(base string) []string {
	u, err := url.Parse(base)
	if err != nil {
		return []string{base}
	}
	other := *u
	switch {
	case u.Port() != "":
		other.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
	case u.Scheme == "https":
		other.Host = u.Host + ":443"
	default:
		other.Host = u.Host + ":80"
	}
	return []string{base, other.String()}
}
