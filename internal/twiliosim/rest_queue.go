package twiliosim

import (
	"maps"
	"net/http"
	"slices"
)

func (s *Sim) listQueues(x *exchange) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []map[string]any
	for _, name := range slices.Sorted(maps.Keys(s.queues)) {
		sid := s.queues[name]
		all = append(all, map[string]any{
			"sid": sid, "account_sid": s.Account, "friendly_name": name, "max_size": 1000, "average_wait_time": 0,
			"current_size": len(slices.DeleteFunc(slices.Clone(s.calls), func(c *call) bool { return c.waitsIn != sid })),
			"date_created": stamp(s.config.Now()), "date_updated": stamp(s.config.Now()),
			"uri": "/2010-04-01/Accounts/" + s.Account + "/Queues/" + sid + ".json",
		})
	}
	return list(x, "queues", all)
}

// dequeue gives a call that waits in a queue another document.
func (c *call) dequeue(x *exchange) answer {
	s := c.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := x.path["QueueSid"]
	if c.waitsIn != queue || c.ctx.Err() != nil {
		return notFound
	}
	c.waitsIn = ""
	c.redirect = x.form.Get("Url")
	c.turn()
	return answer{http.StatusOK, map[string]any{
		"call_sid": c.SID, "queue_sid": queue, "date_enqueued": stamp(c.Created), "position": 1, "wait_time": 1,
		"uri": "/2010-04-01/Accounts/" + s.Account + "/Queues/" + queue + "/Members/" + c.SID + ".json",
	}}
}
