package callback

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/opening"
	"github.com/holdless/holdless/ivr"
)

// StarCodes stands in Desk.Numbers for what agents dial that begins with a star.
const StarCodes Phone = "*"

// starCode reads a star code: the key of the menu for agents that it stands for.
func starCode(dialled Phone) (key string, ok bool) {
	key, ok = strings.CutPrefix(string(dialled), "*")
	return key, ok && len(key) == 1
}

// agentAt returns whose telephone a call comes from; "" when it is nobody's.
// Only within a trunk of our own is that certain enough: nobody dials a star
// code from outside.
func (d *Desk) agentAt(from Phone) string {
	if from == "" {
		return ""
	}
	for _, name := range sorted(d.Agents) {
		user, _ := subscriber(d.Agents[name].Phone)
		if string(from) == user || string(from) == d.Agents[name].Phone {
			return name
		}
	}
	return ""
}

// deskAsks answers what the menu for agents asks of the desk.
func (d *Desk) deskAsks(tx Tx, t *Talk, b ivr.Book) (ivr.Event, error) {
	done, no := ivr.Event{Kind: ivr.Done}, ivr.Event{Kind: ivr.Refused}
	if t.Menu != deskMenu {
		return ivr.Event{}, fmt.Errorf("nobody can %q in the menu %q", b.Do, t.Menu)
	}
	switch {
	case b.Do == ivr.SignIn:
		return d.signIn(tx, t, b.Text)
	case t.Agent == "":
		return no, nil
	case b.Do == ivr.Take:
		return d.takeNow(tx, t, b.Text)
	case b.Do == ivr.FindPrompt, b.Do == ivr.JudgeTake, b.Do == ivr.KeepTake:
		return d.records(tx, t, b)
	}
	err := d.setDuty(tx, Duty{Agent: t.Agent, To: AgentState(b.Text)})
	if errors.Is(err, ErrMoved) {
		return no, nil
	}
	return done, err
}

// signIn looks whose PIN was keyed in. Who keys in a second wrong one has to
// wait.
func (d *Desk) signIn(tx Tx, t *Talk, pin string) (ivr.Event, error) {
	no := ivr.Event{Kind: ivr.Refused}
	if may, err := d.mayTryPIN(tx, t.asker()); err != nil || !may {
		return no, err
	}
	if t.Agent = d.whosePIN(pin); t.Agent != "" {
		return ivr.Event{Kind: ivr.Done}, errors.Join(d.keyedPIN(tx, t.asker()), d.journal(tx, t, "agent.signed_in", t.Agent, ""))
	}
	return no, errors.Join(d.missedPIN(tx, t.asker()), d.journal(tx, t, "agent.wrong_pin", "", ""))
}

// whosePIN takes as long for every PIN, whoever has it.
func (d *Desk) whosePIN(pin string) string {
	who, tried := "", sha256.Sum256([]byte(pin))
	for _, name := range sorted(d.Agents) {
		own := sha256.Sum256([]byte(d.Agents[name].PIN))
		if subtle.ConstantTimeCompare(own[:], tried[:]) == 1 && pin != "" {
			who = name
		}
	}
	return who
}

// deskFacts tells an agent what he has to do today.
func (d *Desk) deskFacts(tx Tx, t *Talk, q *Queue) (ivr.Facts, error) {
	now := d.Now().In(q.Zone)
	f := ivr.Facts{Now: now, Open: q.Open(now), SignedIn: t.Agent != ""}
	if t.Agent == "" {
		return f, nil
	}
	if langs := d.Agents[t.Agent].Languages; len(langs) > 0 {
		f.Caller.Lang = langs[0]
	}
	f.MayRecord, f.Prompted = d.mayRecord(t), d.script(t)
	var err error
	f.Agenda, err = d.agenda(tx, t, now)
	return f, err
}

// agendaMost is how many callbacks an agent can hear of.
const agendaMost = 20

// agenda lists what an agent has to call today: what is his, and what is
// nobody's in the queues in which he works.
func (d *Desk) agenda(tx Tx, t *Talk, now time.Time) ([]ivr.Due, error) {
	midnight := opening.DayOf(now).Plus(1).Begins(now.Location())
	var found []Callback
	for _, name := range sorted(d.Queues) {
		if !slices.Contains(d.Queues[name].Agents, t.Agent) {
			continue
		}
		all, err := tx.FindCallbacks(Filter{Queue: name, States: []State{BookedState, RetryWait}, To: midnight, Max: 10 * agendaMost})
		if err != nil {
			return nil, err
		}
		found = append(found, all...)
	}
	found = slices.DeleteFunc(found, func(c Callback) bool { return c.Owner != "" && c.Owner != t.Agent })
	slices.SortStableFunc(found, func(a, b Callback) int { return a.At.Compare(b.At) })
	var due []ivr.Due
	for _, c := range found[:min(len(found), agendaMost)] {
		due = append(due, ivr.Due{ID: c.ID, Brief: ivr.Brief{
			Name: c.Name, Phone: string(c.Phone), Topic: d.topic(c.Topic, t.State.Lang), Attempt: c.Attempts + 1, At: c.At,
		}})
	}
	return due, nil
}

// takeNow has an agent who is on the line with us make a callback at once: the
// talk with him goes on as the one in which he hears what it is about.
func (d *Desk) takeNow(tx Tx, t *Talk, id string) (ivr.Event, error) {
	no := ivr.Event{Kind: ivr.Refused}
	c, err := tx.Callback(id)
	if errors.Is(err, ErrNotFound) {
		return no, nil
	}
	if err != nil {
		return no, err
	}
	q, err := d.queueOf(c.Queue)
	if err != nil {
		return no, err
	}
	if may, err := d.mayTake(tx, t, q, c); err != nil || !may {
		return no, err
	}
	now := d.Now()
	a := Attempt{Leg: AgentLeg, Agent: t.Agent, Ref: d.NewID(), SentAt: now, AnsweredAt: now}
	c.Boot, c.Agent = d.Boot, t.Agent
	if err := d.move(tx, &c, Claim, t.speaker()); err != nil {
		return no, err
	}
	if err := d.attempt(tx, c, &a); err != nil {
		return no, err
	}
	for _, why := range []Cause{AgentIntent, AgentAnswered} {
		if err := d.move(tx, &c, why, t.speaker()); err != nil {
			return no, err
		}
	}
	t.Menu, t.Version, t.Queue, t.Callback, t.Attempt = agentMenu, "", c.Queue, c.ID, a.Ref
	t.State = ivr.State{Turn: t.State.Turn, Lang: t.State.Lang}
	return ivr.Event{Kind: ivr.Begin}, d.seize(tx, t)
}

// mayTake reports whether an agent may make a callback now. What would keep the
// scheduler from having it made keeps him too: the customer is on the line with
// us, or another one needs this agent who is being rung.
func (d *Desk) mayTake(tx Tx, t *Talk, q *Queue, c Callback) (bool, error) {
	if !slices.Contains(q.Agents, t.Agent) || c.Owner != "" && c.Owner != t.Agent || c.State != BookedState && c.State != RetryWait {
		return false, nil
	}
	if spared, err := d.spared(tx, t.Agent); err != nil || !spared {
		return false, err
	}
	line, err := tx.Waiters("")
	if err != nil {
		return false, err
	}
	if _, hindered, err := d.hindered(tx, q, line, c); err != nil || hindered {
		return false, err
	}
	if wait, err := d.paused(tx, q); err != nil || wait {
		return false, err
	}
	e, err := refused(d.mayDial(tx, c.Phone))
	return e.Kind != ivr.Refused, err
}

// spared reports whether an agent is in no other call, and needed by no customer
// who is being rung.
func (d *Desk) spared(tx Tx, agent string) (bool, error) {
	team, err := tx.Statuses()
	if err != nil {
		return false, err
	}
	s := d.find(team, agent)
	if s.State == OnRing || s.State == OnCall || d.live.busies(agent) {
		return false, nil
	}
	n, err := d.needs(tx, team, "")
	return !d.freeNow(s) || n.Spares(agent), err
}

// seize makes an agent busy with the talk in which he has called us, whatever he
// said that he does.
func (d *Desk) seize(tx Tx, t *Talk) error {
	s, err := d.statusOf(tx, t.Agent)
	if err != nil {
		return err
	}
	if s.State == OnBreak || s.State == Offline {
		s.Next = s.State
	}
	s.State, s.Ref, s.Boot, s.Since = OnCall, t.ID, d.Boot, d.Now()
	return tx.PutStatus(s)
}
