package simulation

import (
	"fmt"
	"time"

	"github.com/holdless/holdless/ivr"
)

// A person hears prompts and presses keys.
type person interface {
	hear(say []ivr.Prompt)
	// press answers what was said last: "" for nothing, or by hanging up.
	press(say []ivr.Prompt) (keys string, hangup bool)
}

// A place is where people live, and whom they call.
type place struct {
	prefix string // of the telephone numbers; four digits follow
	zone   string
	number string // that they dial
	queue  string
}

var places = []place{
	{"+35841234", "Europe/Helsinki", "+358912345", "billing"},
	{"+35841235", "Europe/Helsinki", "+358912345", "billing"},
	{"+44740012", "Europe/London", "+442079460123", "london"},
	{"+42060112", "Europe/Prague", "+358912345", "billing"},
	{"+40712034", "Europe/Bucharest", "+442079460123", "london"},
	{"+30691234", "Europe/Athens", "+442079460123", "london"},
	{"+1201555", "America/New_York", "+12015550100", "jersey"},
}

// customers is how many people there are at each place.
const customers = 60

func phone(p place, n int) string { return fmt.Sprintf("%s%04d", p.prefix, n+200) }

// zoneOf returns the clock at which somebody lives.
func zoneOf(phone string) *time.Location {
	for _, p := range places {
		if len(phone) > len(p.prefix) && phone[:len(p.prefix)] == p.prefix {
			z, err := time.LoadLocation(p.zone)
			if err != nil {
				panic(err)
			}
			return z
		}
	}
	return time.UTC
}

// key returns the key of a prompt that was said.
func key(say []ivr.Prompt, name string) string {
	for _, p := range say {
		if p.Name == name {
			return p.Key
		}
	}
	return ""
}

// slip is what people do instead of what they want.
func (w *world) slip(who string) (keys string, hangup, slipped bool) {
	switch x := w.moment("slip", who); {
	case x < 0.03:
		return "", true, true
	case x < 0.06:
		return "", false, true
	case x < 0.09:
		w.saw("wrong key")
		return "8", false, true
	}
	return "", false, false
}

// A caller is a person who calls us.
type caller struct {
	w     *world
	phone string
	hides bool // withholds the number
	wants bool // to speak with a person now
}

func (c *caller) String() string { return c.phone }

func (c *caller) hear(say []ivr.Prompt) {
	for _, p := range say {
		switch p.Name {
		case "booked", "moved", "placed":
			c.w.told(c.phone, p.At)
			c.w.saw("told " + p.Name)
		case "in_line", "next_in_line":

			c.w.saw("stood in line")
		case "cancelled":
			c.w.calledOff(c.phone)
		case "taken":
			c.w.saw("time was taken")
		}
	}
}

func (c *caller) press(say []ivr.Prompt) (string, bool) {
	if keys, hangup, slipped := c.w.slip(c.phone); slipped {
		return keys, hangup
	}
	x := c.w.moment("want", c.phone)
	if k := key(say, "press_place"); k != "" {
		return c.inLine(x, say)
	}
	if c.wants && (said(say, "offer") || key(say, "press_wait") != "" || x < 0.3) {
		c.wants = false
		return "0", false
	}
	if k := key(say, "press_keep"); k != "" {
		if c.w.moment("instead", c.phone) < 0.25 {
			return "0", false
		}
		return first(x, choice{0.4, k}, choice{0.3, key(say, "press_move")}, choice{0.3, key(say, "press_cancel")}), false
	}
	if k := key(say, "press_wait"); k != "" && x < 0.1 {
		return k, false
	}
	var offers []string
	for _, p := range say {
		if p.Name == "offer" || p.Name == "offer_day" || p.Name == "option" || p.Name == "nearest" {
			offers = append(offers, p.Key)
		}
	}
	if k := key(say, "press_days"); k != "" && x < 0.3 {
		return k, false
	}
	if k := key(say, "press_later"); k != "" && x < 0.3 {
		return k, false
	}
	if len(offers) > 0 {
		return offers[c.w.pick(len(offers), "offer", c.phone)], false
	}
	if k := key(say, "press_right"); k != "" {
		return k, false
	}
	if said(say, "key_number") {
		return "00" + c.phone[1:], false
	}
	return "", false
}

// inLine is what people do to music.
func (c *caller) inLine(x float64, say []ivr.Prompt) (string, bool) {
	switch {
	case x < 0.25:
		return key(say, "press_place"), false
	case x < 0.35:
		return key(say, "press_times"), false
	case x < 0.5:
		c.w.saw("gave up in line")
		return "", true
	}
	return "", false
}

func said(say []ivr.Prompt, name string) bool {
	for _, p := range say {
		if p.Name == name {
			return true
		}
	}
	return false
}

// A choice is a key, and how often it is pressed.
type choice struct {
	of  float64
	key string
}

func first(x float64, all ...choice) string {
	for _, c := range all {
		if x -= c.of; x < 0 {
			return c.key
		}
	}
	return ""
}

// An agent answers the telephone at work.
type agent struct {
	w    *world
	addr string
}

func (a *agent) String() string { return a.addr }

func (a *agent) hear([]ivr.Prompt) {}

func (a *agent) press(say []ivr.Prompt) (string, bool) {
	x := a.w.moment("agent", a.addr)
	if k := key(say, "press_take"); k != "" {
		switch {
		case x < 0.04:
			a.w.saw("agent declined")
			return key(say, "press_pass"), false
		case x < 0.06:
			return "", true
		case x < 0.09:
			return "", false
		}
		return k, false
	}
	return first(x, choice{0.8, key(say, "press_yes")}, choice{0.1, key(say, "press_no")}), x > 0.95
}

// A customer is called back.
type customer struct {
	w       *world
	phone   string
	machine bool
}

func (c *customer) String() string { return c.phone }

func (c *customer) hear(say []ivr.Prompt) {
	for _, p := range say {
		if c.machine {
			return
		}
		switch p.Name {
		case "booked", "moved":
			c.w.told(c.phone, p.At)
			c.w.saw("asked for another time")
		case "no_more_calls":
			c.w.saw("pressed 9")
			c.w.calledOff(c.phone)
		case "call_soon":
			c.w.mu.Lock()
			c.w.later[c.phone]++
			c.w.mu.Unlock()
		}
	}
}

func (c *customer) press(say []ivr.Prompt) (string, bool) {
	if c.machine {
		return "", false
	}
	x := c.w.moment("customer", c.phone)
	if k := key(say, "press_now"); k != "" {
		return first(x,
			choice{0.72, k}, choice{0.08, key(say, "press_soon")},
			choice{0.06, key(say, "press_another")}, choice{0.04, key(say, "press_stop")}), x > 0.97
	}
	if k := key(say, "offer"); k != "" {
		return k, false
	}
	return "", false
}

// told writes down a time that somebody was promised, in words he heard.
func (w *world) told(phone string, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = append(w.heard, promise{phone, at, time.Now()})
	delete(w.quit, phone)
}

// calledOff writes down that somebody was told that he will not be called.
func (w *world) calledOff(phone string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen["called off"]++
	w.quit[phone] = time.Now()
}
