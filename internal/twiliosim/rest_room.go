package twiliosim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// confer carries out what has to do with conferences.
func (s *Sim) confer(x *exchange) answer {
	switch x.op.OperationID {
	case "ListConference":
		return s.listRooms(x)
	case "CreateParticipant":
		return s.createParticipant(x)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	name := x.path["ConferenceSid"] + x.path["Sid"]
	i := slices.IndexFunc(s.rooms, func(r *room) bool { return r.sid == name })
	r := s.liveRoom(name)
	if r == nil && i >= 0 {
		r = s.rooms[i]
	}
	if r == nil {
		return notFound
	}
	switch x.op.OperationID {
	case "FetchConference":
		return answer{http.StatusOK, r.json()}
	case "UpdateConference":
		if x.form.Get("Status") == "completed" {
			r.close("conference-ended-via-api")
		}
		return answer{http.StatusOK, r.json()}
	case "ListParticipant":
		return r.listMembers(x)
	}
	return r.participant(x)
}

func (s *Sim) listRooms(x *exchange) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []map[string]any
	for _, r := range slices.Backward(s.rooms) {
		if fits(x.query, "FriendlyName", r.name) && fits(x.query, "Status", r.status) {
			all = append(all, r.json())
		}
	}
	return list(x, "conferences", all)
}

// json must be called with the lock held.
func (r *room) json() map[string]any {
	m := map[string]any{
		"sid": r.sid, "account_sid": r.sim.Account, "friendly_name": r.name, "status": r.status, "region": "ie1",
		"date_created": stamp(r.created), "api_version": "2010-04-01",
		"uri": "/2010-04-01/Accounts/" + r.sim.Account + "/Conferences/" + r.sid + ".json",
	}
	if r.reason != "" {
		m["reason_conference_ended"] = r.reason
	}
	return m
}

// listMembers lists who is in a room; nobody when it is over.
func (r *room) listMembers(x *exchange) answer {
	var all []map[string]any
	for _, m := range r.members {
		all = append(all, r.member(m))
	}
	return list(x, "participants", all)
}

func (r *room) member(m *member) map[string]any {
	p := map[string]any{
		"account_sid": r.sim.Account, "call_sid": m.call.SID, "conference_sid": r.sid, "label": nil,
		"status": "connected", "hold": m.hold, "muted": m.muted, "coaching": false,
		"start_conference_on_enter": m.start, "end_conference_on_exit": m.end,
		"uri": "/2010-04-01/Accounts/" + r.sim.Account + "/Conferences/" + r.sid + "/Participants/" + m.call.SID + ".json",
	}
	if m.label != "" {
		p["label"] = m.label
	}
	return p
}

// participant looks at, changes or removes one who is in a room.
func (r *room) participant(x *exchange) answer {
	i := slices.IndexFunc(r.members, func(m *member) bool {
		return m.call.SID == x.path["CallSid"] || m.label != "" && m.label == x.path["CallSid"]
	})
	if i < 0 {
		return notFound
	}
	m := r.members[i]
	switch x.op.OperationID {
	case "DeleteParticipant":
		m.free()
		return answer{http.StatusNoContent, nil}
	case "UpdateParticipant":
		r.change(m, x.form)
	}
	return answer{http.StatusOK, r.member(m)}
}

func (r *room) change(m *member, f url.Values) {
	if f.Has("Muted") {
		m.muted = f.Get("Muted") == "true"
	}
	if f.Has("EndConferenceOnExit") {
		m.end = f.Get("EndConferenceOnExit") == "true"
	}
	if !f.Has("Hold") {
		return
	}
	m.hold = f.Get("Hold") == "true"
	if address := f.Get("HoldUrl"); m.hold && address != "" {
		r.sim.work.Go(func() { m.call.music(m.call.ctx, address) })
	}
}

// createParticipant rings somebody and takes them straight into a room.
func (s *Sim) createParticipant(x *exchange) answer {
	f := x.form
	person := s.personAt(f.Get("To"))
	s.mu.Lock()
	name := x.path["ConferenceSid"]
	if strings.HasPrefix(name, "CF") && len(name) == 34 && s.liveRoom(name) == nil {
		s.mu.Unlock()
		return notFound
	}
	r := s.roomNamed(name)
	if address := f.Get("ConferenceStatusCallback"); address != "" && r.told == "" {
		r.told, r.events = address, f["ConferenceStatusCallbackEvent"]
	}
	c := s.newCall(f.Get("From"), f.Get("To"), "outbound-api", person)
	c.Form, c.Conference = f, r.name
	c.queue()
	c.statusURL, c.events = f.Get("StatusCallback"), wanted(f["StatusCallbackEvent"])
	m := &member{
		call: c, label: f.Get("Label"), out: make(chan struct{}),
		start: f.Get("StartConferenceOnEnter") != "false", end: f.Get("EndConferenceOnExit") == "true", muted: f.Get("Muted") == "true",
	}
	made := r.member(m)
	made["status"], made["queue_time"] = "queued", millis(c.queued)
	s.mu.Unlock()
	s.work.Go(func() { c.place(ringing(f), func() { c.sit(r, m, f.Get("WaitUrl")) }) })
	return answer{http.StatusCreated, made}
}

// sit is in a room without a document, until a redirect gives one.
func (c *call) sit(r *room, m *member, wait string) {
	ctx, done := c.newTurn()
	c.attend(ctx, r, m, func() {
		if wait != "" {
			c.music(ctx, wait)
		}
	})
	done()
	if next := c.redirected(); next != "" && c.ctx.Err() == nil {
		c.follow(next, "")
	}
}
