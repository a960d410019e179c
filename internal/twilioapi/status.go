package twilioapi

// Status is how far a call has come.
type Status string

// What Twilio says of a call.
const (
	Queued     Status = "queued"
	Initiated  Status = "initiated"
	Ringing    Status = "ringing"
	InProgress Status = "in-progress"
	Completed  Status = "completed"
	Busy       Status = "busy"
	NoAnswer   Status = "no-answer"
	Failed     Status = "failed"
	Canceled   Status = "canceled"
)

// ranks orders what callbacks tell out of order.
var ranks = map[Status]int{
	Queued: 1, Initiated: 2, Ringing: 3, InProgress: 4,
	Completed: 5, Busy: 5, NoAnswer: 5, Failed: 5, Canceled: 5,
}

// Final tells whether the call is over.
func (s Status) Final() bool { return ranks[s] == 5 }

// After tells whether a call with status s has come further than one with
// status t. A status that Twilio has not told of until now is after none.
func (s Status) After(t Status) bool { return ranks[s] > ranks[t] }
