package callback

import (
	"context"

	"github.com/holdless/holdless/callback/figures"
)

// Counts adds up what was counted on whole days, by queue: from the day that
// begins at f.From to the one that ends at f.To, wherever the queue is.
func (d *Desk) Counts(ctx context.Context, f MeasureFilter) (map[string]figures.Counts, error) {
	f.From, f.To = onDays(f.From, f.To)
	var found []Measure
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		found, err = tx.Measures(f)
		return err
	})
	byQueue := map[string][]figures.Count{}
	for _, m := range found {
		byQueue[m.Queue] = append(byQueue[m.Queue], m.Count)
	}
	all := make(map[string]figures.Counts, len(byQueue))
	for queue, counts := range byQueue {
		all[queue] = figures.Of(counts)
	}
	return all, err
}
