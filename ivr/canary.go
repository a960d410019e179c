package ivr

import (
	"fmt"
	"strconv"
	"strings"
)

// readCanary reads which share of the callers meet this text first. It is no
// part of the text itself: the version is the same when everybody meets it.
func (f *fields) readCanary() {
	f.shape("canary", shape{"type": []string{"string", "integer"}, "pattern": "^[1-9][0-9]? ?%$", "minimum": 1, "maximum": 99})
	n := f.get("canary")
	if n == nil {
		return
	}
	s, ok := f.scalar(n, "canary")
	if !ok {
		return
	}
	share, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(s, "%")))
	switch {
	case err != nil || share < 1 || share > 100:
		f.fail(n, fmt.Sprintf("canary is a share of the callers, and %q is none", s), "write it like 10%")
	case share == 100:
		f.fail(n, "everybody meets a menu without canary:", "take it out")
	case !strings.HasPrefix(f.shown[n.Line-1], "canary:"):
		f.fail(n, "canary: stands on a line of its own", "begin a line with it, above nodes:")
	case f.menu.audience != caller:
		f.fail(n, "only menus for callers can be tried with a share of them", "take it out")
	default:
		f.menu.canary, f.reader.canaryLine = share, n.Line
	}
}

// Canary returns the share of the callers, of a hundred, that meet this text
// first; 0 when the file does not say so, and everybody does.
func (m *Menu) Canary() int { return m.canary }

// withoutCanary is the text of a menu without the line that says how many meet
// it.
func (r *reader) withoutCanary() []byte {
	if r.canaryLine == 0 {
		return r.src
	}
	lines := strings.SplitAfter(string(r.src), "\n")
	return []byte(strings.Join(append(lines[:r.canaryLine-1], lines[r.canaryLine:]...), ""))
}
