package twilioline

import (
	"encoding/xml"
	"strings"
	"unicode/utf8"
)

// A verb is an element of TwiML, or, without a name, text.
type verb struct {
	name  string
	attrs []attr
	text  string
	kids  []verb
}

// An attr is written even when its value is empty: finishOnKey="" is not the
// same as none.
type attr struct{ name, value string }

// text is what stands between elements.
func text(s string) verb { return verb{text: s} }

// document writes a document. The same verbs give the same bytes.
func document(verbs ...verb) string {
	var b strings.Builder
	b.WriteString(xml.Header)
	write(&b, verb{name: "Response", kids: verbs})
	return b.String()
}

func write(b *strings.Builder, v verb) {
	if v.name == "" {
		escape(b, v.text)
		return
	}
	b.WriteString("<" + v.name)
	for _, a := range v.attrs {
		b.WriteString(" " + a.name + `="`)
		escape(b, a.value)
		b.WriteByte('"')
	}
	if len(v.kids) == 0 {
		b.WriteString("/>")
		return
	}
	b.WriteByte('>')
	for _, kid := range v.kids {
		write(b, kid)
	}
	b.WriteString("</" + v.name + ">")
}

// escape writes text that cannot end an element. What XML cannot carry is left
// out (XML 1.0, 2.2).
func escape(b *strings.Builder, s string) {
	_ = xml.EscapeText(b, []byte(strings.Map(printable, s))) // a Builder cannot fail
}

func printable(r rune) rune {
	switch {
	case r == utf8.RuneError, r == 0x7f, r < ' ' && r != '\t' && r != '\n' && r != '\r',
		r == 0xfffe, r == 0xffff:
		return -1
	}
	return r
}
