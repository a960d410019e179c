package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// streamPatience is how long a client may take to read one page of a file.
const streamPatience = time.Minute

// A format writes a table row by row: nobody has to have all of them at once.
type format interface {
	begin(w io.Writer, t Table) error // what comes before the rows
	rows(w io.Writer, t Table) error
	end(w io.Writer) error
}

// asCSV is a table for a spreadsheet, as RFC 4180 has it. No words can be taken
// for a formula.
type asCSV struct{}

func (asCSV) begin(w io.Writer, t Table) error {
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = c.Key
	}
	return lines(w, [][]string{head})
}

func (asCSV) rows(w io.Writer, t Table) error {
	all := make([][]string, len(t.Rows))
	for i, r := range t.Rows {
		for _, c := range r.Cells {
			all[i] = append(all[i], c.plain())
		}
	}
	return lines(w, all)
}

func (asCSV) end(io.Writer) error { return nil }

func lines(w io.Writer, all [][]string) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return out.WriteAll(all)
}

// asJSON is a table as one object, whose rows are objects.
type asJSON struct{ begun bool }

func (*asJSON) begin(w io.Writer, t Table) error {
	t.Rows = nil
	head, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = w.Write(bytes.TrimSuffix(head, []byte("]}"))) // the rows come last
	return err
}

func (f *asJSON) rows(w io.Writer, t Table) error {
	var out bytes.Buffer
	for _, r := range t.Rows {
		row, err := json.Marshal(t.named(r))
		if err != nil {
			return err
		}
		if f.begun {
			out.WriteString(",\n")
		}
		f.begun = true
		out.Write(row)
	}
	_, err := out.WriteTo(w)
	return err
}

func (*asJSON) end(w io.Writer) error {
	_, err := io.WriteString(w, "]}\n")
	return err
}

// formatOf is the format of files that end so; nil for none.
func formatOf(kind string) format {
	switch kind {
	case "csv":
		return asCSV{}
	case "json":
		return &asJSON{}
	}
	return nil
}

// send sends a file as it is written. What breaks off does not look whole to the
// client: the connection is cut.
func (s *Server) send(w http.ResponseWriter, write func(io.Writer) error) {
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // else what reads requests ends it; a server that has none needs none
	if err := write(patient{w, out}); err != nil {
		s.Log.Warn("file not sent", "err", err)
		panic(http.ErrAbortHandler)
	}
}

// patient gives a client its time for each part of a file.
type patient struct {
	w   io.Writer
	out *http.ResponseController
}

// Write implements [io.Writer].
func (p patient) Write(part []byte) (int, error) {
	_ = p.out.SetWriteDeadline(time.Now().Add(streamPatience)) // a server that has none needs none
	return p.w.Write(part)
}

// paged writes a table as its pages come, which next finds until one is empty.
func paged(w io.Writer, f format, next func() (Table, error)) error {
	for first := true; ; first = false {
		page, err := next()
		if err != nil {
			return err
		}
		if err := write(w, f, page, first); err != nil || len(page.Rows) == 0 {
			return err
		}
	}
}

// before puts a page that was found already before the others.
func before(page Table, next func() (Table, error)) func() (Table, error) {
	told := false
	return func() (Table, error) {
		if told {
			return next()
		}
		told = true
		return page, nil
	}
}

// once makes the pages of a table that has one.
func once(t Table) func() (Table, error) {
	return before(t, func() (Table, error) { return Table{}, nil })
}

// write writes a page, and what is around all of them.
func write(w io.Writer, f format, page Table, first bool) error {
	if first {
		if err := f.begin(w, page); err != nil {
			return err
		}
	}
	if len(page.Rows) == 0 {
		return f.end(w)
	}
	return f.rows(w, page)
}
