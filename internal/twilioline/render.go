package twilioline

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// customer is the Connect.To of a customer to whom a call was promised.
const customer = "customer"

// document writes a turn of one side of a call.
func (l *Line) document(s side, t ivr.Turn) (string, error) {
	say := l.say(t.Lang, t.Say)
	switch {
	case t.Listen != nil:
		return l.listen(s, t, say), nil
	case t.Record != nil:
		return l.record(s, t, say), nil
	case t.Connect != nil:
		return document(append(say, l.connect(s, t)...)...), nil
	case t.End:
		return document(append(append(l.untilTone(s, t), say...), verb{name: "Hangup"})...), nil
	}
	return "", errors.New("the turn asks for nothing that a line can do")
}

// listen asks for keys. Prompts are within, so that a key interrupts them.
// Silence is an event as well: it comes by the same address.
func (l *Line) listen(s side, t ivr.Turn, say []verb) string {
	to := l.turn(s, t.No, doKeys)
	wait, timeout := patience(*t.Listen)
	if t.Listen.Hold {
		wait, timeout = 0, 1
		say = append(say, l.music(attr{"loop", strconv.Itoa(l.pieces(t.Listen.Wait))}))
	}
	if wait > 0 {
		say = append(say, verb{name: "Pause", attrs: []attr{{"length", strconv.Itoa(wait)}}})
	}
	attrs := []attr{{"input", "dtmf"}}
	if n := t.Listen.Max; n > 0 {
		attrs = append(attrs, attr{"numDigits", strconv.Itoa(n)})
	}
	attrs = append(attrs,
		attr{"timeout", strconv.Itoa(timeout)},
		attr{"finishOnKey", t.Listen.Finish}, // "" lets * and # reach us
		attr{"actionOnEmptyResult", "true"},
		attr{"action", to}, attr{"method", "POST"})
	return document(verb{name: "Gather", attrs: attrs, kids: say}, l.redirect(to))
}

func (l *Line) redirect(to string) verb {
	return verb{name: "Redirect", attrs: []attr{{"method", "POST"}}, kids: []verb{text(to)}}
}

// patience says for how many seconds Twilio pauses after the prompts, and for
// how many it then waits for each key. It knows one wait only, where we have
// one for the first key and a shorter one between keys: the difference is
// spent in a pause, which a key ends.
func patience(w ivr.Listen) (pause, timeout int) {
	timeout = max(1, seconds(w.Wait))
	gap := max(1, seconds(w.Gap))
	if w.Max == 1 || w.Gap <= 0 || gap >= timeout {
		return 0, timeout
	}
	return timeout - gap, gap
}

// seconds rounds up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// connect brings one side together with another.
func (l *Line) connect(s side, t ivr.Turn) []verb {
	c := t.Connect
	switch {
	case c.To == customer:
		return l.room(s, t, c.Talk, "agent")
	case c.To == ivr.Waiting && s.call != "":
		return l.room(s, t, s.near, "agent")
	case c.To == ivr.Waiting:
		return l.room(s, t, s.talk, customer)
	case queued(c):
		return []verb{l.enqueue(s, t)}
	}
	return []verb{l.dial(s, t)}
}

// room joins a call to the conference in which two people meet. It is named
// after the talk of the customer or caller, which nobody can guess and which
// says nothing about anybody. Whoever leaves it ends it.
func (l *Line) room(s side, t ivr.Turn, meeting, label string) []verb {
	return l.meeting(s, t, meeting, label, "true")
}

// meeting is a conference that somebody ends by leaving it, or does not.
func (l *Line) meeting(s side, t ivr.Turn, meeting, label, ends string) []verb {
	conference := verb{name: "Conference", attrs: []attr{
		{"beep", "false"},
		{"startConferenceOnEnter", "true"},
		{"endConferenceOnExit", ends},
		{"participantLabel", label},
		{"waitUrl", l.config.base() + root + "/wait" + retries},
		{"waitMethod", "POST"},
		{"statusCallback", l.config.base() + root + "/conference/" + meeting + retries},
		{"statusCallbackEvent", "start end join leave"},
		{"statusCallbackMethod", "POST"},
	}, kids: []verb{text(meeting)}}
	return []verb{{name: "Dial", attrs: l.over(s, t), kids: []verb{conference}}}
}

// over is where Twilio asks what to do when two calls are parted.
func (l *Line) over(s side, t ivr.Turn) []attr {
	return []attr{{"action", l.turn(s, t.No, doDial)}, {"method", "POST"}}
}

// dial rings somebody with whom we have no talk.
func (l *Line) dial(s side, t ivr.Turn) verb {
	c := t.Connect
	attrs := append(l.over(s, t),
		attr{"timeout", strconv.Itoa(max(1, seconds(c.Ring)))},
		attr{"callerId", l.callerID(c.CallerID)})
	noun := "Number"
	if strings.HasPrefix(c.Addr, "sip:") || strings.HasPrefix(c.Addr, "sips:") {
		noun = "Sip"
	}
	return verb{name: "Dial", attrs: attrs, kids: []verb{{name: noun, kids: []verb{text(c.Addr)}}}}
}

// callerID is the number to show: Twilio takes those of the account only.
func (l *Line) callerID(wanted string) string {
	if wanted != "" {
		return wanted
	}
	return string(l.config.CallerID)
}

// say has prompts played in our voice; in Twilio's, where the configuration
// says so or we have no sound.
func (l *Line) say(lang string, prompts []ivr.Prompt) []verb {
	all := make([]verb, 0, len(prompts)+2)
	for _, p := range prompts {
		lang := cmp.Or(p.Lang, lang)
		_, theirs := l.config.Say[cmp.Or(p.Lang, lang)]
		if sound := l.sound(lang, p); len(sound) > 0 && (!theirs || p.Take != "") {
			all = append(all, verb{name: "Play", kids: []verb{text(l.clipURL(lang, p, sound))}})
			continue
		}
		all = append(all, l.spoken(lang, p))
	}
	return all
}

// spoken has a prompt said by Twilio. It gets the spoken form, in which
// everything is a word.
func (l *Line) spoken(lang string, p ivr.Prompt) verb {
	lang = cmp.Or(p.Lang, lang)
	by := l.config.voice(lang)
	var attrs []attr
	if by.Language != "" {
		attrs = append(attrs, attr{"language", by.Language})
	}
	if by.Voice != "" {
		attrs = append(attrs, attr{"voice", by.Voice})
	}
	return verb{name: "Say", attrs: attrs, kids: []verb{text(sounds.Words(lang, p))}}
}

// apology says that it is our fault, and ends the call.
func (l *Line) apology(lang string) string {
	say := l.say(lang, []ivr.Prompt{{Name: "sorry"}, {Name: "goodbye"}})
	return document(append(say, verb{name: "Hangup"})...)
}
