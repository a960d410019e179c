package ivr

import (
	"fmt"
	"time"
)

// readTransfer reads the kind "transfer": a connect that hands the call over
// to a number or an address outside, and leaves.
func readTransfer(f *fields) kind {
	k := f.connect(30 * time.Second)
	k.transfer = true
	f.shape("to", shape{"anyOf": []shape{
		{"type": "string", "pattern": address.String()}, {"type": "string", "pattern": agentName.String()},
	}})
	n := f.need("to")
	if n == nil {
		return k
	}
	to, ok := f.scalar(n, "to")
	k.to = to
	if ok && !address.MatchString(to) && !agentName.MatchString(to) {
		f.fail(n, fmt.Sprintf("a call cannot be transferred to %q", to), "write +358912345, sip:desk@example.com or agent:<name>")
	}
	return k
}

// HandsTo reports whether a node of the menu hands calls over to an address.
func (m *Menu) HandsTo(addr string) bool {
	for _, k := range m.nodes {
		if c, ok := k.(*connect); ok && c.transfer && c.to == addr {
			return true
		}
	}
	return false
}
