package simulation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
)

// A clerk is an agent, or a supervisor, at his desk. He looks at a callback, does
// something with it, presses twice at times, and takes it back at others.
type clerk struct {
	w    *world
	no   int
	p    *process
	name string            // of the agent; "" for a supervisor
	saw  callback.Callback // as he has looked at it
	act  callback.Act      // what he does with it
	had  callback.Callback // as it stood after that
}

// feats is what is known of deeds of one kind with one callback.
type feats struct{ done, unknown int }

// works has a clerk do something now and then, as long as people call us.
func (w *world) works(no int) {
	for time.Now().Before(w.plan.end()) && w.pass(w.between(time.Minute, 4*time.Hour, "clerk", no)) {
		k := &clerk{w: w, no: no}
		if k.looks() && k.chooses() {
			k.does()
		}
	}
}

// ctx is his own.
func (k *clerk) ctx() context.Context { return named(k.p.ctx, "clerk ", k.no) }

// turn has him go on with the service that runs now, and reports whether one does.
func (k *clerk) turn() bool {
	k.w.turns.wait("clerk ", k.no)
	k.p = k.w.current()
	return !k.p.dead()
}

// pauses is how long it takes him to think, or to see that he was wrong.
func (k *clerk) pauses(from, to time.Duration, over string) bool {
	<-time.After(k.w.between(from, to, over, k.no))
	return k.turn()
}

// toBeMade are the states of callbacks that wait to be made.
var toBeMade = []callback.State{callback.BookedState, callback.RetryWait, callback.Interrupted}

// looks chooses one of the callbacks of a team: one that is to be made, or one of
// which something is to be written.
func (k *clerk) looks() bool {
	if !k.turn() {
		return false
	}
	queues := slices.Sorted(maps.Keys(bureaus))
	f := callback.Filter{Queue: queues[k.w.pick(len(queues), "clerk of", k.no)], States: toBeMade, Max: 20}
	if k.w.moment("writes", k.no) < 0.2 {
		f.States, f.From = []callback.State{callback.Wrapup, callback.Done, callback.Failed}, k.w.clock().Add(-5*time.Hour)
	}
	all, err := k.p.desk.List(k.ctx(), f)
	if err != nil || len(all) == 0 {
		return false
	}
	k.saw = all[k.w.pick(len(all), "looks at", k.no)]
	if n := k.w.pick(len(bureaus[f.Queue].team)+1, "is", k.no); n > 0 {
		k.name = fmt.Sprintf("%s%d", f.Queue, n-1)
	}
	return k.pauses(time.Second, 40*time.Second, "reads")
}

// deeds are what can be done with a callback that is to be made.
var deeds = []callback.Deed{
	callback.DoClaim, callback.DoRelease, callback.DoCall, callback.DoSnooze, callback.DoMove, callback.DoCancel, callback.DoHand, callback.DoNote,
}

// chooses what he does.
func (k *clerk) chooses() bool {
	k.act = callback.Act{Callback: k.saw.ID, Version: k.saw.Version, Agent: k.name, Actor: "agent:" + k.name, Any: k.name == ""}
	if k.name == "" {
		k.act.Actor = "operator"
	}
	if !slices.Contains(toBeMade, k.saw.State) {
		return k.writes()
	}
	k.act.Do = deeds[k.w.pick(len(deeds), "does", k.no)]
	switch k.act.Do {
	case callback.DoMove:
		return k.picksTime()
	case callback.DoHand:
		k.act.To = fmt.Sprintf("%s%d", k.saw.Queue, k.w.pick(len(bureaus[k.saw.Queue].team), "hands to", k.no))
	case callback.DoCancel, callback.DoNote:
		k.act.Words = k.w.newID("words")
	case callback.DoSnooze:
		k.act.Tell = k.w.moment("tells", k.no) < 0.5
	case callback.DoClaim, callback.DoRelease, callback.DoCall, callback.DoOutcome:
	}
	return k.name != "" || k.act.Do != callback.DoClaim && k.act.Do != callback.DoCall
}

// writes what came of a call, at times with another that he promises.
func (k *clerk) writes() bool {
	k.act.Do, k.act.To, k.act.Words = callback.DoOutcome, "solved", k.w.newID("words")
	return k.w.moment("follows", k.no) < 0.5 || k.picksTime()
}

// picksTime chooses one that is free.
func (k *clerk) picksTime() bool {
	free, err := k.p.desk.FreeFor(k.ctx(), k.saw.Queue, k.saw.Phone)
	if err != nil || len(free) == 0 {
		return false
	}
	k.act.At = free[k.w.pick(len(free), "time", k.no)]
	return true
}

// does it, and sees at times that he was wrong.
func (k *clerk) does() {
	if k.saw.State == callback.Interrupted { // a person decides
		k.w.again(k.saw)
	}
	had, err := k.p.desk.Act(k.ctx(), k.act)
	if !k.did(had, err) {
		return
	}
	if k.w.moment("again", k.no) < 0.2 && k.pauses(0, 2*time.Second, "presses twice") {
		k.pressesTwice()
	}
	if k.w.moment("wrong", k.no) < 0.5 && k.pauses(0, 11*time.Second, "sees it") {
		k.undoes()
	}
}

// did writes down what became of a deed, as far as he can know.
func (k *clerk) did(had callback.Callback, err error) bool {
	k.w.mu.Lock()
	defer k.w.mu.Unlock()
	f := k.w.featsOf(k.saw.ID, string(k.act.Do))
	switch {
	case err == nil:
		f.done++
		k.w.seen["did "+string(k.act.Do)]++
		k.had = had
		k.changes()
	case isUnknown(err):
		f.unknown++
		delete(k.w.owners, k.saw.ID)
	}
	return err == nil
}

// isUnknown reports whether nobody knows if it was done.
func isUnknown(err error) bool { return errors.Is(err, errDead) || errors.Is(err, context.Canceled) }

// changes is what others must know of a deed. The world is locked.
func (k *clerk) changes() {
	switch k.act.Do {
	case callback.DoClaim, callback.DoCall:
		k.w.owners[k.had.ID] = k.name
	case callback.DoHand:
		k.w.owners[k.had.ID] = k.act.To
	case callback.DoRelease:
		delete(k.w.owners, k.had.ID)
	case callback.DoCancel:
		k.w.quit[string(k.had.Phone)] = time.Now()
	case callback.DoSnooze, callback.DoMove, callback.DoNote, callback.DoOutcome:
	}
}

// featsOf is what is known of one kind of deeds with a callback. The world is locked.
func (w *world) featsOf(id, do string) *feats {
	key := id + " " + do
	if w.feats[key] == nil {
		w.feats[key] = &feats{}
	}
	return w.feats[key]
}

// pressesTwice: what comes twice is done once, as the journal tells in the end.
func (k *clerk) pressesTwice() {
	if _, err := k.p.desk.Act(k.ctx(), k.act); err == nil {
		k.w.saw("pressed twice")
	}
}

// undoes: what was promised before stands again, and nobody reads of the deed.
func (k *clerk) undoes() {
	now, err := k.p.desk.Undo(k.ctx(), k.had.ID, k.act.Actor)
	switch {
	case err == nil:
		k.w.saw("undid " + string(k.act.Do))
		k.stands(now)
		k.untells()
	case !isUnknown(err):
		k.w.saw("undone too late")
		return
	}
	k.w.mu.Lock()
	defer k.w.mu.Unlock()
	if k.act.Do == callback.DoCancel {
		delete(k.w.quit, string(k.had.Phone))
	}
	delete(k.w.owners, k.had.ID)
	if now.Owner != "" && err == nil {
		k.w.owners[now.ID] = now.Owner
	}
}

// stands holds what was undone against what he had looked at, if it was that with
// which he did something.
func (k *clerk) stands(now callback.Callback) {
	was := k.saw
	same := now.At.Equal(was.At) && now.DueAt.Equal(was.DueAt) && now.Until.Equal(was.Until) && now.Owner == was.Owner
	if k.had.Version == was.Version+1 && (!same || now.State.Over() && k.act.Do != callback.DoOutcome) {
		k.w.violated("I42", "%s of %s was undone: %s %s %q, and was %s %s %q", k.act.Do, now.Phone, now.State, now.At, now.Owner, was.State, was.At, was.Owner)
	}
}

// untells remembers what nobody may read any more.
func (k *clerk) untells() {
	var u callback.Undo
	err := k.p.store.View(context.Background(), func(tx callback.Tx) (err error) {
		u, err = tx.Undo(k.had.ID)
		return err
	})
	if err != nil {
		k.w.violated("store", "what was undone of %s: %v", k.had.Phone, err)
	}
	k.w.mu.Lock()
	defer k.w.mu.Unlock()
	for _, id := range u.Messages {
		k.w.undone[id] = true
	}
}

// auditFeats: each deed of which somebody was told that it is done is in the
// journal, and only once.
func (w *world) auditFeats() {
	for key, f := range w.feats {
		if n := w.books.feats[key]; n < f.done || n > f.done+f.unknown {
			w.violated("I40", "%s was done %d times, and may have been %d times more: it is written down %d times", key, f.done, f.unknown, n)
		}
	}
}

// PutUndo implements [callback.Undos].
func (s *spy) PutUndo(u callback.Undo) error {
	if s.w.plan.bug.forgetsBefore {
		u.Was.Owner = ""
	}
	if s.w.plan.bug.forgetsMarks {
		u.Mark = ""
	}
	return s.Tx.PutUndo(u)
}
