package twiliosim

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// A tape is what a <Record> has taken down. Twilio tells of it before it can be
// fetched.
type tape struct {
	wav   []byte
	asked int
}

// record has the person speak. Who says nothing goes on behind the verb; who
// hangs up has what was said told all the same.
func (c *call) record(ctx context.Context, p page, v verb) step {
	c.hear("(beep)")
	var wav []byte
	if c.person.Speak != nil {
		wav = c.person.Speak(ctx, c.copy(), c.heard())
	}
	if ctx.Err() != nil && (len(wav) == 0 || c.ctx.Err() == nil) {
		return step{end: true}
	}
	if len(wav) == 0 {
		c.sim.wait(ctx, v.seconds("timeout", 5))
		c.log("says nothing")
		return step{}
	}
	sid := c.sim.newTape(wav)
	c.log("speaks")
	said := step{next: p.resolve(v.attr("action", "")), form: url.Values{
		"RecordingSid": {sid}, "RecordingDuration": {"1"}, "Digits": {v.attr("finishOnKey", "#")},
		"RecordingUrl": {"https://api.twilio.com/2010-04-01/Accounts/" + c.sim.Account + "/Recordings/" + sid},
	}}
	if ctx.Err() == nil {
		return said
	}
	said.form.Set("Digits", "hangup")
	c.last = said
	return step{end: true}
}

// tellLast tells what was said by who has hung up. It comes after the end of the
// call here: in truth nobody knows which is first.
func (c *call) tellLast() {
	if c.last.next == "" {
		return
	}
	c.sim.wait(context.Background(), c.person.Late)
	form := c.form()
	maps.Copy(form, c.last.form)
	c.courier.notify(c.last.next, form)
}

func (s *Sim) newTape(wav []byte) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sid := s.newSID("RE")
	if s.tapes == nil {
		s.tapes = map[string]*tape{}
	}
	s.tapes[sid] = &tape{wav: wav}
	return sid
}

// Tapes counts the recordings that nobody has dropped.
func (s *Sim) Tapes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tapes)
}

// media answers what is asked of recordings. Twilio's file does not have the
// sound of them; the reading of the prose is ours.
func (s *Sim) media(w http.ResponseWriter, r *http.Request) bool {
	name, ok := strings.CutPrefix(r.URL.Path, "/2010-04-01/Accounts/"+s.Account+"/Recordings/")
	if !ok {
		return false
	}
	if !s.trusts(r) {
		write(w, refuse(http.StatusUnauthorized, 20003, "Authenticate"))
		return true
	}
	sid, kind, _ := strings.Cut(name, ".")
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tapes[sid]
	switch {
	case t == nil:
		write(w, notFound)
	case r.Method == http.MethodDelete && kind == "json":
		delete(s.tapes, sid)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet && kind == "wav" && t.asked == 0:
		t.asked++
		write(w, notFound)
	case r.Method == http.MethodGet && kind == "wav":
		w.Header().Set("Content-Type", "audio/x-wav")
		_, _ = w.Write(t.wav)
	default:
		s.problems = append(s.problems, r.Method+" "+r.URL.Path+": nothing can be asked so")
		write(w, notFound)
	}
	return true
}
