package twilioline

import (
	"context"
	"net/http"

	"github.com/holdless/holdless/ivr"
)

// personRings is how long the person rings who is called when we fail.
const personRings = "30"

// Fallback is what a caller hears in a language when we cannot say anything: a
// person is rung, if the configuration names one, and else it is our fault. The
// document refers to nothing of ours, so that it can be kept elsewhere.
func (c Config) Fallback(lang string) string {
	l := &Line{config: c}
	say := func(name string) verb { return l.spoken(lang, ivr.Prompt{Name: name}) }
	var verbs []verb
	if c.FallbackTo != "" {
		verbs = append(verbs, say("connecting"), verb{
			name: "Dial", attrs: []attr{{"timeout", personRings}, {"answerOnBridge", "true"}},
			kids: []verb{{name: "Number", kids: []verb{text(string(c.FallbackTo))}}},
		})
	}
	return document(append(verbs, say("sorry"), say("goodbye"), verb{name: "Hangup"})...)
}

// failed is asked when another address has failed: an error of ours, or no
// answer in time. Who called us reaches a person. Whom we called hears that it
// was our fault: that person has waited for none.
func (l *Line) failed(_ context.Context, r *http.Request) (string, error) {
	f := r.PostForm
	l.Log.Error("webhook failed at Twilio", "line", name, "call", f.Get("CallSid"), "err", "code "+f.Get("ErrorCode"))
	switch {
	case f.Get("MessageSid") != "": // a text: nothing is said in return
		return document(), nil
	case f.Get("Direction") == "inbound":
		return l.config.Fallback(l.config.Lang), nil
	}
	return l.apology(l.config.Lang), nil
}
