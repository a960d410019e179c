package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

const (
	beatEvery = 15 * time.Second // how often a browser hears what time it is
	warnEvery = time.Second      // how often it is looked whether there is something to know
	writeTime = 10 * time.Second // how long a browser may take to read
	longest   = 10 * time.Minute // then it comes again, and is let in again or not
)

// wire writes an event as it goes to browsers.
func wire(seq int64, name, data string) []byte {
	return fmt.Appendf(nil, "id: %d\nevent: %s\ndata: %s\n\n", seq, name, data)
}

// plain writes an event that is in no journal.
func plain(name, data string) []byte {
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", name, data)
}

// beat tells the time of the service, by which the pages count.
func (s *Server) beat() []byte { return plain("time", fmt.Sprint(s.Desk.Now().UnixMilli())) }

// warning tells what everybody has to know now.
func (s *Server) warning(ctx context.Context) []byte {
	all := s.Alarms(ctx)
	if all == nil {
		all = []string{}
	}
	text, err := json.Marshal(all)
	if err != nil {
		s.Log.Warn("alarms not told", "err", err)
		return nil
	}
	return plain("alarms", string(text))
}

// changed tells how a callback stands now: its row, or that it is not on the
// list any more.
func (s *Server) changed(ctx context.Context, e callback.Entry) ([]event, error) {
	c, _, err := s.Desk.Show(ctx, e.Callback)
	if errors.Is(err, callback.ErrNotFound) {
		return []event{{wire(e.Seq, "gone", e.Callback), everybody}}, nil
	}
	if err != nil {
		return nil, err
	}
	may := func(p Person) bool { return s.sees(p, c) }
	if !s.shown(c, s.Desk.Now()) {
		return []event{{wire(e.Seq, "gone", c.ID), may}}, nil
	}
	last, err := s.Desk.LastRatings(ctx, []callback.Phone{c.Phone})
	if err != nil {
		return nil, err
	}
	html, err := markup(s.row(c, last[c.Phone], Person{All: true}, s.Desk.Now()))
	return []event{{wire(e.Seq, "row", string(html)), may}}, err
}

// withPromises adds, to what was written down about a person and no callback,
// the same about each of his callbacks on the list: their stories tell it too.
func (s *Server) withPromises(ctx context.Context, entries []callback.Entry) ([]callback.Entry, error) {
	all := make([]callback.Entry, 0, len(entries))
	for _, e := range entries {
		all = append(all, e)
		if e.Kind != "text.stopped" && e.Kind != "text.resumed" {
			continue
		}
		list, err := s.near(ctx, s.Desk.Now())
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			if c.Phone == e.Phone {
				e.Callback = c.ID
				all = append(all, e)
			}
		}
	}
	return all, nil
}

// stateOf tells whose own state an entry is about, "" for nobody's, and what it
// is, or will be when his call is over.
func stateOf(e callback.Entry) (agent, state string) {
	state, _ = strings.CutPrefix(e.Kind, "agent.")
	if state == "next" {
		state = e.Value
	}
	switch callback.AgentState(state) {
	case callback.Available, callback.OnBreak, callback.Offline:
		return e.Name, state
	case callback.OnRing, callback.OnCall, callback.WrappingUp:
	}
	return "", ""
}

// briefs open the story at the agent's desk whose telephone is about to ring,
// for the promise or because the customer is put through to him, or who has a
// call to write up.
func (s *Server) briefs(ctx context.Context, entries []callback.Entry) []event {
	why := map[string]string{
		"callback." + string(callback.AgentRinging): "rings", "callback." + string(callback.CustomerDialing): "rings",
		"callback." + string(callback.Wrapup): "wrapup",
	}
	var all []event
	for _, e := range entries {
		if e.Kind == "transfer" && e.Callback != "" {
			all = append(all, event{wire(e.Seq, "brief", e.Callback+" rings"), s.putThroughTo(ctx, e)})
		}
		if why[e.Kind] == "" {
			continue
		}
		c, _, err := s.Desk.Show(ctx, e.Callback)
		if err == nil && c.Agent != "" && (c.State.InFlight() || c.State == callback.Wrapup) {
			all = append(all, event{wire(e.Seq, "brief", c.ID+" "+why[e.Kind]), only(c.Agent)})
		}
	}
	return all
}

// putThroughTo chooses the browsers of the colleague whose telephone rings in a
// transfer, if he may see what it is about.
func (s *Server) putThroughTo(ctx context.Context, e callback.Entry) func(Person) bool {
	to := s.agentAt(e.Value)
	c, _, err := s.Desk.Show(ctx, e.Callback)
	return func(p Person) bool { return err == nil && to != "" && p.Agent == to && s.sees(p, c) }
}

// agentAt is the agent whose telephone has that address; "" for nobody's.
func (s *Server) agentAt(address string) string {
	for name, a := range s.Desk.Agents {
		if a.Phone == address {
			return name
		}
	}
	return ""
}
