package callback

import (
	"context"
	"time"

	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/callback/figures"
)

// Asked is one survey: whom it asked about which call, and how far it came.
type Asked struct {
	Talk        string // the talk it is held in
	Callback    string
	Call        string // Attempt.Ref of the call to the customer
	Queue       string
	Agent       string // who spoke last
	Topic       string
	Phone       Phone
	Menu        string
	Version     string // of the text of the menu
	At          time.Time
	SentAt      time.Time
	DeliveredAt time.Time // as the carrier told
	AnsweredAt  time.Time
	StoppedAt   time.Time // the person wants no more of it
}

// A Score is the answer to one question, the one that counts.
type Score struct {
	Talk     string // Asked.Talk, or the call in which it was keyed in
	Question string // csat, nps, ces, solved
	Value    int
	Words    string // what was said beside it
	Queue    string
	Agent    string
	At       time.Time
}

// A Consent says whether a person agreed to be asked, when, and to what words.
type Consent struct {
	Phone   Phone
	Given   bool
	At      time.Time
	Talk    string
	Line    string
	Version string // of the text of the menu that asked
}

// A Contact is one time that somebody got in touch with us.
type Contact struct {
	ID      string // of the talk or the text
	Phone   Phone
	Queue   string // "" where it is not known
	Topic   string // likewise
	At      time.Time
	Agent   string    // who answered at once; "" for nobody of ours
	SpokeAt time.Time // when the two had spoken; zero when nobody answered
}

// FigureFilter chooses what figures are made of. Empty fields choose all.
type FigureFilter struct {
	From, To time.Time // inclusive, exclusive
	Queue    string
	Agent    string
	Now      time.Time // calls that were less than 7 days before it are too fresh to count as solved
}

// Figures is what customers said, counted.
type Figures struct {
	Scores    map[string]map[int]int // by question, then value
	Asked     int
	Sent      int
	Delivered int
	Answered  int
	Stopped   int
	Kept      int // callbacks that were kept, and calls that were answered at once, at least 7 days ago
	Repeated  int // after which the same person came back about the same matter within 7 days
}

// CSAT is the share of those who answered 4 or 5 of 5.
func (f Figures) CSAT() feedback.Share { return feedback.CSAT(f.Scores["csat"]) }

// NPS is the share of those who would recommend us, less those who would not.
func (f Figures) NPS() feedback.Score { return feedback.NPS(f.Scores["nps"]) }

// CES is the mean of how easy it was, from 1 to 7.
func (f Figures) CES() feedback.Score { return feedback.CES(f.Scores["ces"]) }

// Response is the share of the surveys that arrived and were answered.
func (f Figures) Response() feedback.Share { return feedback.Of(f.Answered, f.Delivered) }

// FCR is the share of the calls after which nobody had to come back within
// seven days.
func (f Figures) FCR() feedback.Share { return feedback.Of(f.Kept-f.Repeated, f.Kept) }

// AskedFCR is the share of those who say that their matter is solved. It often
// differs from FCR: both are shown.
func (f Figures) AskedFCR() feedback.Share {
	yes, no := f.Scores["solved"][1], f.Scores["solved"][2]
	return feedback.Of(yes, yes+no)
}

// FiguresOf are what customers said and did, from what was counted.
func FiguresOf(c figures.Counts) Figures {
	return Figures{Scores: c.Scores(), Kept: c[figures.Resolved].N, Repeated: c[figures.Repeated].N}
}

// Said counts what customers said on whole days, as reports do, from what was
// counted when they said it. The days are those of From, and of To, which is
// left out when it is midnight.
func (d *Desk) Said(ctx context.Context, f FigureFilter) (Figures, error) {
	f.From, f.To = f.wholeDays(d.zone)
	p := PartFilter{From: f.From, To: f.To, Queue: f.Queue, Names: figures.Answers()}
	if f.Agent != "" {
		p.By = figures.ByAgent
	}
	counts, err := d.sum(ctx, p, f.Agent)
	if err != nil {
		return Figures{}, err
	}
	said := FiguresOf(counts)
	err = d.Store.View(ctx, func(tx Tx) error {
		all, err := tx.Surveyed(f)
		all.Scores, all.Kept, all.Repeated = said.Scores, said.Kept, said.Repeated
		said = all
		return err
	})
	return said, err
}

// wholeDays are the midnights around a time.
func (f FigureFilter) wholeDays(zone *time.Location) (from, to time.Time) {
	y, m, d := f.From.In(zone).Date()
	from = time.Date(y, m, d, 0, 0, 0, 0, zone)
	y, m, d = f.To.In(zone).Add(-time.Nanosecond).Date()
	return from, time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

// Figures counts what customers said.
func (d *Desk) Figures(ctx context.Context, f FigureFilter) (Figures, error) {
	var all Figures
	f.Now = d.Now()
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.Figures(f)
		return err
	})
	return all, err
}
