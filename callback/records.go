package callback

import "context"

// recordsMost bounds how much is told of one number.
const recordsMost = 200

// Calls returns the talks with a number, the newest first.
func (d *Desk) Calls(ctx context.Context, p Phone) ([]Talk, error) {
	var all []Talk
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.TalksWith(p, recordsMost)
		return err
	})
	return all, err
}

// RatingsOf returns what somebody answered to surveys, the newest first.
func (d *Desk) RatingsOf(ctx context.Context, p Phone) ([]Rating, error) {
	var all []Rating
	err := d.Store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.Ratings([]Phone{p})
		return err
	})
	return all, err
}
