package sipline

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// tagSeed makes the tags of stateless answers: the same for a request that is
// sent again, and not to be guessed (RFC 3261, 8.2.7).
var tagSeed = maphash.MakeSeed()

// copied are the header fields that go from a request to its answer
// (RFC 3261, 8.2.6.2), by their long and short names.
var copied = map[string]string{
	"via": "Via", "v": "Via", "from": "From", "f": "From", "to": "To", "t": "To",
	"call-id": "Call-ID", "i": "Call-ID", "cseq": "CSeq",
}

// refusal writes the answer to a request that may be too broken to be parsed.
// It copies no control characters, and is empty for what cannot be answered: an
// ACK, a response, a message without a Via.
func refusal(src netip.AddrPort, data []byte, no *rejection) ([]byte, netip.AddrPort) {
	lines := headLines(data)
	if len(lines) == 0 || strings.HasPrefix(lines[0], "ACK ") || strings.HasPrefix(strings.ToUpper(lines[0]), "SIP/") {
		return nil, src
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "SIP/2.0 %d %s\r\n", no.code, no.reason)
	var via string
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		long := copied[strings.ToLower(strings.TrimSpace(name))]
		if !ok || long == "" {
			continue
		}
		value = strings.TrimSpace(strings.Map(dropControls, value))
		switch {
		case long == "Via" && via == "":
			via = value
			value = received(value, src)
		case long == "To" && !strings.Contains(strings.ToLower(value), "tag="):
			value += ";tag=" + strconv.FormatUint(maphash.Bytes(tagSeed, data), 36)
		}
		fmt.Fprintf(&out, "%s: %s\r\n", long, value)
	}
	if via == "" {
		return nil, src
	}
	if no.header != "" && printable(no.header) {
		fmt.Fprintf(&out, "%s\r\n", no.header)
	}
	out.WriteString("Content-Length: 0\r\n\r\n")
	return out.Bytes(), answerTo(via, src)
}

// headLines returns the lines of a message's head, folded ones put together.
func headLines(data []byte) []string {
	head, _, _ := bytes.Cut(data[:min(len(data), maxMessage)], []byte("\r\n\r\n"))
	var lines []string
	for line := range strings.SplitSeq(string(head), "\r\n") {
		if n := len(lines); n > 1 && line != "" && (line[0] == ' ' || line[0] == '\t') {
			lines[n-1] += " " + strings.TrimLeft(line, " \t")
			continue
		}
		lines = append(lines, line)
	}
	return lines
}

// printable reports whether s may be sent on.
func printable(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '\t' && (c < 0x20 || c == 0x7f) {
			return false
		}
	}
	return true
}

func dropControls(r rune) rune {
	if r < 0x20 || r == 0x7f {
		return -1
	}
	return r
}

// received says in the first Via where the request really came from
// (RFC 3581, 4).
func received(via string, src netip.AddrPort) string {
	first, rest, more := strings.Cut(via, ",")
	if strings.Contains(first, ";rport") && !strings.Contains(first, ";rport=") {
		first = strings.Replace(first, ";rport", fmt.Sprintf(";rport=%d;received=%s", src.Port(), src.Addr().Unmap()), 1)
	}
	if more {
		return first + "," + rest
	}
	return first
}

// answerTo returns where an answer goes: to the source, and to the port in
// the Via unless rport asks for the source's (RFC 3261, 18.2.2; RFC 3581, 4).
// The host in the Via is never believed.
func answerTo(via string, src netip.AddrPort) netip.AddrPort {
	first, _, _ := strings.Cut(via, ",")
	sentBy, params, _ := strings.Cut(first, ";")
	if strings.Contains(";"+params, ";rport") {
		return src
	}
	fields := strings.Fields(sentBy)
	if len(fields) < 2 {
		return src
	}
	port := 5060
	if _, p, err := net.SplitHostPort(fields[len(fields)-1]); err == nil {
		if n, err := strconv.Atoi(p); err == nil && n > 0 && n < 65536 {
			port = n
		}
	}
	return netip.AddrPortFrom(src.Addr(), uint16(port))
}
