package simulate

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// The measures of a chart, in pixels.
const (
	labels = 260 // room for the names of the bars
	bars   = 420 // the longest bar
	row    = 44
	top    = 40
	least  = 0.5 // the share at which bars begin
	wanted = 0.97
)

// Chart draws which share of the promises was kept, beside the share that is
// wanted. It has no colours of its own: it takes that of the text around it.
func Chart(w io.Writer, all []Result) error {
	var b strings.Builder
	for i, r := range all {
		y := top + i*row
		name := fmt.Sprintf("%d agents, %s, %s", r.Agents, r.Policy, r.Order)
		width := bars * max(0, r.Kept-least) / (1 - least)
		fmt.Fprintf(&b, `<text x="12" y="%d">%s</text><text x="12" y="%d" class="dim">%d places, load %.2f, wait %s</text>`+"\n",
			y+14, html.EscapeString(name), y+30, r.Sold, r.Planned, clock(r.Waited))
		fmt.Fprintf(&b, `<rect class="bar" x="%d" y="%d" width="%.1f" height="18"/><text x="%.1f" y="%d">%s, late p99 %s</text>`+"\n",
			labels, y+4, width, labels+width+8, y+18, percent(r.Kept, r.Promises), clock(r.LateP99))
	}
	high := top + len(all)*row + 8
	mark := labels + bars*(wanted-least)/(1-least)
	_, err := fmt.Fprintf(w, chart, labels+bars+170, high, mark, b.String())
	return err
}

const chart = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" role="img" style="color-scheme:light dark" font-family="system-ui,sans-serif" font-size="12" fill="currentColor" stroke="none">
<title>Promises kept</title>
<style>
.bar{fill-opacity:.18;stroke:currentColor;stroke-opacity:.5}
.mark{stroke:currentColor;stroke-dasharray:4 3}
.dim{fill-opacity:.62}
.name{font-weight:600}
</style>
<text x="12" y="20" class="name">Promises kept</text>
<line class="mark" x1="%.1[3]f" y1="28" x2="%.1[3]f" y2="%[2]d"/><text x="%.1[3]f" y="20" text-anchor="middle">97 %%</text>
%[4]s</svg>
`
