package texts

// What a text of ours may ask, and a digit answers. Words that carriers act
// on, such as CANCEL, are never asked for.
const (
	AskCutOff  = ""        // 1 is another call, at the one time that is offered
	AskPromise = "promise" // 1 keeps it, 2 moves it, 9 calls it off
	AskAgain   = "again"   // 1 is another call
	AskTimes   = "times"   // one of those that are offered
)

// The digits that answer [AskPromise].
const (
	KeepDigit    = 1
	MoveDigit    = 2
	CallOffDigit = 9
)

var questions = map[string]string{
	"text_booked": AskPromise, "text_placed": AskPromise, "text_moved": AskPromise, "text_late": AskPromise, "text_halted": AskPromise,
	"text_tried": AskPromise, "text_reminder": AskPromise, "text_unreached": AskAgain, "text_cancelled": AskAgain,
}

// Asks returns what a text asks; "" for one about a promise that asks nothing.
func Asks(text string) (question string) { return questions[text] }

// Answers names the words that say which digits answer a question; "" where its
// own words do.
func Answers(question string) (words string) {
	switch question {
	case AskPromise:
		return "text_answers"
	case AskAgain:
		return "text_again"
	}
	return ""
}

// Digits are what answers a question, when so many times are offered with it.
func Digits(question string, offered int) []int {
	switch question {
	case AskPromise:
		return []int{KeepDigit, MoveDigit, CallOffDigit}
	case AskAgain:
		return []int{1, MoveDigit}
	case AskCutOff:
		return []int{1}
	}
	all := make([]int, offered)
	for i := range all {
		all[i] = i + 1
	}
	return all
}
