package feedback

import "github.com/holdless/holdless/callback/figures"

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
func (f Figures) CSAT() Share { return CSAT(f.Scores["csat"]) }

// NPS is the share of those who would recommend us, less those who would not.
func (f Figures) NPS() Score { return NPS(f.Scores["nps"]) }

// CES is the mean of how easy it was, from 1 to 7.
func (f Figures) CES() Score { return CES(f.Scores["ces"]) }

// Response is the share of the surveys that arrived and were answered.
func (f Figures) Response() Share { return Of(f.Answered, f.Delivered) }

// FCR is the share of the calls after which nobody had to come back within
// seven days.
func (f Figures) FCR() Share { return Of(f.Kept-f.Repeated, f.Kept) }

// AskedFCR is the share of those who say that their matter is solved. It often
// differs from FCR: both are shown.
func (f Figures) AskedFCR() Share {
	yes, no := f.Scores["solved"][1], f.Scores["solved"][2]
	return Of(yes, yes+no)
}

// Counted are what customers said and did, from what was counted.
func Counted(c figures.Counts) Figures {
	return Figures{Scores: c.Scores(), Kept: c[figures.Resolved].N, Repeated: c[figures.Repeated].N}
}
