package twiliosim

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// room is a conference. The lock of the Sim guards what is in it.
type room struct {
	sim     *Sim
	sid     string
	name    string
	status  string // init, in-progress, completed
	created time.Time
	members []*member
	told    string   // status callback
	events  []string // that it wants
	seq     int
	courier courier
	began   chan struct{} // closed when people can hear each other
	reason  string
}

// member is a call in a room.
type member struct {
	call  *call
	label string
	start bool // their coming starts the conference
	end   bool // their going ends it
	hold  bool
	muted bool
	out   chan struct{} // closed when the room lets them go
	freed bool
}

// free lets a member go. It must be called with the lock held.
func (m *member) free() {
	if !m.freed {
		m.freed = true
		close(m.out)
	}
}

// meet joins a conference and returns when it is over for this call.
func (c *call) meet(ctx context.Context, p page, v verb) url.Values {
	m := &member{
		call: c, label: v.attr("participantLabel", ""), out: make(chan struct{}),
		start: v.yes("startConferenceOnEnter", true), end: v.yes("endConferenceOnExit", false), muted: v.yes("muted", false),
	}
	s := c.sim
	s.mu.Lock()
	r := s.roomNamed(strings.TrimSpace(v.Text))
	if address := v.attr("statusCallback", ""); address != "" && r.told == "" {
		r.told, r.events = p.resolve(address), strings.Fields(v.attr("statusCallbackEvent", ""))
	}
	s.mu.Unlock()
	c.attend(ctx, r, m, func() {
		if wait := v.attr("waitUrl", ""); wait != "" {
			c.music(ctx, p.resolve(wait))
		}
	})
	return url.Values{"DialCallStatus": {"completed"}, "ConferenceSid": {r.sid}}
}

// music asks what is played while one waits: no keys are heard there.
func (c *call) music(ctx context.Context, address string) {
	form := c.form()
	p, err := c.sim.ask(ctx, "voice", address, "", form)
	if err != nil {
		return
	}
	for _, v := range p.verbs {
		switch v.name() {
		case "Say", "Play", "Pause":
		case "Redirect":
			return
		default:
			c.sim.problem("call %s: <%s> cannot be in the document of a conference's waitUrl", c.SID, v.name())
		}
	}
}

// roomNamed finds a live room by name or SID, or opens one. It must be called
// with the lock held.
func (s *Sim) roomNamed(name string) *room {
	if r := s.liveRoom(name); r != nil {
		return r
	}
	r := &room{
		sim: s, sid: s.newSID("CF"), name: name, status: "init", created: s.config.Now(),
		courier: courier{sim: s}, began: make(chan struct{}),
	}
	s.rooms = append(s.rooms, r)
	return r
}

func (s *Sim) liveRoom(name string) *room {
	i := slices.IndexFunc(s.rooms, func(r *room) bool { return r.status != "completed" && (r.name == name || r.sid == name) })
	if i < 0 {
		return nil
	}
	return s.rooms[i]
}

// attend is in a room until the person hangs up, the room lets them go, or ctx
// ends.
func (c *call) attend(ctx context.Context, r *room, m *member, alone func()) {
	r.enter(m)
	defer r.leave(m)
	select {
	case <-r.began:
	default:
		alone()
	}
	select {
	case <-r.began:
	case <-m.out:
		return
	case <-ctx.Done():
		return
	}
	talk, stop := context.WithCancel(ctx)
	defer stop()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		c.talk(talk, r.name)
	}()
	defer func() { <-gone }()
	defer stop()
	select {
	case <-m.out:
	case <-ctx.Done():
	}
}

func (r *room) enter(m *member) {
	s := r.sim
	m.call.log("joins %s", r.name)
	s.mu.Lock()
	m.call.member, m.call.Conference = m, r.name
	r.members = append(r.members, m)
	r.tell("participant-join", m)
	starts := slices.ContainsFunc(r.members, func(m *member) bool { return m.start })
	if r.status == "init" && len(r.members) > 1 && starts {
		r.status = "in-progress"
		close(r.began)
		r.tell("conference-start", nil)
	}
	s.mu.Unlock()
}

func (r *room) leave(m *member) {
	m.call.log("leaves %s", r.name)
	s := r.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	m.call.member = nil
	i := slices.Index(r.members, m)
	if i < 0 || r.status == "completed" {
		return
	}
	r.members = slices.Delete(r.members, i, i+1)
	r.tell("participant-leave", m)
	if m.end && r.status == "in-progress" {
		r.close("participant-with-end-conference-on-exit-left")
	} else if len(r.members) == 0 {
		r.close("last-participant-left")
	}
}

// close ends a conference. It must be called with the lock held.
func (r *room) close(reason string) {
	if r.status == "completed" {
		return
	}
	r.status, r.reason = "completed", reason
	for _, m := range r.members {
		r.tell("participant-leave", m)
		m.free()
	}
	r.members = nil
	r.tell("conference-end", nil)
}

// tell has the status callback hear of an event. It must be called with the
// lock held; callbacks leave in the order of events.
func (r *room) tell(event string, m *member) {
	want := strings.TrimPrefix(strings.TrimPrefix(event, "participant-"), "conference-")
	if r.told == "" || !slices.Contains(r.events, want) {
		return
	}
	s := r.sim
	r.seq++
	f := url.Values{
		"ConferenceSid": {r.sid}, "FriendlyName": {r.name}, "AccountSid": {s.Account}, "StatusCallbackEvent": {event},
		"SequenceNumber": {strconv.Itoa(r.seq)}, "Timestamp": {s.config.Now().UTC().Format(time.RFC1123Z)},
	}
	if m != nil {
		f.Set("CallSid", m.call.SID)
		f.Set("Muted", fmt.Sprint(m.muted))
		f.Set("Hold", fmt.Sprint(m.hold))
		f.Set("StartConferenceOnEnter", fmt.Sprint(m.start))
		f.Set("EndConferenceOnExit", fmt.Sprint(m.end))
		f.Set("Coaching", "false")
		if m.label != "" {
			f.Set("ParticipantLabel", m.label)
		}
	} else if event == "conference-end" {
		f.Set("ReasonConferenceEnded", r.reason)
	}
	r.courier.send(r.told, f)
}

// Rooms lists the names of the live conferences, and who is in them by label,
// or number when they have none.
func (s *Sim) Rooms() map[string][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string][]string{}
	for _, r := range s.rooms {
		if r.status == "completed" {
			continue
		}
		all[r.name] = []string{}
		for _, m := range r.members {
			who := m.label
			if who == "" {
				who = m.call.To
			}
			all[r.name] = append(all[r.name], who)
		}
	}
	return all
}
