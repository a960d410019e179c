package simulation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
)

// roster lets agents come and go. Who is on a call stays there.
func (w *world) roster(ctx context.Context, p *process) {
	for _, name := range slices.Sorted(maps.Keys(p.desk.Agents)) {
		if w.moment("goes", name) > 0.3 {
			continue
		}
		duty := callback.Duty{Agent: name, To: callback.Available}
		switch x := w.moment("break", name); {
		case x < 0.15:
			duty.To, duty.Reason = callback.OnBreak, "lunch"
			w.saw("a break with a reason")
		case x < 0.2:
			duty.To = callback.Offline
		}
		_ = p.desk.SetDuty(ctx, duty)
	}
}

// promises has somebody called back by an agent of whom he asked for.
func (w *world) promises(ctx context.Context, p *process) {
	if w.moment("books") > 0.25 || time.Now().After(w.plan.end()) {
		return
	}
	from := places[w.pick(len(places), "books for")]
	owner := fmt.Sprintf("%s%d", from.queue, w.pick(3, "owner"))
	c, err := p.desk.Book(ctx, callback.Request{
		Queue: from.queue, Phone: callback.Phone(phone(from, w.pick(customers, "books for"))), Lang: bureaus[from.queue].lang,
		Owner: owner, Key: w.newID("request"), Actor: "operator",
	})
	if err == nil && c.Owner == owner {
		w.mu.Lock()
		w.owners[c.ID] = owner
		w.mu.Unlock()
	}
}

// dialling is stopped at times, and started again, whoever has stopped it.
func (w *world) dialling(ctx context.Context, p *process) {
	now, err := p.desk.Dialing(ctx)
	switch x := w.moment("dialling"); {
	case err != nil:
	case now.Stopped && now.Actor == "desk":
		w.saw("dialling stopped by itself")
		_ = p.desk.StartDialing(ctx, "operator")
	case now.Stopped && x < 0.7:
		_ = p.desk.StartDialing(ctx, "operator")
	case !now.Stopped && x < 0.02:
		w.saw("dialling was stopped")
		_ = p.desk.StopDialing(ctx, "operator", "a drill")
	}
}

// deaf reports whether nobody takes a call today: dialling then stops by itself.
func (w *world) deaf() bool {
	return w.chance("deaf", w.clock().UTC().YearDay()) < 0.12
}
