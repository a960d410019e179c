package callback

// State says how far a promise has come.
type State string

// The states of a callback.
const (
	HeldState       State = "held"             // kept while the caller confirms
	BookedState     State = "booked"           // promised
	Claimed         State = "claimed"          // a process has taken it in hand
	AgentRinging    State = "agent_ringing"    // an agent's phone rings
	AgentReady      State = "agent_ready"      // the agent pressed 1
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
