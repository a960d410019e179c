package ivr

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Mistake is one thing that is wrong in a menu file, and where.
type Mistake struct {
	File       string
	Line       int // counts from 1; 0 for the file as a whole
	Column     int // counts characters from 1
	Text       string
	Excerpt    string // the line, and below it a caret at the column
	Suggestion string // what to do about it; may be empty

	at int // the line in all files together
}

// String writes the mistake as an editor understands it, on the first line,
// and the excerpt and the suggestion below.
func (m Mistake) String() string {
	var b strings.Builder
	b.WriteString(m.File)
	if m.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", m.Line, m.Column)
	}
	b.WriteString(": " + m.Text)
	if m.Suggestion != "" {
		b.WriteString("; " + m.Suggestion)
	}
	if m.Excerpt != "" {
		b.WriteString("\n" + m.Excerpt)
	}
	return b.String()
}

// Mistakes is the error of [Parse]: all that is wrong, by line.
//
//nolint:errname // a list of mistakes, which is also the error
type Mistakes []Mistake

// Error implements error.
func (ms Mistakes) Error() string {
	all := make([]string, len(ms))
	for i, m := range ms {
		all[i] = m.String()
	}
	return strings.Join(all, "\n")
}

func (ms Mistakes) sort() {
	slices.SortStableFunc(ms, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.Column, b.Column))
	})
}

// An excerpt of a long line shows so many characters before and behind the
// caret.
const (
	shownBefore = 80
	shownBehind = 40
	shownWhole  = 100 // letters of a line that is not cut
	cut         = "…"
)

// excerpt shows line no of a file with a caret under column col.
func excerpt(lines []string, no, col int) string {
	if no < 1 || no > len(lines) || strings.TrimSpace(lines[no-1]) == "" {
		return ""
	}
	line := []rune(strings.TrimRight(lines[no-1], "\r"))
	at := min(max(col, 1), len(line)+1) - 1
	from, to := max(0, at-shownBefore), min(len(line), at+shownBehind)
	if len(line) <= shownWhole {
		from, to = 0, len(line)
	}
	before, behind := "", ""
	if from > 0 {
		before = cut
	}
	if to < len(line) {
		behind = cut
	}
	pad := []rune(strings.Repeat(" ", len([]rune(before))))
	for _, r := range line[from:at] {
		if r != '\t' {
			r = ' '
		}
		pad = append(pad, r)
	}
	return "    " + before + clean(line[from:to]) + behind + "\n    " + string(pad) + "^"
}

// clean keeps what a terminal would act on from reaching it.
func clean(line []rune) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return '?'
		}
		return r
	}, string(line))
}
