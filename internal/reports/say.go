package reports

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/callback/figures"
)

// none stands for what nobody can know.
const none = "–"

// share shows a part of a whole in percent, never rounded up.
func share(r figures.Ratio) Cell {
	if r.Whole == 0 {
		return Cell{Text: none}
	}
	return Cell{Text: fmt.Sprintf("%d %%", r.Percent()), Value: rounded(r.Share())}
}

// rounded leaves a figure the digits that say something.
func rounded(f float64) float64 { return math.Round(f*10_000) / 10_000 }

// span shows seconds as minutes and seconds; of nothing there is none.
func span(seconds float64, of int) Cell {
	if of == 0 {
		return Cell{Text: none}
	}
	if seconds > 1e9 {
		return Cell{Text: "over 2 h"}
	}
	return Cell{Text: clock(seconds), Value: rounded(seconds)}
}

// clock writes seconds as 1:05, or 2:03:00.
func clock(seconds float64) string {
	sign := ""
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	s := int(math.Round(seconds))
	if s >= 3600 {
		return fmt.Sprintf("%s%d:%02d:%02d", sign, s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%s%d:%02d", sign, s/60, s%60)
}

// sure shows a share of answers, when there are enough to be one figure.
func sure(s feedback.Share) (value, between Cell) {
	if !s.Enough() {
		return Cell{Text: "too few"}, Cell{Text: none}
	}
	return Cell{Text: fmt.Sprintf("%.0f %%", 100*s.Value), Value: rounded(s.Value)},
		Cell{Text: fmt.Sprintf("%.0f–%.0f %%", 100*s.Low, 100*s.High), Value: fmt.Sprintf("%.4f to %.4f", s.Low, s.High)}
}

// points shows a figure that is no share, with its interval.
func points(s feedback.Score, format string) Cell {
	if !s.Enough() {
		return Cell{Text: "too few"}
	}
	return Cell{Text: fmt.Sprintf(format+" ("+format+" to "+format+")", s.Value, s.Low, s.High), Value: rounded(s.Value)}
}

// scored shows such a figure after how many gave it, and before its interval.
func scored(s feedback.Score, format string) []Cell {
	if !s.Enough() {
		return []Cell{number(s.N), {Text: "too few"}, {Text: none}}
	}
	return []Cell{
		number(s.N),
		{Text: fmt.Sprintf(format, s.Value), Value: rounded(s.Value)},
		{Text: fmt.Sprintf(format+" to "+format, s.Low, s.High), Value: fmt.Sprintf("%.4f to %.4f", s.Low, s.High)},
	}
}

// tame keeps words that others chose from disturbing a page or a file.
func tame(words string) string {
	kept := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, words))
	if len(kept) > 300 {
		return string(kept[:300]) + "…"
	}
	return string(kept)
}

// hours tells a long time, in hours and minutes.
func hours(seconds float64) string {
	d := time.Duration(seconds) * time.Second
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
