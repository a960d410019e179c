package callback

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/holdless/holdless/ivr"
)

// Missed is one promise that we did not keep.
type Missed struct {
	Callback           // the zero value, but for its ID, when it was deleted
	Promised time.Time // the end of the promised window
	Late     time.Duration
	How      string // figures.Late or figures.Broken
	Why      string // in one sentence
	Mark     EntryMark
}

// MissedFilter chooses promises that were not kept.
type MissedFilter struct {
	From, To time.Time // when it was known; inclusive, exclusive
	Queue    string    // "" for all
	After    EntryMark // of the last one of the page before; the zero one for the first page
	Max      int
}

// Missed lists the promises that we did not keep, the newest first, with why.
func (d *Desk) Missed(ctx context.Context, f MissedFilter) ([]Missed, error) {
	var all []Missed
	err := d.Store.View(ctx, func(tx Tx) error {
		found, err := tx.Missed(f)
		all = make([]Missed, 0, len(found))
		for _, e := range found {
			m, err := missedIn(tx, e)
			if err != nil {
				return err
			}
			all = append(all, m)
		}
		return err
	})
	return all, err
}

// missedIn tells of one of them.
func missedIn(tx Tx, e Entry) (Missed, error) {
	m := Missed{How: e.Name, Why: e.Value, Mark: EntryMark{e.At, e.Seq}}
	c, err := tx.Callback(e.Callback)
	t, err2 := tx.Told(e.Callback)
	if m.Callback = c; err != nil {
		m.Callback = Callback{ID: e.Callback, Queue: e.Queue}
	}
	if m.Promised = t.Until; err2 == nil {
		m.Late = max(0, t.EndedAt.Sub(t.Until))
	}
	return m, errors.Join(missing(err), missing(err2))
}

// Why a promise was not kept, where no call says it.
const (
	nobodyFree     = "nobody was free in time"
	agentPutOff    = "the agent put it off"
	dialingStopped = "dialling was stopped"
	limitReached   = "so many calls were made that a limit was reached"
)

const brokenKind = "promise.broken" // the line of the journal that says so before it comes to its end

// reasons are why a promise was not kept, by what its calls came to.
var reasons = []struct {
	leg     Leg
	outcome string
	why     string
}{
	{CustomerLeg, interrupted, "the service stopped during the call"},
	{AgentLeg, interrupted, "the service stopped during the call"},
	{CustomerLeg, string(ivr.Unknown), "nobody knew whether the call had reached the customer"},
	{AgentLeg, string(ivr.Unknown), "nobody knew whether the call had reached the agent"},
	{CustomerLeg, string(ivr.Carrier), "the carrier did not put the call through"},
	{CustomerLeg, string(ivr.Unsent), "the call could not leave"},
	{CustomerLeg, abandoned, "the customer answered, and no agent was free"},
	{CustomerLeg, agentLeft, "the agent hung up before the customer was there"},
	{AgentLeg, string(ivr.Carrier), "the agent's line failed"},
	{AgentLeg, string(ivr.Unsent), "the call to the agent could not leave"},
	{AgentLeg, string(ivr.BadNumber), "the agent's number does not exist"},
	{AgentLeg, string(ivr.Unanswered), "an agent did not answer his phone"},
	{AgentLeg, string(ivr.Machine), "an agent's mailbox answered"},
	{AgentLeg, string(ivr.Busy), "an agent's phone was busy"},
	{AgentLeg, string(ivr.Rejected), "an agent declined the call"},
	{AgentLeg, passedOn, "an agent passed the call on"},
}

// blame says in one sentence why a promise was not kept. What an agent decided
// says most, then what its calls came to in time, then how things stood when its
// time was over.
func (d *Desk) blame(tx Tx, c Callback, t Told, all []Attempt) (string, error) {
	entries, err := tx.EntriesOf(c.ID, storyEntries)
	if err != nil {
		return "", err
	}
	said := ""
	for _, e := range entries {
		if said == "" && e.Kind == brokenKind && !e.At.Before(t.At) {
			said = e.Name
		}
	}
	if said == agentPutOff {
		return said, nil
	}
	for _, r := range reasons {
		if slices.ContainsFunc(all, func(a Attempt) bool { return t.covers(a) && a.Leg == r.leg && a.Outcome == r.outcome }) {
			return r.why, nil
		}
	}
	now, err := tx.Dialing()
	switch {
	case err != nil || now.Stopped:
		return dialingStopped, err
	case said != "":
		return said, nil
	}
	return nobodyFree, nil
}
