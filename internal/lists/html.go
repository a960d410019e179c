package lists

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed list.html
var page string

var pages = template.Must(template.New("list").Parse(page))

// HTML writes a page that stands alone: mail shows it, and it prints on paper.
func (l List) HTML(w io.Writer) error { return pages.Execute(w, l) }

// Heads are the headings of the table.
func (List) Heads() []string {
	return []string{"Promised", "Name", "Number", "Topic", "Language", "Note", ""}
}

// Cells are what a row has under the headings.
func (l List) Cells(r Row) []string {
	return []string{l.Clock(r), r.Name, r.Phone, r.Topic, r.Lang, r.Note, r.Remark()}
}
