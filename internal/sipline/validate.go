package sipline

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// A rejection is the answer to a request that is not processed.
type rejection struct {
	code   int
	reason string
	header string // a header field that RFC 3261 wants with this code
}

// once lists the header fields that a message may have but once.
var once = []string{"Call-ID", "From", "To", "CSeq", "Max-Forwards", "Content-Length", "Content-Type"}

// allowed lists the methods that we know; the others are answered by 501.
var allowed = []sip.RequestMethod{
	sip.INVITE, sip.ACK, sip.CANCEL, sip.BYE, sip.OPTIONS, sip.INFO, sip.UPDATE, sip.NOTIFY, sip.REFER,
}

// known lists the methods that we know by name and do not serve: 405.
var known = []sip.RequestMethod{sip.REGISTER, sip.MESSAGE, sip.SUBSCRIBE, sip.PRACK, sip.PUBLISH}

// supported are the extensions that we know: RFC 4028 and RFC 3891.
const supported = "timer, replaces"

// allowValue is the value of an Allow header field.
func allowValue() string {
	var names []string
	for _, m := range allowed {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}

// validate says why a request is not processed; nil when it is. What sipgo
// takes as well formed is not always so: see RFC 4475.
func validate(r *sip.Request) *rejection {
	for _, check := range []func(*sip.Request) *rejection{
		checkFields, checkURI, checkMethod, checkBody,
	} {
		if no := check(r); no != nil {
			return no
		}
	}
	return nil
}

func bad(reason string) *rejection { return &rejection{code: 400, reason: reason} }

// checkFields is RFC 3261, 8.1.1 and 8.2.2.
func checkFields(r *sip.Request) *rejection {
	if !strings.EqualFold(r.SipVersion, "SIP/2.0") {
		return &rejection{code: 505, reason: "Version Not Supported"}
	}
	if r.CallID() == nil || r.From() == nil || r.To() == nil || r.CSeq() == nil || r.Via() == nil {
		return bad("Missing Header Field")
	}
	for _, name := range once {
		if len(r.GetHeaders(name)) > 1 {
			return bad("Repeated Header Field")
		}
	}
	if n := len(r.GetHeaders("Replaces")); n > 1 || n == 1 && r.Method != sip.INVITE {
		return bad("Misplaced Replaces") // RFC 3891, 3
	}
	if r.CSeq().MethodName != r.Method && !knownMethod(r.Method) {
		// RFC 4475, 3.1.2.18: either fault may be answered.
		return &rejection{code: 501, reason: "Not Implemented", header: "Allow: " + allowValue()}
	}
	if !strings.EqualFold(string(r.CSeq().MethodName), string(r.Method)) {
		return bad("CSeq Does Not Match Method")
	}
	if !balanced(r.From().Value()) || !balanced(r.To().Value()) {
		return bad("Unbalanced Quotes")
	}
	return nil
}

func knownMethod(m sip.RequestMethod) bool {
	return slices.Contains(allowed, m) || slices.Contains(known, m)
}

// checkURI is RFC 3261, 8.2.2.1, and RFC 5118, 4.2 for addresses.
func checkURI(r *sip.Request) *rejection {
	if !callable(r.Recipient.Scheme) {
		return &rejection{code: 416, reason: "Unsupported URI Scheme"}
	}
	if strings.ContainsAny(r.Recipient.String(), " <>\"\t") {
		return bad("Malformed Request-URI")
	}
	if h := r.Recipient.Host; strings.Contains(h, ":") {
		// RFC 5118, 4.10: three colons come from a fault in an old grammar.
		if _, err := netip.ParseAddr(strings.ReplaceAll(strings.Trim(h, "[]"), ":::", "::")); err != nil {
			return bad("Malformed Request-URI")
		}
	}
	return nil
}

func callable(scheme string) bool {
	return slices.Contains([]string{"sip", "sips", "tel"}, strings.ToLower(scheme))
}

// misread says what is wrong with a request that cannot be read as a whole:
// its method and its address come first (RFC 3261, 8.2.1 and 8.2.2.1).
func misread(data []byte) *rejection {
	line, _, _ := strings.Cut(string(data[:min(len(data), maxMessage)]), "\r\n")
	parts := strings.Split(line, " ")
	if len(parts) != 3 || parts[2] != "SIP/2.0" {
		return bad("Bad Request")
	}
	if !knownMethod(sip.RequestMethod(parts[0])) {
		return &rejection{code: 501, reason: "Not Implemented", header: "Allow: " + allowValue()}
	}
	if scheme, _, ok := strings.Cut(parts[1], ":"); ok && isToken(scheme) && !callable(scheme) {
		return &rejection{code: 416, reason: "Unsupported URI Scheme"}
	}
	return bad("Bad Request")
}

// isToken reports whether s can be the scheme of a URI (RFC 3261, 25.1).
func isToken(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789+-.") == ""
}

// checkMethod is RFC 3261, 8.2.1 and 8.2.2.3.
func checkMethod(r *sip.Request) *rejection {
	switch {
	case slices.Contains(known, r.Method):
		return &rejection{code: 405, reason: "Method Not Allowed", header: "Allow: " + allowValue()}
	case !slices.Contains(allowed, r.Method):
		return &rejection{code: 501, reason: "Not Implemented", header: "Allow: " + allowValue()}
	case r.Method == sip.ACK || r.Method == sip.CANCEL:
		return nil // RFC 3261, 8.2.2.3: Require is not for these
	}
	var strange []string
	for _, h := range r.GetHeaders("Require") { // Proxy-Require is for proxies (RFC 3261, 20.29)
		for tag := range strings.SplitSeq(h.Value(), ",") {
			if tag = strings.TrimSpace(tag); tag != "" && !required(tag, r.Method) {
				strange = append(strange, tag)
			}
		}
	}
	if len(strange) > 0 {
		return &rejection{code: 420, reason: "Bad Extension", header: "Unsupported: " + strings.Join(strange, ", ")}
	}
	return nil
}

// required reports whether we do what a request requires of us.
func required(tag string, method sip.RequestMethod) bool {
	switch strings.ToLower(tag) {
	case "timer":
		return true
	case "replaces", "100rel":
		// Who wants our provisional answers to be reliable gets 100 alone, which
		// never is (RFC 3262, 3).
		return method == sip.INVITE
	}
	return false
}

// checkBody is RFC 3261, 8.2.3 and 21.4.7.
func checkBody(r *sip.Request) *rejection {
	if r.Method != sip.INVITE && r.Method != sip.UPDATE {
		return nil
	}
	switch {
	case encoded(r):
		return &rejection{code: 415, reason: "Unsupported Media Type", header: "Accept-Encoding: identity"}
	case !understood(r):
		return &rejection{code: 415, reason: "Unsupported Media Type", header: "Accept: " + sdpKind}
	case !accepts(r.GetHeaders("Accept")):
		return &rejection{code: 406, reason: "Not Acceptable"}
	}
	return nil
}

// accepts reports whether a peer takes a session description. Who says nothing
// does (RFC 3261, 20.1); who says it in several fields says it in one (7.3.1).
func accepts(fields []sip.Header) bool {
	for _, h := range fields {
		for kind := range strings.SplitSeq(h.Value(), ",") {
			kind, _, _ = strings.Cut(kind, ";")
			switch strings.ToLower(strings.TrimSpace(kind)) {
			case sdpKind, "application/*", "*/*", "":
				return true
			}
		}
	}
	return len(fields) == 0
}

// balanced reports whether every quote of a header field is closed.
func balanced(s string) bool {
	open, escaped := false, false
	for _, c := range s {
		switch {
		case escaped:
			escaped = false
		case c == '\\' && open:
			escaped = true
		case c == '"':
			open = !open
		}
	}
	return !open
}
