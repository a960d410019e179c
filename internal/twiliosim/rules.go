package twiliosim

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"
)

// What follows is in the prose of Twilio's documentation and in no file: the
// reading of it is ours.

var (
	callEvents = []string{"initiated", "ringing", "answered", "completed"}
	roomEvents = []string{"start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"}
	endpoint   = regexp.MustCompile(`^(\+[1-9]\d{1,14}|\d{3,8}|sips?:[^ ]+@[^ ]+|client:[^ ]+)$`)
)

// ours holds a request against the rules of the prose.
func ours(x *exchange) error {
	f := rules{Values: x.form}
	switch x.op.OperationID {
	case "CreateCall":
		f.oneOf("Url", "Twiml", "ApplicationSid")
		f.words("StatusCallbackEvent", callEvents)
		f.words("MachineDetection", []string{"Enable", "DetectMessageEnd"})
		f.words("AsyncAmd", []string{"true", "false"})
		f.atMost("Twiml", 4000)
		f.within("Timeout", 600)
		f.within("TimeLimit", 86400)
		f.endpoints("To", "From")
	case "UpdateCall":
		f.words("Status", []string{"canceled", "completed"})
		f.oneOf("Url", "Twiml", "Status")
	case "CreateParticipant":
		f.words("StatusCallbackEvent", callEvents)
		f.words("ConferenceStatusCallbackEvent", roomEvents)
		f.words("Beep", []string{"true", "false", "onEnter", "onExit"})
		f.within("Timeout", 600)
		f.endpoints("To", "From")
	case "CreateMessage":
		f.someOf("From", "MessagingServiceSid")
		f.someOf("Body", "MediaUrl", "ContentSid")
		f.atMost("Body", 1600)
		f.within("ValidityPeriod", 36000)
		f.endpoints("To", "From")
	}
	return errors.Join(f.wrong...)
}

// rules gathers what is wrong with a form.
type rules struct {
	url.Values
	wrong []error
}

func (r *rules) bad(format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Errorf(format, args...))
}

func (r *rules) count(keys []string) (n int) {
	for _, k := range keys {
		if r.Has(k) {
			n++
		}
	}
	return n
}

func (r *rules) oneOf(keys ...string) {
	if r.count(keys) != 1 {
		r.bad("there must be exactly one of %v", keys)
	}
}

func (r *rules) someOf(keys ...string) {
	if r.count(keys) == 0 {
		r.bad("there must be one of %v", keys)
	}
}

func (r *rules) words(key string, allowed []string) {
	for _, v := range r.Values[key] {
		if !slices.Contains(allowed, v) {
			r.bad("%s is %q, not one of %v", key, v, allowed)
		}
	}
}

func (r *rules) atMost(key string, n int) {
	if utf8.RuneCountInString(r.Get(key)) > n {
		r.bad("%s has more than %d characters", key, n)
	}
}

func (r *rules) within(key string, high int) {
	if !r.Has(key) {
		return
	}
	if n, err := strconv.Atoi(r.Get(key)); err != nil || n < 1 || n > high {
		r.bad("%s must be from 1 to %d", key, high)
	}
}

func (r *rules) endpoints(keys ...string) {
	for _, k := range keys {
		if v := r.Get(k); v != "" && !endpoint.MatchString(v) {
			r.bad("%s is %q, which nobody can be called by", k, v)
		}
	}
}
