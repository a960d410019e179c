package web

import (
	"bytes"
	"html/template"
	"net/http"
)

var pages = template.Must(template.ParseFS(files, "*.html"))

func style(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "style.css") }

func (s *Server) show(w http.ResponseWriter, name string, data any) {
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, name, data); err != nil {
		s.Log.Error("page not shown", "err", err)
		plain(w, http.StatusInternalServerError, "This page cannot be shown.\n")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = page.WriteTo(w) // the client may have gone
}
