package reports

import (
	"fmt"
	"html"
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
)

// The measures of a chart, in its own units.
const (
	wide, high   = 640, 200
	left, bottom = 40, 24 // room for the words beside and below
	top          = 10
	cell         = 24 // of the hours of a week
)

// charts draws what a report tells. They have no colours of their own, and no
// words but numbers and days: the table beside each has all that they show.
func charts(t told) map[string]template.HTML {
	kept, csat := line{title: "Promises kept, in percent of those due"}, line{title: "Satisfied customers, in percent of answers"}
	solved, level := line{title: "Solved at the first contact, in percent of calls"}, line{title: "Service level, in percent of callers who asked for a person"}
	work := line{title: "Occupancy of agents, in percent of their time at work"}
	nps := line{title: "Net promoter score, in points from -100 to 100", rules: []float64{-100, -50, 0, 50, 100}}
	ces := line{title: "How easy it was, from 1 to 7", rules: []float64{1, 2, 3, 4, 5, 6, 7}}
	asked := bars{title: "Callers who asked for a person, and of these who hung up"}
	for _, c := range t.Course {
		day := c.Since.Format("2 Jan")
		kept.add(day, 100*c.Promises.Kept.Share(), c.Promises.Kept.Whole > 0)
		s := c.Said.CSAT()
		csat.add(day, 100*s.Value, s.Enough())
		csat.band = append(csat.band, [2]float64{100 * s.Low, 100 * s.High})
		f := c.Said.FCR()
		solved.add(day, 100*f.Value, f.Enough())
		solved.band = append(solved.band, [2]float64{100 * f.Low, 100 * f.High})
		nps.score(day, c.Said.NPS())
		ces.score(day, c.Said.CES())
		level.add(day, 100*c.ServiceLevel.Share(), c.ServiceLevel.Whole > 0)
		work.add(day, 100*c.Occupancy, c.Handled > 0)
		asked.days = append(asked.days, bar{day, c.Offered.Whole, c.Abandoned.Part})
	}
	return map[string]template.HTML{
		"course-promises": kept.svg(), "course-csat": csat.svg(), "course-fcr": solved.svg(), "course-service": asked.svg(),
		"course-nps": nps.svg(), "course-ces": ces.svg(), "course-level": level.svg(), "course-work": work.svg(), "week": heat(t),
	}
}

// svg wraps a drawing. Its title is read aloud.
func svg(w, h int, title, inside string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %d %d" role="img" aria-label="%s" class="chart">%s</svg>`, //nolint:gosec // all words in it are escaped
		w, h, html.EscapeString(title), inside))
}

// percents are the rules of a chart whose line has no others.
var percents = []float64{0, 25, 50, 75, 100}

// A line is a course, with gaps where nothing is known.
type line struct {
	title string
	rules []float64 // from the least to the most; percents when nil
	days  []string
	at    []float64
	known []bool
	band  [][2]float64 // how sure each is; may be nil
}

func (l *line) add(day string, at float64, known bool) {
	l.days, l.at, l.known = append(l.days, day), append(l.at, at), append(l.known, known)
}

// score adds a figure that is no share, between what holds its truth 19 times
// of 20.
func (l *line) score(day string, s feedback.Score) {
	l.add(day, s.Value, s.Enough())
	l.band = append(l.band, [2]float64{s.Low, s.High})
}

// x is where a day is.
func x(i, n int) float64 { return left + (float64(i)+0.5)*float64(wide-left-8)/float64(max(n, 1)) }

// y is where a part of the most is.
func y(part, most float64) float64 {
	return top + (high-top-bottom)*(1-part/max(most, 1))
}

func (l *line) svg() template.HTML {
	var b strings.Builder
	rules := l.rules
	if rules == nil {
		rules = percents
	}
	least, most := rules[0], rules[len(rules)-1]
	height := func(at float64) float64 { return y(min(max(at, least), most)-least, most-least) }
	for _, r := range rules {
		rule(&b, height(r), fmt.Sprintf("%.0f", r))
	}
	dates(&b, l.days)
	n, pen := len(l.days), "M"
	var path strings.Builder
	for i, p := range l.at {
		if !l.known[i] {
			pen = "M"
			continue
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", pen, x(i, n), height(p))
		pen = "L"
		if l.band != nil {
			fmt.Fprintf(&b, `<line class="band" x1="%[1]g" x2="%[1]g" y1="%.1f" y2="%.1f"/>`, x(i, n), height(l.band[i][1]), height(l.band[i][0]))
		}
		fmt.Fprintf(&b, `<circle class="dot" cx="%.1f" cy="%.1f" r="3"/>`, x(i, n), height(p))
	}
	fmt.Fprintf(&b, `<path class="line" d="%s"/>`, path.String())
	return svg(wide, high, l.title, b.String())
}

// rule draws a line across, with its number.
func rule(b *strings.Builder, at float64, words string) {
	fmt.Fprintf(b, `<line class="rule" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`,
		left, wide-8, at, at, left-6, at+4, html.EscapeString(words))
}

// mostDates is how many days have room below a chart.
const mostDates = 8

func dates(b *strings.Builder, days []string) {
	every := (len(days) + mostDates - 1) / mostDates
	for i, day := range days {
		if i%max(every, 1) == 0 {
			fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, x(i, len(days)), high-6, html.EscapeString(day))
		}
	}
}

// bars are counts, of which a part is bad.
type bars struct {
	title string
	days  []bar
}

type bar struct {
	day    string
	n, bad int
}

func (b bars) svg() template.HTML {
	most := 1
	var days []string
	for _, d := range b.days {
		most = max(most, d.n)
		days = append(days, d.day)
	}
	var out strings.Builder
	for _, part := range []int{0, (most + 1) / 2, most} {
		rule(&out, y(float64(part), float64(most)), fmt.Sprint(part))
	}
	dates(&out, days)
	n := len(b.days)
	w := max(1, 0.7*float64(wide-left-8)/float64(max(n, 1)))
	for i, d := range b.days {
		for _, r := range []struct {
			class string
			n     int
		}{{"all", d.n}, {"bad", d.bad}} {
			if r.n > 0 {
				at := y(float64(r.n), float64(most))
				fmt.Fprintf(&out, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, r.class, x(i, n)-w/2, at, w, y(0, 1)-at)
			}
		}
	}
	return svg(wide, high, b.title, out.String())
}

// heat draws the hours of the week, the darker the more there is.
func heat(t told) template.HTML {
	all, most := grid(t)
	first, last := busyHours(all)
	if last < 0 {
		return ""
	}
	var b strings.Builder
	for i, day := range weekdays {
		_, name, _ := strings.Cut(strings.TrimSuffix(day, "#"), "=")
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left-6, top+i*cell+17, name)
	}
	for hour := first; hour <= last; hour++ {
		at := left + (hour-first)*cell
		if (hour-first)%2 == 0 {
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">%d</text>`, at+cell/2, top+7*cell+16, hour)
		}
		for day, n := range all[hour] {
			fmt.Fprintf(&b, `<rect class="heat" x="%d" y="%d" width="%d" height="%d" fill-opacity="%.2f"/>`,
				at+1, top+day*cell+1, cell-2, cell-2, 0.06+0.94*float64(n)/float64(max(most, 1)))
		}
	}
	return svg(left+(last-first+1)*cell+8, top+7*cell+bottom, heatTitle(t.Heat)+", by weekday and hour", b.String())
}

func sortedKeys(all map[string]*callback.Queue) []string { return slices.Sorted(maps.Keys(all)) }

// joined puts what people wrote one after the other.
func joined(all []string) string { return strings.Join(all, " / ") }
