package api

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html docs.css
var files embed.FS

var docs = template.Must(template.ParseFS(files, "docs.html"))

func style(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "docs.css") }

// The parts of the page that documents the API.
type (
	section struct {
		Noun string
		Asks []described
	}
	described struct {
		ID, Method, Path, About, Needs string
		Params                         []param
		Takes, Gives                   string // JSON, by example
		Status                         string
		Errors                         []string
	}
	param   struct{ Name, In, Kind, About string }
	meaning struct{ Name, Means string }
)

// document writes the page from the description itself, so that it needs no
// script, and never tells another story.
func document(api *huma.OpenAPI) []byte {
	byNoun := map[string][]described{}
	for path, item := range api.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put} {
			if op != nil {
				byNoun[op.Tags[0]] = append(byNoun[op.Tags[0]], describe(api, path, op))
			}
		}
	}
	data := struct {
		About    string
		Sections []section
		Problems []meaning
	}{About: api.Info.Description}
	for _, noun := range slices.Sorted(maps.Keys(byNoun)) {
		asks := byNoun[noun]
		slices.SortFunc(asks, func(a, b described) int {
			return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
		})
		data.Sections = append(data.Sections, section{noun, asks})
	}
	for _, name := range slices.Sorted(maps.Keys(titles)) {
		data.Problems = append(data.Problems, meaning{name, titles[name]})
	}
	var out bytes.Buffer
	if err := docs.Execute(&out, data); err != nil {
		panic(err) // it is made of our own types
	}
	return out.Bytes()
}

func describe(api *huma.OpenAPI, path string, op *huma.Operation) described {
	d := described{ID: op.OperationID, Method: op.Method, Path: path, About: op.Summary, Needs: op.Description}
	for _, p := range op.Parameters {
		kind := p.Schema.Type
		if p.Schema.Format != "" {
			kind = p.Schema.Format
		}
		if p.Required {
			kind += ", needed"
		}
		d.Params = append(d.Params, param{p.Name, p.In, kind, cmp.Or(p.Description, p.Schema.Description)})
	}
	if op.RequestBody != nil {
		d.Takes = example(api, op.RequestBody.Content["application/json"])
	}
	for _, code := range slices.Sorted(maps.Keys(op.Responses)) {
		if strings.HasPrefix(code, "2") {
			d.Status, d.Gives = code, example(api, op.Responses[code].Content["application/json"])
		} else {
			d.Errors = append(d.Errors, code)
		}
	}
	return d
}

func example(api *huma.OpenAPI, m *huma.MediaType) string {
	if m == nil || m.Schema == nil {
		return ""
	}
	src, err := json.MarshalIndent(specimen(api, m.Schema, 0), "", "  ")
	if err != nil {
		return ""
	}
	return string(src)
}

// specimen makes up a value of a schema.
func specimen(api *huma.OpenAPI, s *huma.Schema, deep int) any {
	if s.Ref != "" {
		s = api.Components.Schemas.SchemaFromRef(s.Ref)
	}
	switch {
	case s == nil || deep > 6:
		return nil
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type == "array":
		return []any{specimen(api, s.Items, deep+1)}
	case s.Type == "object":
		all := map[string]any{}
		for name, of := range s.Properties {
			all[name] = specimen(api, of, deep+1)
		}
		return all
	case s.Format == "date-time":
		return "2026-11-30T09:15:00+02:00"
	case s.Type == "integer" || s.Type == "number":
		return 1
	case s.Type == "boolean":
		return true
	}
	return "..."
}
