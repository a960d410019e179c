package sipline

import (
	"net/url"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/callback"
)

// maxNumber bounds what is taken for a number or a name of a subscriber.
const maxNumber = 64

// number returns the number in a URI, as it was written but for separators:
// sip:+358-9-123@host;user=phone, tel:+358(9)123.
func number(u *sip.Uri) callback.Phone {
	user := u.User
	if user == "" && strings.EqualFold(u.Scheme, "tel") {
		user = u.Raw()
		if user == "" {
			user = u.Host
		}
	}
	user, _, _ = strings.Cut(user, ";") // RFC 3966, 3: parameters
	if plain, err := url.PathUnescape(user); err == nil {
		user = plain
	}
	if bare := strings.Map(dropSeparators, user); isNumber(bare) {
		user = bare
	}
	if len(user) > maxNumber || !printable(user) {
		return ""
	}
	return callback.Phone(user)
}

// dropSeparators drops what RFC 3966, 5.1.1 calls visual separators.
func dropSeparators(r rune) rune {
	if strings.ContainsRune("-.() ", r) {
		return -1
	}
	return r
}

func isNumber(s string) bool {
	digits := strings.TrimPrefix(s, "+")
	return digits != "" && strings.Trim(digits, "0123456789*#") == ""
}

// dialled returns the number that was called: that of the Request-URI, else
// of the To field.
func dialled(r *sip.Request) callback.Phone {
	if n := number(&r.Recipient); n != "" {
		return n
	}
	return number(&r.To().Address)
}

// caller returns who calls. A trunk that is trusted says it in
// P-Asserted-Identity (RFC 3325, 9.1); anybody else can only claim it.
func caller(r *sip.Request, trusted bool) (from callback.Phone, withheld bool) {
	if private(r) {
		return "", true
	}
	if trusted {
		for _, h := range r.GetHeaders("P-Asserted-Identity") {
			if n := asserted(h.Value()); n != "" {
				return n, false
			}
		}
	}
	addr := r.From().Address
	if n := number(&addr); n != "" && !nameless(string(n), addr.Host) {
		return n, false
	}
	return "", true
}

// private reports whether the caller asks not to be named (RFC 3323, 4.2;
// RFC 3325, 9.3).
func private(r *sip.Request) bool {
	for _, h := range r.GetHeaders("Privacy") {
		for _, v := range strings.FieldsFunc(h.Value(), func(c rune) bool { return c == ';' || c == ',' || c == ' ' }) {
			switch strings.ToLower(v) {
			case "id", "user", "header":
				return true
			}
		}
	}
	return false
}

// nameless reports whether an address stands for nobody (RFC 3323, 4.1.1.3).
func nameless(user, host string) bool {
	switch strings.ToLower(user) {
	case "anonymous", "unknown", "unavailable", "restricted", "private", "withheld":
		return true
	}
	return strings.EqualFold(host, "anonymous.invalid")
}

// asserted returns the number in one value of P-Asserted-Identity.
func asserted(value string) callback.Phone {
	if _, rest, ok := strings.Cut(value, "<"); ok {
		value, _, _ = strings.Cut(rest, ">")
	}
	var u sip.Uri
	if err := sip.ParseUri(strings.TrimSpace(value), &u); err != nil {
		return ""
	}
	if n := number(&u); n != "" && !nameless(string(n), u.Host) {
		return n
	}
	return ""
}
