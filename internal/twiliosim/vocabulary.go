package twiliosim

import (
	_ "embed" // the published files
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// twiml is the vocabulary of TwiML, read from Twilio's library by tools/twilio.
//
//go:embed testdata/twiml.json.gz
var twiml []byte

// A vocabulary is which elements there are, what may be in them, and which
// attributes they have. It does not change, and is read once.
type vocabulary struct {
	Types map[string][]string            `json:"types"`
	Roots map[string]map[string]*element `json:"roots"`
}

type element struct {
	Children []string          `json:"children"`
	Text     bool              `json:"text"`
	Attrs    map[string]string `json:"attrs"`
}

var loadVocabulary = sync.OnceValues(readVocabulary)

func readVocabulary() (*vocabulary, error) {
	src, err := unzip(twiml)
	if err != nil {
		return nil, err
	}
	v := &vocabulary{}
	return v, json.Unmarshal(src, v)
}

// CheckVoice holds a document of TwiML for a call against Twilio's vocabulary
// and lists what is wrong with it.
func (s *Sim) CheckVoice(doc string) []string { return s.words.check("voice", doc) }

// CheckMessaging is CheckVoice for the answer to a text.
func (s *Sim) CheckMessaging(doc string) []string { return s.words.check("messaging", doc) }

// maxDocument is how long a document may be.
const maxDocument = 64 << 10

func (v *vocabulary) check(kind, doc string) []string {
	r := &reader{types: v.Types, elements: v.Roots[kind]}
	if len(doc) > maxDocument {
		r.bad("the document has %d bytes, more than 64 KB", len(doc))
	}
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.bad("not well formed: %v", err)
			return r.wrong
		}
		r.token(t)
	}
	if !r.root {
		r.bad("there is no <Response>")
	}
	return r.wrong
}

// reader walks through one document.
type reader struct {
	types    map[string][]string
	elements map[string]*element
	open     []string
	root     bool
	wrong    []string
}

func (r *reader) bad(format string, args ...any) {
	r.wrong = append(r.wrong, "/"+strings.Join(r.open, "/")+": "+fmt.Sprintf(format, args...))
}

func (r *reader) token(t xml.Token) {
	switch t := t.(type) {
	case xml.StartElement:
		r.start(t)
	case xml.EndElement:
		r.open = r.open[:len(r.open)-1]
	case xml.CharData:
		r.text(strings.TrimSpace(string(t)))
	}
}

func (r *reader) start(t xml.StartElement) {
	name := t.Name.Local
	switch parent := r.parent(); {
	case len(r.open) == 0 && (r.root || name != "Response"):
		r.bad("the root must be one <Response>, not <%s>", name)
	case parent != nil && !slices.Contains(parent.Children, name):
		r.bad("<%s> is not allowed here", name)
	}
	r.root = true
	r.open = append(r.open, name)
	e := r.elements[name]
	if e == nil {
		r.bad("there is no such element")
		return
	}
	for _, a := range t.Attr {
		r.attribute(e, a)
	}
}

// parent is nil outside of the document, and within an element that there is
// not.
func (r *reader) parent() *element {
	if len(r.open) == 0 {
		return nil
	}
	return r.elements[r.open[len(r.open)-1]]
}

func (r *reader) attribute(e *element, a xml.Attr) {
	name := a.Name.Local
	if a.Name.Space == "xml" || a.Name.Space == "http://www.w3.org/XML/1998/namespace" {
		name = "xml:" + name
	}
	kind, ok := e.Attrs[name]
	if !ok {
		r.bad("there is no attribute %q", name)
		return
	}
	kind, list := strings.CutSuffix(kind, "[]")
	values := []string{a.Value}
	if list {
		values = strings.Fields(a.Value)
	}
	for _, v := range values {
		if why := r.value(kind, v); why != "" {
			r.bad("attribute %s=%q: %s", name, a.Value, why)
		}
	}
}

func (r *reader) value(kind, v string) string {
	switch kind {
	case "text":
		return ""
	case "bool":
		if v != "true" && v != "false" {
			return "must be true or false"
		}
		return ""
	case "int":
		if n, err := strconv.Atoi(v); err != nil || n < 0 {
			return "must be a whole number"
		}
		return ""
	}
	if !slices.Contains(r.types[kind], v) {
		return fmt.Sprintf("%q is not one of %s", v, kind)
	}
	return ""
}

func (r *reader) text(s string) {
	if s == "" {
		return
	}
	if p := r.parent(); p != nil && !p.Text {
		r.bad("text %q is not allowed here", s)
	}
	if strings.ContainsRune(s, utf8.RuneError) {
		r.bad("the text has broken characters")
	}
}
