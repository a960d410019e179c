package desk

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/holdless/holdless/callback"
)

// A Switchboard puts people through in mid-call, as agents say here.
type Switchboard interface {
	PutThrough(ctx context.Context, s callback.SendOn) error
	Join(ctx context.Context, agent string) error
	TakeBack(ctx context.Context, agent string) error
}

// places are the agents and queues to whom somebody can put people through.
func (s *Server) places(who Person) []string {
	if s.Switchboard == nil || who.Agent == "" {
		return nil
	}
	all := slices.AppendSeq(slices.Collect(maps.Keys(s.Desk.Agents)), maps.Keys(s.Desk.Queues))
	all = slices.DeleteFunc(all, func(name string) bool { return name == who.Agent })
	slices.Sort(all)
	return slices.Compact(all)
}

// transfer puts the person through whom somebody speaks with.
func (s *Server) transfer(w http.ResponseWriter, r *http.Request) {
	who, do := person(r), r.PostFormValue("do")
	if s.Switchboard == nil || who.Agent == "" {
		http.Error(w, "You put nobody through here.", http.StatusForbidden)
		return
	}
	var err error
	switch do {
	case "put_through", "consult":
		err = s.Switchboard.PutThrough(r.Context(), callback.SendOn{
			Agent: who.Agent, To: strings.TrimSpace(tame(r.PostFormValue("to"))), Consult: do == "consult",
		})
	case "join":
		err = s.Switchboard.Join(r.Context(), who.Agent)
	case "take_back":
		err = s.Switchboard.TakeBack(r.Context(), who.Agent)
	default:
		http.Error(w, "Nobody can do that with a call.", http.StatusNotFound)
		return
	}
	s.answer(w, r, callback.Callback{}, do, err)
}
