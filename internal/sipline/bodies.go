package sipline

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// A piece is a body, or one of several in a body. Carriers send what the
// telephone network said (ISUP), or where a caller is, beside the session
// description.
type piece struct {
	kind     string // "application/sdp"
	handling string // "required", "optional", or "" when nobody says
	body     []byte
}

const sdpKind = "application/sdp"

// maxNested is how deep bodies may lie within bodies.
const maxNested = 3

// piecesOf takes the body of a message apart.
func piecesOf(m sip.Message) []piece {
	if len(m.Body()) == 0 {
		return nil
	}
	return pieces(firstOf(m, "Content-Type"), firstOf(m, "Content-Disposition"), m.Body(), maxNested)
}

// pieces reads a body that may have others within (RFC 5621, 3.1). One in which
// none can be read is a piece by itself, and nobody understands it.
func pieces(kind, disposition string, body []byte, deep int) (all []piece) {
	name, params, _ := mime.ParseMediaType(kind) // what cannot be read is none of ours
	if strings.HasPrefix(name, "multipart/") && deep > 0 {
		all = inside(multipart.NewReader(bytes.NewReader(body), params["boundary"]), deep-1)
	}
	if len(all) > 0 {
		return all
	}
	what, how, _ := mime.ParseMediaType(disposition)
	if what == "early-session" {
		name = what // RFC 3959, 4: its sound is another's, and over when we are answered
	}
	return []piece{{name, strings.ToLower(how["handling"]), body}}
}

// inside reads the bodies in a body, as far as they can be read.
func inside(parts *multipart.Reader, deep int) (all []piece) {
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return all
		}
		body, err := io.ReadAll(part)
		if err != nil {
			return all
		}
		all = append(all, pieces(part.Header.Get("Content-Type"), part.Header.Get("Content-Disposition"), body, deep)...)
	}
}

// description returns the session description in a message, nil when it has
// none. A body of which nobody says what it is can be nothing else.
func description(m sip.Message) []byte {
	for _, p := range piecesOf(m) {
		if p.kind == sdpKind || firstOf(m, "Content-Type") == "" {
			return p.body
		}
	}
	return nil
}

// understood reports whether all of a body that must be understood is. Without a
// word all must be (RFC 3261, 20.11); but beside a session description carriers
// leave the word out, and a caller is not sent away for it.
func understood(m sip.Message) bool {
	all := piecesOf(m)
	described := slices.ContainsFunc(all, func(p piece) bool { return p.kind == sdpKind })
	return !slices.ContainsFunc(all, func(p piece) bool {
		return p.kind != sdpKind && (p.handling == "required" || p.handling == "" && !described)
	})
}

// encoded reports whether a body is packed in a way that nobody here can undo.
func encoded(m sip.Message) bool {
	how := firstOf(m, "Content-Encoding")
	if how == "" {
		how = firstOf(m, "e")
	}
	return len(m.Body()) > 0 && how != "" && !strings.EqualFold(how, "identity")
}

// firstOf returns the value of a header field, "" without one.
func firstOf(m message, name string) string {
	if h := m.GetHeaders(name); len(h) > 0 {
		return strings.TrimSpace(h[0].Value())
	}
	return ""
}
