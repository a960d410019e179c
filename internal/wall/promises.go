package wall

import (
	"context"
	"fmt"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/callback/opening"
)

// unhappySince is how far back unhappy customers are looked for.
const unhappySince = 7 * 24 * time.Hour

// promises counts those of today that came to an end, as reports do.
func (s *Server) promises(ctx context.Context, now time.Time, v *sight) error {
	r, _, err := s.all(ctx, now, 1)
	v.Promises = r.Promises
	v.Figures, v.Forecast = append(v.Figures, served(r)...), honest(r.Forecast)
	if minutes := int(r.Saved.Seconds / 60); minutes > 0 {
		v.Saved = fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
	}
	v.Kept = v.Promises.Kept
	if v.Percent = "–"; v.Kept.Whole > 0 {
		v.Percent = fmt.Sprintf("%d %%", v.Kept.Percent())
	}
	return err
}

// all are the figures of so many days, today the last of them, of all queues.
func (s *Server) all(ctx context.Context, now time.Time, days int) (figures.Report, feedback.Figures, error) {
	tomorrow := opening.DayOf(now).Plus(1)
	found, err := s.Desk.Report(ctx, callback.ReportFilter{
		By: callback.ByAll, From: tomorrow.Plus(-days).Begins(now.Location()), To: tomorrow.Begins(now.Location()), Standard: figures.Usual,
	})
	if len(found) == 0 {
		return figures.Counts{}.Report(figures.Usual), feedback.Counted(nil), err
	}
	return found[0].Report, found[0].Said, err
}

// open counts the promises of today that are still to be kept.
func (s *Server) open(ctx context.Context, now time.Time, v *sight) error {
	all, err := s.Desk.Today(ctx, "")
	for _, c := range all {
		if c.State.Over() || c.State == callback.Wrapup || c.State == callback.Connected {
			continue
		}
		v.Waits++
		if c.Until.Before(now) {
			v.Overdue++
		}
	}
	return err
}

// mostUnhappy is how many unhappy customers the wall names.
const mostUnhappy = 8

// sorry names the unhappy customers whom nobody has answered.
func (s *Server) sorry(ctx context.Context, now time.Time, v *sight) error {
	all, err := s.Desk.Unanswered(ctx, now.Add(-unhappySince))
	for _, u := range all {
		if len(v.Unhappy) == mostUnhappy {
			v.More = len(all) - mostUnhappy
			break
		}
		who := u.Phone.LogValue().String()
		if u.Name != "" {
			who = tame(u.Name) + " " + who
		}
		v.Unhappy = append(v.Unhappy, unhappy{
			Score: u.Score, Who: who, Words: tame(u.Words), Owner: s.nameOf(u.Owner), Callback: u.Callback,
			When: u.At.In(s.Zone(u.Queue)).Format("Mon 15:04"),
		})
	}
	return err
}
