package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"
)

// export writes one table of a report, or all of them, as a file.
func (s *Server) export(w http.ResponseWriter, r *http.Request) {
	name, kind, _ := strings.Cut(r.PathValue("file"), ".")
	f := formatOf(kind)
	switch {
	case name == "reports" && kind == "css":
		http.ServeFileFS(w, r, files, "reports.css")
		return
	case f == nil || name == "all" && kind != "json":
		http.NotFound(w, r)
		return
	case name == "missed":
		s.missedFile(w, r, f)
		return
	}
	t, ok := s.gathered(w, r, name)
	if !ok {
		return
	}
	all := s.tables(t)
	if name == "all" {
		s.allFile(w, r, t, all)
		return
	}
	table, known := named(all, name)
	if !known {
		http.NotFound(w, r)
		return
	}
	s.file(w, "holdless-"+name+"-"+t.span()+"."+kind, func(out *bytes.Buffer) error {
		return errors.Join(f.begin(out, table), f.rows(out, table), f.end(out))
	})
}

// missedFile writes each promise that we did not keep, however many they are.
func (s *Server) missedFile(w http.ResponseWriter, r *http.Request, f format) {
	a, ok := s.asks(w, r)
	if !ok {
		return
	}
	next := s.latePages(r.Context(), a)
	page, err := next()
	if err != nil {
		s.fail(w, err)
		return
	}
	attached(w, "holdless-missed-"+a.span()+path.Ext(r.URL.Path))
	s.send(w, func(out io.Writer) error { return paged(out, f, before(page, next)) })
}

// allFile writes all tables as one object, of which that of promises that we did
// not keep comes in pages.
func (s *Server) allFile(w http.ResponseWriter, r *http.Request, t told, all []Table) {
	head, err := json.Marshal(map[string]any{
		"from": t.From.Format(time.DateOnly), "to": t.Last.Format(time.DateOnly), "zone": s.Zone.String(), "queue": t.Queue, "by": t.By,
	})
	if err != nil {
		s.fail(w, err)
		return
	}
	attached(w, "holdless-reports-"+t.span()+".json")
	s.send(w, func(out io.Writer) error {
		between := string(bytes.TrimSuffix(head, []byte("}"))) + `,"tables":[`
		for _, table := range all {
			if _, err := io.WriteString(out, between); err != nil {
				return err
			}
			next := once(table)
			if table.Name == "missed" {
				next = s.latePages(r.Context(), t.ask)
			}
			if err := paged(out, &asJSON{}, next); err != nil {
				return err
			}
			between = ","
		}
		_, err := io.WriteString(out, "]}\n")
		return err
	})
}

// span names the days of a report.
func (a ask) span() string {
	return a.From.Format(time.DateOnly) + "-to-" + a.Last.Format(time.DateOnly)
}

// file sends a file that browsers keep, and do not show.
func (s *Server) file(w http.ResponseWriter, name string, write func(*bytes.Buffer) error) {
	var out bytes.Buffer
	if err := write(&out); err != nil {
		s.fail(w, err)
		return
	}
	attached(w, name)
	_, _ = out.WriteTo(w) // the client may have gone
}

// attached says that what follows is a file, by its name.
func attached(w http.ResponseWriter, name string) {
	kind := "application/json"
	if strings.HasSuffix(name, ".csv") {
		kind = "text/csv; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
}
