package reports

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/holdless/holdless/internal/lists"
)

// A Table is what a page shows, and what can be taken away as CSV or JSON.
type Table struct {
	Name    string // in addresses
	Title   string
	Note    string // how it is to be read
	Empty   string // what is said when there is no row
	Columns []Column
	Rows    []Row
}

// A Column is one of a table.
type Column struct {
	Key    string // in exports
	Title  string
	Number bool
	File   bool // in files only: on the page, a link says as much
}

// A Row is one of a table; its first cell names it.
type Row struct {
	Cells []Cell
	Bad   bool // it asks for somebody
}

// A Cell shows a value as words, and keeps it for exports.
type Cell struct {
	Text  string
	Value any    // string, int, float64, or nil for what is not known
	Link  string // to what it is about
}

// columns makes columns from "key=Title"; a title that ends with # is of
// numbers, and one without a title is in files only.
func columns(all ...string) []Column {
	cols := make([]Column, len(all))
	for i, one := range all {
		key, title, _ := strings.Cut(one, "=")
		words, number := strings.CutSuffix(title, "#")
		cols[i] = Column{Key: key, Title: words, Number: number, File: words == ""}
	}
	return cols
}

func words(s string) Cell { s = tame(s); return Cell{Text: s, Value: s} }

func number(n int) Cell { return Cell{Text: strconv.Itoa(n), Value: n} }

// plain is a cell for a spreadsheet.
func (c Cell) plain() string {
	switch v := c.Value.(type) {
	case string:
		return lists.Harmless(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// MarshalJSON implements [json.Marshaler]: a row is an object.
func (t Table) MarshalJSON() ([]byte, error) {
	rows := make([]map[string]any, len(t.Rows))
	for i, r := range t.Rows {
		rows[i] = t.named(r)
	}
	return json.Marshal(struct {
		Name  string           `json:"name"`
		Title string           `json:"title"`
		Note  string           `json:"note,omitempty"`
		Rows  []map[string]any `json:"rows"`
	}{t.Name, t.Title, t.Note, rows})
}

// named is a row with its cells by the keys of their columns.
func (t Table) named(r Row) map[string]any {
	row := map[string]any{}
	for i, c := range r.Cells {
		row[t.Columns[i].Key] = c.Value
	}
	return row
}
