package simulate

import (
	"bytes"

	"github.com/holdless/holdless/ivr"
)

// customerMenu is the talk that the service holds with whom it calls.
func customerMenu(planted mistake) (*ivr.Menu, error) {
	src, err := ivr.DefaultSource("customer")
	if err != nil {
		return nil, err
	}
	if planted == anyVoice {
		src = bytes.Replace(src, []byte("do: end, say: [tried_you, bye], note: {answer: machine, outcome: machine}"), []byte("do: say, say: tried_you, then: now"), 1)
	}
	return ivr.Parse("customer.yaml", src)
}

// mostTurns is more than any talk has in which somebody says nothing, or presses
// the one key.
const mostTurns = 20

// putThrough holds the service's own talk with somebody who has taken a call, and
// reports whether it puts him through to an agent. A person presses the key that
// he is told to; a machine presses none.
func (c *centre) putThrough(machine bool) bool {
	state, turn := c.customer.Step(ivr.State{}, ivr.Event{Kind: ivr.Begin}, ivr.Facts{})
	for range mostTurns {
		if turn.Listen == nil {
			break
		}
		heard := ivr.Event{Kind: ivr.Silence}
		if key := nowKey(turn); !machine && key != "" {
			heard = ivr.Event{Kind: ivr.Heard, Text: key}
		}
		state, turn = c.customer.Step(state, heard, ivr.Facts{})
	}
	return turn.Connect != nil && turn.Connect.To == ivr.Waiting
}

// nowKey is the key to speak now, as the prompts of a turn tell it.
func nowKey(turn ivr.Turn) string {
	for _, p := range turn.Say {
		if p.Name == "press_now" {
			return p.Key
		}
	}
	return ""
}
