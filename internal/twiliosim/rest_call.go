package twiliosim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

func (s *Sim) createCall(x *exchange) answer {
	f := x.form
	person := s.personAt(f.Get("To"))
	s.mu.Lock()
	c := s.newCall(f.Get("From"), f.Get("To"), "outbound-api", person)
	c.Form = f
	c.queue()
	c.statusURL, c.events = f.Get("StatusCallback"), wanted(f["StatusCallbackEvent"])
	if f.Get("AsyncAmd") == "true" {
		c.detect, c.detects = f.Get("AsyncAmdStatusCallback"), f.Get("MachineDetection")
	}
	s.mu.Unlock()
	a := answer{http.StatusCreated, c.json()}
	s.work.Go(func() {
		c.place(ringing(f), func() { c.follow(f.Get("Url"), f.Get("FallbackUrl")) })
	})
	return a
}

func wanted(events []string) []string {
	if len(events) == 0 {
		return []string{"completed"}
	}
	return events
}

// ringing is how long a request lets it ring.
func ringing(f url.Values) time.Duration {
	n, err := strconv.Atoi(f.Get("Timeout"))
	if err != nil {
		n = 60
	}
	return time.Duration(n) * time.Second
}

func (s *Sim) listCalls(x *exchange) answer {
	q := x.query
	s.mu.Lock()
	calls := slices.Clone(s.calls)
	s.mu.Unlock()
	slices.Reverse(calls) // newest first
	var all []map[string]any
	for _, c := range calls {
		now := c.copy()
		if fits(q, "To", now.To) && fits(q, "From", now.From) && fits(q, "Status", listed(now.Status)) &&
			since(c.started(), q.Get("StartTime>")) {
			all = append(all, c.json())
		}
	}
	return list(x, "calls", all)
}

func fits(q url.Values, key, value string) bool { return !q.Has(key) || q.Get(key) == value }

// listed is a status as the Call resource has it, which knows no initiated.
func listed(status string) string {
	if status == "initiated" {
		return "queued"
	}
	return status
}

// started is when a call left the queue; zero before.
func (c *call) started() time.Time {
	now := c.copy()
	if now.Status == "queued" {
		return time.Time{}
	}
	return now.Created
}

func (s *Sim) withCall(sid string, do func(*call) answer) answer {
	c := s.find(sid)
	if c == nil {
		return notFound
	}
	return do(c)
}

// update ends a call, or gives it another document.
func (c *call) update(f url.Values) answer {
	s := c.sim
	s.mu.Lock()
	live := c.ctx.Err() == nil
	talking := c.Status == "in-progress"
	if address := f.Get("Url"); address != "" && live && talking {
		c.redirect = address
		if c.turn != nil {
			c.turn()
		}
	}
	s.mu.Unlock()
	if !live || f.Has("Url") && !talking || f.Get("Status") == "canceled" && talking {
		return refuse(http.StatusBadRequest, 21220, "Call is not in a state in which that can be done")
	}
	if f.Has("Status") {
		c.hangUp()
		<-c.over
	}
	return answer{http.StatusOK, c.json()}
}

func (c *call) json() map[string]any {
	s := c.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	m := map[string]any{
		"sid": c.SID, "account_sid": s.Account, "to": c.To, "from": c.From, "status": listed(c.Status), "direction": c.Direction,
		"date_created": stamp(c.Created), "date_updated": stamp(s.config.Now()), "start_time": nil, "end_time": stamp(c.ended),
		"duration": nil, "answered_by": nil, "parent_call_sid": nil, "api_version": "2010-04-01", "queue_time": millis(c.queued), "price_unit": "USD",
		"uri": "/2010-04-01/Accounts/" + s.Account + "/Calls/" + c.SID + ".json",
	}
	if c.Status != "queued" {
		m["start_time"] = stamp(c.Created)
	}
	if c.Parent != "" {
		m["parent_call_sid"] = c.Parent
	}
	if !c.ended.IsZero() && !c.answered.IsZero() {
		m["duration"] = seconds(c.ended.Sub(c.answered))
	}
	if c.by != "" {
		m["answered_by"] = c.by
	}
	return m
}
