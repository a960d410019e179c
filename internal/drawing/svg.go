package drawing

import (
	"fmt"
	"html"
	"io"
	"strings"
	"unicode/utf8"
)

// The measures of a drawing, in pixels.
const (
	boxWidth  = 190
	column    = boxWidth + 46 // from one box to the next
	lineHigh  = 17
	padding   = 8
	between   = 14 // two boxes above each other
	margin    = 16
	treeTitle = 24
	letters   = 26 // that fit in a line of a box
)

// SVG draws a menu as a picture that reads from left to right. It has no
// colours of its own: it takes that of the text around it, and so is right on
// light and on dark ground.
func SVG(w io.Writer, m Menu) error {
	p := &picture{m: m}
	y := margin
	for _, r := range m.trees() {
		p.text(margin, y+lineHigh-4, r.why, `class="why"`)
		y = p.place(r.box, 0, y+treeTitle) + between
		p.draw(r.box)
	}
	_, err := fmt.Fprintf(w, frame, p.right+margin, y+margin, html.EscapeString(m.Name()), p.lines.String()+p.boxes.String())
	return err
}

const frame = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" role="img" style="color-scheme:light dark" font-family="system-ui,sans-serif" font-size="12" fill="currentColor" stroke="none">
<title>%[3]s</title>
<style>
.box{fill:none;stroke:currentColor;stroke-opacity:.45}
.person{fill:currentColor;fill-opacity:.1;stroke-opacity:1;stroke-width:2}
.worst{stroke-opacity:1;stroke-width:4}
.last{stroke-dasharray:4 3}
.way{fill:none;stroke:currentColor;stroke-opacity:.55}
.name{font-weight:600}
.dim{fill-opacity:.62}
.why{font-weight:600;fill-opacity:.62}
</style>
%[4]s</svg>
`

// A picture is one drawing at work.
type picture struct {
	m            Menu
	right        int
	lines, boxes strings.Builder
}

// place finds room for a box and those that follow it, and returns how far
// down they reach.
func (p *picture) place(b *box, depth, y int) int {
	b.x, b.y = margin+depth*column, y
	p.right = max(p.right, b.x+boxWidth)
	below := y
	for _, child := range b.children {
		below = p.place(child, depth+1, below)
	}
	return max(below, y+p.height(b)+between)
}

func (p *picture) height(b *box) int {
	rows := 1 + len(b.ways)
	if p.m.said(b.node) != "" {
		rows++
	}
	return rows*lineHigh + 2*padding
}

// draw draws a box, the ways out of it, and what follows.
func (p *picture) draw(b *box) {
	look := "box"
	switch b.node.Do {
	case "connect", "transfer":
		look += " person"
	case "end":
		look += " last"
	}
	if p.m.Worst == b.node.Name {
		look += " worst"
	}
	fmt.Fprintf(&p.boxes, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+"\n", look, b.x, b.y, boxWidth, p.height(b))
	row := b.y + padding + lineHigh - 5
	p.text(b.x+padding, row, cut(b.node.Name, 20), `class="name"`)
	p.text(b.x+boxWidth-padding, row, b.node.Do+p.m.came(b.node), `class="dim" text-anchor="end"`)
	if said := p.m.said(b.node); said != "" {
		row += lineHigh
		p.text(b.x+padding, row, cut("“"+said+"”", letters), `class="dim" font-style="italic"`)
	}
	for _, w := range b.ways {
		row += lineHigh
		letters := letters - utf8.RuneCountInString(w.took)
		p.text(b.x+boxWidth-padding, row, w.took, `class="dim" text-anchor="end"`)
		if w.child == nil {
			to := " → " + w.To
			p.text(b.x+padding, row, cut(w.label, max(letters-utf8.RuneCountInString(to), 8))+to, `class="dim"`)
			continue
		}
		p.text(b.x+padding, row, cut(w.label, letters), "")
		p.way(b.x+boxWidth, row-4, w.child)
		p.draw(w.child)
	}
}

// way draws the line from a row of a box to the box that it leads to.
func (p *picture) way(x, y int, to *box) {
	end := to.y + padding + lineHigh - 9
	bend := (column - boxWidth) / 2
	fmt.Fprintf(&p.lines, `<path class="way" d="M%d %dC%d %d %d %d %d %d"/>`+"\n", x, y, x+bend, y, to.x-bend, end, to.x, end)
	fmt.Fprintf(&p.lines, `<path d="M%d %dl-7 -3.5v7z"/>`+"\n", to.x, end)
}

func (p *picture) text(x, y int, text, how string) {
	if text == "" {
		return
	}
	fmt.Fprintf(&p.boxes, `<text x="%d" y="%d" %s>%s</text>`+"\n", x, y, how, html.EscapeString(text))
}

// cut keeps a text within so many letters.
func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:most-1])) + "…"
}
