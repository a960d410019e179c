package sipline

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// onInfo takes keys that come in the signalling. Both bodies that telephones
// send are understood: "Signal=5" lines, and the bare key.
func (l *leg) onInfo(r *sip.Request, tx sip.ServerTransaction) {
	if !l.dialog.hear(r) {
		l.line.reject(r, tx, &rejection{500, "Out Of Order", ""})
		return
	}
	kind := ""
	if h := r.ContentType(); h != nil {
		kind, _, _ = strings.Cut(h.Value(), ";")
	}
	if kind == "" && len(r.Body()) == 0 {
		// RFC 6086, 4.2.2: one that says nothing is only a sign of life.
		l.line.respond(tx, sip.NewResponseFromRequest(r, 200, "OK", nil))
		return
	}
	var key byte
	var ok bool
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "application/dtmf-relay":
		key, ok = relayKey(string(r.Body()))
	case "application/dtmf":
		key, ok = oneKey(string(r.Body()))
	default:
		l.line.reject(r, tx, &rejection{415, "Unsupported Media Type", "Accept: application/dtmf-relay, application/dtmf"})
		return
	}
	if !ok {
		l.line.reject(r, tx, bad("No Such Key"))
		return
	}
	l.line.respond(tx, sip.NewResponseFromRequest(r, 200, "OK", nil))
	if l.isNews(r) {
		l.stream.Inject(key)
	}
}

// isNews reports whether an INFO has not come before. One that reaches us on two
// ways is two transactions, but has one number (RFC 3261, 12.2.1.1).
func (l *leg) isNews(r *sip.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	seq := r.CSeq().SeqNo
	if l.informed && seq == l.infoSeq {
		return false
	}
	l.informed, l.infoSeq = true, seq
	return true
}

// relayKey reads "Signal=5" out of several lines.
func relayKey(body string) (byte, bool) {
	for line := range strings.Lines(body) {
		name, value, _ := strings.Cut(line, "=")
		if strings.EqualFold(strings.TrimSpace(name), "signal") {
			return oneKey(value)
		}
	}
	return 0, false
}

// oneKey reads a key, by its face or by its number in RFC 4733, 3.2.
func oneKey(s string) (byte, bool) {
	switch s = strings.ToUpper(strings.TrimSpace(s)); {
	case s == "10":
		return '*', true
	case s == "11":
		return '#', true
	case len(s) == 1 && strings.Contains("0123456789*#ABCD", s):
		return s[0], true
	}
	return 0, false
}
