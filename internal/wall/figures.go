package wall

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/callback/figures"
)

// number is one figure, large enough to be read across a room, with what it is
// made of, and where there is more.
type number struct {
	Name, Value, Of, More string
}

// none stands for what nobody can know yet.
const none = "–"

// served are the figures of the line, today.
func served(r figures.Report) []number {
	level := number{"Service level", none, "nobody has asked for a person today", "/reports?period=today#service"}
	if n := r.ServiceLevel.Whole; n > 0 {
		level.Value = fmt.Sprintf("%d %%", r.ServiceLevel.Percent())
		level.Of = fmt.Sprintf("within %.0f s, of %d today", r.Within, n)
	}
	asa := number{"ASA", none, "nobody was answered today", level.More}
	if n := r.Offered.Part; n > 0 {
		asa.Value, asa.Of = span(r.ASA), fmt.Sprintf("until an agent answered, %d today", n)
	}
	busy := number{"Occupancy", none, "no call has ended today", "/reports?period=today&by=agent#service"}
	if r.Handled > 0 {
		busy.Value, busy.Of = fmt.Sprintf("%.0f %%", 100*r.Occupancy), "of the time at work, today"
	}
	return []number{level, asa, busy}
}

// honest says how true it was what callers were told of their wait.
func honest(f figures.Forecast) string {
	if f.Held.Whole == 0 {
		return ""
	}
	return fmt.Sprintf("Of %d callers who were told today how long at most, %d %% waited no longer; the forecast was %s off on average.",
		f.Held.Whole, f.Held.Percent(), span(f.Error))
}

// span shows seconds as minutes and seconds.
func span(seconds float64) string {
	s := int(seconds + 0.5)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// saidDays is how far back answers are counted: a day has too few.
const saidDays = 30

// said are the figures of what customers say.
func (s *Server) said(ctx context.Context, now time.Time, v *sight) error {
	_, f, err := s.all(ctx, now, saidDays)
	v.Figures = append(v.Figures, sure("CSAT", f.CSAT(), "answers"), points("NPS", "%+.0f", f.NPS()), points("CES", "%.1f", f.CES()), sure("FCR", f.FCR(), "calls"))
	return err
}

// saidMore is where there is more of what customers say.
const saidMore = "/reports?period=30d#said"

// few says why there is no figure.
func few(n int, what string) string {
	if n == 1 {
		what = strings.TrimSuffix(what, "s")
	}
	return fmt.Sprintf("%d %s in %d days: too few", n, what, saidDays)
}

// sure is a share, with how many said it and between what the truth lies.
func sure(name string, s feedback.Share, what string) number {
	if !s.Enough() {
		return number{name, none, few(s.N, what), saidMore}
	}
	return number{name, fmt.Sprintf("%.0f %%", 100*s.Value), fmt.Sprintf("%.0f–%.0f %%, %d %s in %d days", 100*s.Low, 100*s.High, s.N, what, saidDays), saidMore}
}

// points is a figure that is no share, with its interval.
func points(name, format string, s feedback.Score) number {
	if !s.Enough() {
		return number{name, none, few(s.N, "answers"), saidMore}
	}
	between := fmt.Sprintf(format+" to "+format, s.Low, s.High)
	return number{name, fmt.Sprintf(format, s.Value), fmt.Sprintf("%s, %d answers in %d days", between, s.N, saidDays), saidMore}
}
