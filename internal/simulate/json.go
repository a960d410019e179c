package simulate

import (
	"encoding/json"
	"time"

	"github.com/holdless/holdless/callback/dispatch"
)

// A document is a result as programs read it: times in seconds, shares from 0 to
// 1, and null where nobody was whom a share could be of.
type document struct {
	Agents   int             `json:"agents"`
	Load     float64         `json:"load"`
	AHT      float64         `json:"aht_seconds"`
	Patience float64         `json:"patience_seconds"`
	Keep     float64         `json:"keep"`
	Answer   float64         `json:"answer"`
	Machine  float64         `json:"machine"`
	Special  float64         `json:"special"`
	Able     int             `json:"able"`
	Slot     float64         `json:"slot_seconds"`
	Beta     float64         `json:"beta"`
	Policy   dispatch.Policy `json:"policy"`
	Order    Order           `json:"order"`
	Days     int             `json:"days"`
	Seed     uint64          `json:"seed"`

	Places   int     `json:"places"`
	Sentence string  `json:"sentence"`
	Planned  float64 `json:"planned_load"`
	Busy     float64 `json:"busy"`

	Promises   int      `json:"promises"`
	Kept       *float64 `json:"kept"`
	KeptPlaces *float64 `json:"kept_places"`
	LateP99    float64  `json:"late_p99_seconds"`
	NotReached int      `json:"not_reached"`

	Calls     int      `json:"calls"`
	Wait      float64  `json:"wait_seconds"`
	GaveUp    *float64 `json:"gave_up"`
	Bound     *float64 `json:"bound_held"`
	BoundRare *float64 `json:"bound_held_special"`

	Dials    int      `json:"dials"`
	Machines int      `json:"machines"`
	ToAgents int      `json:"machines_to_agents"`
	Locked   float64  `json:"locked_seconds"`
	Held     *float64 `json:"held_over_10s"`
	Wrong    []string `json:"must_never_be,omitempty"`
}

// MarshalJSON implements [json.Marshaler].
func (r Result) MarshalJSON() ([]byte, error) {
	return json.Marshal(document{
		Agents: r.Agents, Load: r.Live, AHT: r.Handle.Seconds(), Patience: r.Patience.Seconds(), Keep: r.Keep,
		Answer: r.Answer, Machine: r.Machine, Special: r.Special, Able: r.Able, Slot: r.Slot.Seconds(), Beta: r.Beta,
		Policy: r.Policy, Order: r.Order, Days: r.Days, Seed: r.Seed,
		Places: r.Sold, Sentence: r.Sentence, Planned: r.Planned, Busy: r.Busy,
		Promises: r.Promises, Kept: some(r.Kept, r.Promises), KeptPlaces: some(r.KeptPlace, r.Called), LateP99: r.LateP99.Seconds(), NotReached: r.Unreached,
		Calls: r.Calls, Wait: r.Waited.Round(time.Millisecond).Seconds(), GaveUp: some(r.Abandoned, r.Calls),
		Bound: some(r.Bound, r.Told), BoundRare: some(r.Rare, r.ToldRare),
		Dials: r.Dials, Machines: r.Machines, ToAgents: r.ToAgents, Locked: r.Locked.Round(time.Millisecond).Seconds(), Held: some(r.Held, r.Connected), Wrong: r.Wrong,
	})
}

// some is a share of so many; nil of none.
func some(share float64, of int) *float64 {
	if of == 0 {
		return nil
	}
	return &share
}
