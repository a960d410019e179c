package ivr

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxSize is the size of the largest menu file that is looked at. The YAML
// library needs seconds for a few megabytes of crafted input.
const maxSize = 256 << 10

// maxMends is how many mistakes are painted over in one file.
const maxMends = 20

// mended stands where a mistake that stops the YAML scanner has been reported
// and painted over, so that the mistakes after it are found too.
const mended = "\ufffd"

// load reads the YAML of r.src as a tree. It returns nil when there is none.
func (r *reader) load() *yaml.Node {
	if len(r.src) > maxSize {
		r.at(0, 0, fmt.Sprintf("the file has %d KiB, and the limit is %d", len(r.src)>>10, maxSize>>10), "")
		return nil
	}
	if !r.legible() {
		return nil
	}
	for range maxMends {
		var doc yaml.Node
		err := yaml.Load([]byte(strings.Join(r.lines, "\n")), &doc)
		var le *yaml.LoadError
		if errors.As(err, &le) && r.mend(le.Mark.Line, le.Mark.Column) {
			continue
		}
		if err != nil {
			r.syntax(err, le)
			return nil
		}
		if len(doc.Content) == 0 {
			r.at(1, 1, "there is no menu in this file", "begin with start: and nodes:")
			return nil
		}
		return doc.Content[0]
	}
	return nil // enough was reported
}

// legible reports the first letter that cannot be read, as a file has many that
// was saved in another encoding.
func (r *reader) legible() bool {
	for i, line := range r.lines {
		col := 0
		for at, c := range line {
			col++
			switch {
			case c == utf8.RuneError && !strings.HasPrefix(line[at:], string(utf8.RuneError)):
				r.at(i+1, col, "this letter is not written as UTF-8", "save the file as UTF-8")
				return false
			case c < ' ' && c != '\t' && c != '\r' || c == 0x7f:
				r.at(i+1, col, fmt.Sprintf("a menu has no control characters, and this is %U", c), "take it out, or save the file as UTF-8")
				return false
			}
		}
	}
	return true
}

// mend reports and paints over a tab or a star that stops the scanner, and
// reports whether it was one.
func (r *reader) mend(line, col int) bool {
	if line < 1 || line > len(r.lines) {
		return false
	}
	text := []rune(r.lines[line-1])
	for _, c := range []int{col, col - 1} {
		if c < 1 || c > len(text) {
			continue
		}
		switch text[c-1] {
		case '\t':
			r.at(line, c, "YAML does not allow a tab here", "use spaces")
			text = append([]rune(r.indent(line)), text[c:]...)
		case '*':
			r.at(line, c, "a * without quotes means something else in YAML", `write "*"`)
			text[c-1] = []rune(mended)[0]
		default:
			continue
		}
		r.lines[line-1] = string(text)
		return true
	}
	return false
}

// indent guesses what was meant with a tab: to stand under the line above.
func (r *reader) indent(line int) string {
	for i := line - 2; i >= 0; i-- {
		above := strings.TrimRight(r.lines[i], " \r")
		bare := strings.TrimLeft(above, " ")
		if bare == "" || bare[0] == '#' {
			continue
		}
		spaces := above[:len(above)-len(bare)]
		if strings.HasSuffix(above, ":") {
			spaces += "  "
		}
		return spaces
	}
	return ""
}

// syntax reports why the file is not YAML.
func (r *reader) syntax(err error, le *yaml.LoadError) {
	if le == nil || le.Mark.Line == 0 {
		text := err.Error()
		switch {
		case strings.Contains(text, "multiple"):
			r.at(1, 1, "the file has more than one document", "take out the lines ---")
		case strings.Contains(text, "no documents"):
			r.at(1, 1, "there is no menu in this file", "begin with start: and nodes:")
		default:
			r.at(1, 1, "this is not YAML: "+text, "")
		}
		return
	}
	line, col := le.Mark.Line, le.Mark.Column
	if r.noSpace(line) == 0 && r.noSpace(line-1) > 0 {
		line-- // YAML stumbles over what follows
	}
	text, hint := le.Message, ""
	switch {
	case strings.Contains(text, "end of stream") && le.ContextMark.Line > 0:
		line, col = le.ContextMark.Line, le.ContextMark.Column
		text, hint = "a quote is opened here and never closed", "close it on the same line"
	case strings.Contains(text, "unknown anchor"):
		text, hint = "a * without quotes means something else in YAML", `write it in quotes`
	case r.noSpace(line) > 0:
		col = r.noSpace(line)
		text, hint = "this looks like a space and is none for YAML", "write it anew with the space bar"
	case strings.Contains(text, "mapping values are not allowed"):
		text, hint = "there is a second colon here, or the line is indented too far", `put words that have a colon in quotes`
	case strings.Contains(text, "cannot start any token"):
		text, hint = "this character cannot stand here without quotes", "put the word in quotes"
	case strings.Contains(text, "did not find expected") && strings.Contains(le.ContextMsg, "flow"):
		line, col = le.ContextMark.Line, le.ContextMark.Column
		text, hint = "what begins here is not finished: "+text, "look for a missing bracket, comma or space"
	case strings.Contains(text, "did not find expected"):
		text, hint = "this line does not belong to what stands above it", "lines that belong together begin in the same column"
	}
	r.at(max(line, 1), max(col, 1), text, hint)
}

// nbsp is the space at which no line may break; word processors write it.
const nbsp = '\u00a0'

// noSpace is the column of such a space before the words of a line; 0 for none.
func (r *reader) noSpace(line int) int {
	if line < 1 || line > len(r.lines) {
		return 0
	}
	text := r.lines[line-1]
	bare := strings.TrimLeft(text, " ")
	if !strings.HasPrefix(bare, string(nbsp)) {
		return 0
	}
	return len(text) - len(bare) + 1
}

// comment finds a value that is empty because of a #.
var comment = regexp.MustCompile(`:\s*#\s*$|:\s*#\s*[,}]`)

// empty reports a value that is not there.
func (r *reader) empty(n *yaml.Node, what string) {
	hint := ""
	if n.Line >= 1 && n.Line <= len(r.lines) && comment.MatchString(r.lines[n.Line-1]) {
		hint = `a # starts a comment: write "#"`
	}
	r.fail(n, what+" has no value", hint)
}
