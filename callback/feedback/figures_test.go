package feedback_test

import (
	"math"
	"testing"

	"github.com/holdless/holdless/callback/feedback"
)

// Each figure is made of its own counts: who came back is taken off FCR, who
// says that it is solved makes asked FCR, and only what arrived can be answered.
func TestFiguresAreOfTheirCounts(t *testing.T) {
	t.Parallel()
	f := feedback.Figures{
		Scores: map[string]map[int]int{
			"csat":   {1: 1, 3: 1, 4: 2, 5: 4},
			"nps":    {6: 1, 7: 1, 8: 1, 9: 1, 10: 1},
			"ces":    {2: 1, 7: 4},
			"solved": {1: 3, 2: 1},
		},
		Asked: 20, Sent: 16, Delivered: 10, Answered: 5, Kept: 10, Repeated: 3,
	}
	for name, tt := range map[string]struct {
		n         int
		got, want float64
	}{
		"CSAT":      {f.CSAT().N - 8, f.CSAT().Value, 0.75},
		"NPS":       {f.NPS().N - 5, f.NPS().Value, 20},
		"CES":       {f.CES().N - 5, f.CES().Value, 6},
		"response":  {f.Response().N - 10, f.Response().Value, 0.5},
		"FCR":       {f.FCR().N - 10, f.FCR().Value, 0.7},
		"asked FCR": {f.AskedFCR().N - 4, f.AskedFCR().Value, 0.75},
		// 0.7 of 10 by the score interval of Wilson.
		"FCR at least": {0, f.FCR().Low, 0.3968},
		"FCR at most":  {0, f.FCR().High, 0.8922},
	} {
		if tt.n != 0 || math.Abs(tt.got-tt.want) > 0.0001 {
			t.Errorf("%s: got %.4f, want %.4f, of %d more than were counted", name, tt.got, tt.want, tt.n)
		}
	}
}
