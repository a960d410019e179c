package lists

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Text writes one callback in a line, for letters and terminals.
func (l List) Text() string {
	if len(l.Rows) == 0 {
		return "No callbacks are promised for today.\n"
	}
	var b strings.Builder
	for _, r := range l.Rows {
		words := []string{l.Clock(r), r.Phone, r.Name, r.Topic, r.Lang, r.Note}
		if remark := r.Remark(); remark != "" {
			words = append(words, "("+remark+")")
		}
		words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
		b.WriteString(strings.Join(words, "  ") + "\n")
	}
	return b.String()
}

// CSV writes a table for a spreadsheet, as RFC 4180 has it. No cell can be
// taken for a formula.
func (l List) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	all := [][]string{{"promised", "until", "name", "phone", "topic", "language", "note", "tries", "remark", "id"}}
	for _, r := range l.Rows {
		row := []string{
			r.At.Format(time.RFC3339), r.Until.Format(time.RFC3339), r.Name, r.Phone, r.Topic, r.Lang, r.Note,
			strconv.Itoa(r.Tries), r.Remark(), r.ID,
		}
		for i := range row {
			row[i] = Harmless(row[i])
		}
		all = append(all, row)
	}
	return out.WriteAll(all)
}

// Harmless keeps a spreadsheet from taking a cell for a formula: it puts an
// apostrophe before what begins one, with blanks before it or written wide as
// well. See OWASP, CSV Injection.
func Harmless(cell string) string {
	begin := strings.TrimLeft(cell, " \u00a0\u3000")
	if begin != "" && strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", []rune(begin)[0]) {
		return "'" + cell
	}
	return cell
}
