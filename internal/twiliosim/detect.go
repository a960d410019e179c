package twiliosim

import (
	"net/url"
	"slices"
	"time"
)

// Machine detection, as https://www.twilio.com/docs/voice/answering-machine-detection
// has it: asynchronous, so that the document is carried out meanwhile.
const (
	recognised  = 2 * time.Second  // by then a voice is known
	detectsMost = 30 * time.Second // MachineDetectionTimeout, when it is not given
)

// answeredBy are the results of each way to ask.
var answeredBy = map[string][]string{
	"Enable":           {"human", "fax", "unknown", "machine_start"},
	"DetectMessageEnd": {"human", "fax", "unknown", "machine_end_beep", "machine_end_silence", "machine_end_other"},
}

// recognise finds out who has answered, and tells it: of a machine whose greeting
// is waited for, when that is over.
func (c *call) recognise(a Answer) {
	by, takes := a.By, recognised
	if by == "" {
		by = "human"
	}
	if !slices.Contains(answeredBy[c.detects], by) {
		c.sim.problem("call %s: %s does not tell %q", c.SID, c.detects, by)
	}
	if c.detects == "DetectMessageEnd" && a.Greets > takes {
		takes = a.Greets
	}
	if takes > detectsMost {
		by, takes = "unknown", detectsMost
	}
	if !c.sim.wait(c.ctx, takes) {
		return
	}
	c.log("is taken for %s", by)
	c.sim.mu.Lock()
	c.by = by
	c.sim.mu.Unlock()
	c.courier.notify(c.detect, url.Values{
		"AccountSid": {c.sim.Account}, "CallSid": {c.SID}, "AnsweredBy": {by},
		"MachineDetectionDuration": {millis(takes)},
	})
}
