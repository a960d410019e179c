package callback

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// State says how far a promise has come.
type State string

// The states of a callback.
const (
	HeldState       State = "held"             // kept while the caller confirms
	BookedState     State = "booked"           // promised
	Claimed         State = "claimed"          // a process has taken it in hand
	AgentRinging    State = "agent_ringing"    // an agent's phone rings
	AgentReady      State = "agent_ready"      // the agent has answered and hears the brief
	CustomerDialing State = "customer_dialing" // the customer's phone may ring
	Connected       State = "connected"        // the two speak
	Wrapup          State = "wrapup"           // the agent writes it down
	RetryWait       State = "retry_wait"       // the customer is tried again at DueAt
	Interrupted     State = "interrupted"      // a crash left it unknown: a person decides
	Done            State = "done"
	Expired         State = "expired"
	CancelledState  State = "cancelled"
	Failed          State = "failed"
)

// States returns every state, in the order of a callback's life.
func States() []State {
	return []State{
		HeldState, BookedState, Claimed, AgentRinging, AgentReady, CustomerDialing, Connected,
		Wrapup, RetryWait, Interrupted, Done, Expired, CancelledState, Failed,
	}
}

// Over reports whether the state is an end.
func (s State) Over() bool {
	return s == Done || s == Expired || s == CancelledState || s == Failed
}

// again reports whether the state is an end without a call, after which the
// customer may ask for another.
func (s State) again() bool { return s == CancelledState || s == Failed || s == Expired }

// InFlight reports whether a process has the callback in hand.
func (s State) InFlight() bool {
	return slices.Contains(inFlight, s)
}

var (
	inFlight = []State{Claimed, AgentRinging, AgentReady, CustomerDialing, Connected}
	// promised are the states in which a customer can be told that we will call.
	promised = append([]State{BookedState, RetryWait}, inFlight...)
	// served are those of whom we know: a time that was only held says nothing.
	served = append([]State{Wrapup, Interrupted, Done, CancelledState, Failed}, promised...)
)

// Cause is what moves a callback from one state to another.
type Cause string

// What happens to a promise before its time has come.
const (
	Confirm        Cause = "confirm"          // the caller said yes
	HoldLapsed     Cause = "hold_lapsed"      // the caller said nothing in time
	HoldUsed       Cause = "hold_used"        // its time went to the caller's open callback
	Reschedule     Cause = "reschedule"       // another time was promised instead
	CallerCancel   Cause = "caller_cancel"    // the customer wants no call
	CallerCalledIn Cause = "caller_called_in" // the customer was served in another way
	OperatorClose  Cause = "operator_close"   // a person ended it
	WindowPassed   Cause = "window_passed"    // nobody was free in time: the customer is told a new time
	OutOfHours     Cause = "out_of_hours"     // it waits until the customer may be called
	GivenUp        Cause = "given_up"         // it is a day late
	ZoneChanged    Cause = "zone_changed"     // the same wall time is another instant by now
)

// What happens while an agent is being reached.
const (
	Claim         Cause = "claim"
	NoAgent       Cause = "no_agent"
	AgentIntent   Cause = "agent_intent" // committed before the agent's phone rings
	AgentAnswered Cause = "agent_answered"
	AgentNoAnswer Cause = "agent_no_answer"
	AgentHungUp   Cause = "agent_hung_up" // or passed it on
)

// What happens while the customer is being reached, and after.
const (
	CustomerIntent    Cause = "customer_intent" // committed before the customer's phone rings
	CustomerAnswered  Cause = "customer_answered"
	CustomerBusy      Cause = "customer_busy"
	CustomerNoAnswer  Cause = "customer_no_answer"
	CustomerMachine   Cause = "customer_machine"
	CustomerRejected  Cause = "customer_rejected"
	CustomerLater     Cause = "customer_later" // asked for it on the phone
	BadNumberDialled  Cause = "bad_number"
	CarrierFailed     Cause = "carrier_failed" // and the customer's phone did not ring
	NothingSent       Cause = "nothing_sent"   // nothing has left this machine
	CallEnded         Cause = "call_ended"     // the two have spoken
	WrapupDone        Cause = "wrapup_done"
	WrapupTimeout     Cause = "wrapup_timeout"
	AttemptsExhausted Cause = "attempts_exhausted"
)

// What happens after a crash.
const (
	NodeDead           Cause = "node_dead"
	ProviderNeverSawIt Cause = "provider_never_saw_it" // the carrier proves that nothing was dialled
	OperatorRequeue    Cause = "operator_requeue"      // a person has it tried again
)

// Causes returns every cause, in the order in which they are declared.
func Causes() []Cause {
	return []Cause{
		Confirm, HoldLapsed, HoldUsed, Reschedule, CallerCancel, CallerCalledIn, OperatorClose,
		WindowPassed, OutOfHours, GivenUp, ZoneChanged,
		Claim, NoAgent, AgentIntent, AgentAnswered, AgentNoAnswer, AgentHungUp,
		CustomerIntent, CustomerAnswered, CustomerBusy, CustomerNoAnswer, CustomerMachine,
		CustomerRejected, CustomerLater, BadNumberDialled, CarrierFailed, NothingSent,
		CallEnded, WrapupDone, WrapupTimeout, AttemptsExhausted,
		NodeDead, ProviderNeverSawIt, OperatorRequeue,
	}
}

// A table says for each state which causes move it, and where to. A pair that
// is not in it must not happen.
type table map[State]map[Cause]State

// moves is the life of a callback.
//
// The agent is rung first, so that a customer never answers into silence; or
// the customer is, and hears us until he has said that he is there. Then he is
// in customer_dialing until an agent takes the call.
// After a crash nothing that may have reached the customer is dialled again:
// customer_dialing and connected lead to interrupted, from which only a
// person, or the carrier's proof, leads on.
var moves = table{
	HeldState: {
		Confirm: BookedState, HoldLapsed: Expired, HoldUsed: Expired,
		CallerCancel: CancelledState, CallerCalledIn: CancelledState, OperatorClose: CancelledState,
	},
	BookedState: {
		Claim: Claimed, Reschedule: BookedState, WindowPassed: BookedState, OutOfHours: BookedState,
		ZoneChanged: BookedState, GivenUp: Failed,
		CallerCancel: CancelledState, CallerCalledIn: CancelledState, OperatorClose: CancelledState,
	},
	Claimed: {
		AgentIntent: AgentRinging, CustomerIntent: CustomerDialing, NoAgent: BookedState, NodeDead: BookedState,
		CallerCancel: CancelledState, CallerCalledIn: CancelledState, OperatorClose: CancelledState,
	},
	AgentRinging: {
		AgentAnswered: AgentReady, AgentNoAnswer: BookedState, AgentHungUp: BookedState,
		NothingSent: BookedState, NodeDead: BookedState,
		CallerCancel: CancelledState, CallerCalledIn: CancelledState, OperatorClose: CancelledState,
	},
	AgentReady: {
		CustomerIntent: CustomerDialing, AgentHungUp: BookedState, NodeDead: BookedState,
		OutOfHours: BookedState, BadNumberDialled: Failed,
		CallerCancel: CancelledState, CallerCalledIn: CancelledState, OperatorClose: CancelledState,
	},
	CustomerDialing: {
		CustomerAnswered: Connected, CustomerBusy: RetryWait, CustomerNoAnswer: RetryWait,
		CustomerMachine: RetryWait, CustomerLater: RetryWait, CarrierFailed: RetryWait,
		AgentHungUp: RetryWait, NothingSent: BookedState, Reschedule: BookedState,
		CustomerRejected: Failed, BadNumberDialled: Failed, CallerCancel: CancelledState,
		NodeDead: Interrupted,
	},
	Connected: {CallEnded: Wrapup, AgentHungUp: RetryWait, NodeDead: Interrupted},
	Wrapup:    {WrapupDone: Done, WrapupTimeout: Done},
	RetryWait: {
		Claim: Claimed, AttemptsExhausted: Failed, OutOfHours: RetryWait, WindowPassed: RetryWait,
		Reschedule: BookedState, OperatorRequeue: BookedState,
		CallerCancel: CancelledState, CallerCalledIn: CancelledState, OperatorClose: CancelledState,
	},
	Interrupted: {
		ProviderNeverSawIt: BookedState, OperatorRequeue: BookedState, Reschedule: BookedState,
		OperatorClose: Done, CallerCalledIn: Done, CallerCancel: CancelledState, GivenUp: Failed,
	},
	Done: {}, Expired: {}, CancelledState: {}, Failed: {},
}

// After returns where a cause leads, and false when it must not happen.
func (s State) After(c Cause) (State, bool) {
	to, ok := moves[s][c]
	return to, ok
}

// Diagram draws the life of a callback in the language of mermaid.
func Diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> held\n    [*] --> booked\n")
	for _, from := range States() {
		for _, to := range States() {
			if why := causes(from, to); why != "" {
				fmt.Fprintf(&b, "    %s --> %s: %s\n", from, to, why)
			}
		}
		if from.Over() {
			fmt.Fprintf(&b, "    %s --> [*]\n", from)
		}
	}
	return b.String()
}

// causes lists what leads from one state to another.
func causes(from, to State) string {
	var all []string
	for _, c := range slices.Sorted(maps.Keys(moves[from])) {
		if moves[from][c] == to {
			all = append(all, string(c))
		}
	}
	return strings.Join(all, ", ")
}
