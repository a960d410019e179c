package twilioline

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/holdless/holdless/callback"
)

// Path is where all webhooks of the line are.
const Path = "/twilio/"

// root is where Twilio finds us.
const root = Path + "v1"

// retries are asked of Twilio behind each address it calls: two, after an
// answer that says that we could not, too. A fragment is neither sent nor
// signed.
const retries = "#rc=2&rp=ct,rt,5xx"

// A side is one party of a call, as the addresses of its webhooks name it.
type side struct {
	talk string
	// Who is called for somebody else knows who waits for them: the talk of
	// the one who waits, and its turn. "" for everybody else.
	near string
	at   int
	// An agent knows the call of who waits for him in the queue, too: its SID.
	call string

	sid string // of their own call, as the webhook tells
}

// token is the part of an address that tells a call of ours from all others.
func (s side) token() string {
	if s.near == "" {
		return s.talk
	}
	token := s.near + "/" + strconv.Itoa(s.at) + "/" + s.talk
	if s.call == "" {
		return token
	}
	return token + "/" + s.call
}

// sideOf reads a token. It is false for one that is not ours.
func sideOf(token string) (side, bool) {
	parts := strings.Split(token, "/")
	switch len(parts) {
	case 1:
		return side{talk: token}, token != ""
	case 3, 4:
		at, err := strconv.Atoi(parts[1])
		return side{talk: parts[2], near: parts[0], at: at, call: strings.Join(parts[3:], "")}, err == nil
	}
	return side{}, false
}

// What is asked of us in the middle of a talk: the last part of an address.
const (
	doBegin = "begin" // the call was answered
	doKeys  = "keys"  // keys were pressed, or none
	doTake  = "take"  // something was said after a tone, or nothing
	doDial  = "dial"  // the call that was joined to this one is over
	doAgain = "again" // the talk went on without this call: what does it do now?
	doSorry = "sorry" // the one who waited has left
)

// turn is the address of the webhook that answers a turn.
func (l *Line) turn(s side, no int, do string) string {
	kind := "/talk/"
	if s.near != "" {
		kind = "/meet/"
	}
	return l.config.base() + root + kind + s.token() + "/" + strconv.Itoa(no) + "/" + do + retries
}

// status is the address that is told how a call of ours goes.
func (l *Line) status(s side) string {
	return l.config.base() + root + "/status/" + s.token() + retries
}

// waiting is the address that says what somebody hears in the queue, in which
// he is since a turn, and at which minute he is offered a callback next.
func (l *Line) waiting(s side, since, minute int) string {
	return l.config.base() + root + "/wait/" + s.talk + "/" + strconv.Itoa(since) + "/" + strconv.Itoa(minute) + retries
}

// fallback is the address that is asked when another one fails.
func (l *Line) fallback() string { return l.config.base() + root + "/fallback" + retries }

// detection is the address that is told what Twilio takes a customer for; ""
// when nobody asks.
func (l *Line) detection(s side) string {
	if !l.config.DetectMachines {
		return ""
	}
	return l.config.base() + root + "/detect/" + s.talk + retries
}

// textStatus is the address that is told what becomes of a text, by our own
// name of it.
func (l *Line) textStatus(message string) string {
	return l.config.base() + root + "/message/" + message + retries
}

// routes says who answers what.
func (l *Line) routes() {
	for pattern, h := range map[string]handler{
		"/voice":                                      l.voice,
		"/talk/{talk}/{turn}/{do}":                    l.next,
		"/meet/{near}/{at}/{talk}/{turn}/{do}":        l.next,
		"/meet/{near}/{at}/{talk}/{call}/{turn}/{do}": l.next,
		"/status":                           l.inboundStatus,
		"/status/{talk}":                    l.callStatus,
		"/status/{near}/{at}/{talk}":        l.callStatus,
		"/status/{near}/{at}/{talk}/{call}": l.callStatus,
		"/conference/{room}":                l.conference,
		"/wait":                             l.waits,
		"/wait/{talk}/{since}/{minute}":     l.queue,
		"/fallback":                         l.failed,
		"/detect/{talk}":                    l.detected,
		"/message":                          l.message,
		"/message/{id}":                     l.messageStatus,
	} {
		l.mux.HandleFunc("POST "+root+pattern, l.handle(h))
	}
	l.mux.HandleFunc("POST "+here, l.here)
}

// sidePath reads whom a webhook is about.
func sidePath(r *http.Request) (side, bool) {
	s := side{talk: r.PathValue("talk"), near: r.PathValue("near"), call: r.PathValue("call"), sid: r.PostForm.Get("CallSid")}
	if s.near == "" {
		return s, true
	}
	at, err := strconv.Atoi(r.PathValue("at"))
	s.at = at
	return s, err == nil
}

// caller reads a telephone number. Twilio writes who withholds his number in
// many ways, some of which look like numbers: words, keyed on a telephone.
func caller(from string) (callback.Phone, bool) {
	if !number.MatchString(from) || withheld[from] {
		return "", false
	}
	return callback.Phone(from), true
}

var withheld = map[string]bool{
	"+7378742833":  true, // RESTRICTED
	"+2562533":     true, // BLOCKED
	"+8566696":     true, // UNKNOWN
	"+266696687":   true, // ANONYMOUS
	"+86282452253": true, // UNAVAILABLE
}

// dialled reads which number of ours was called; a call by SIP names it as the
// user.
func dialled(to string) callback.Phone {
	if rest, ok := strings.CutPrefix(to, "sip:"); ok {
		to, _, _ = strings.Cut(rest, "@")
	}
	return callback.Phone(to)
}

// doubted reports whether carriers have found the caller's number to be false
// (STIR/SHAKEN).
func doubted(verdict string) bool { return strings.HasPrefix(verdict, "TN-Validation-Failed") }
