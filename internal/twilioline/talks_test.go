package twilioline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/audio"
)

// TestTalks holds the written talks over webhooks, against the real desk. Each
// webhook comes twice; between them those from before come again, an hour late
// by the clock of the desk; and when the call is over all of them come once
// more, an hour late, in any order.
func TestTalks(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for _, talk := range linetest.Talks(t, talks) {
		all.Go(func() {
			t.Run(talk.Name, func(t *testing.T) { linetest.Hold(t, talk, newVisitor) })
		})
	}
	all.Wait()
}

// TestRecordings has agents record what callers hear by Twilio: it is fetched
// once, however often the webhook comes, and nothing is left there.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, talk := range linetest.Recordings(t, talks) {
		t.Run(talk.Name, func(t *testing.T) {
			t.Parallel()
			var v *visitor
			linetest.Hold(t, talk, func(t *testing.T, desk *callback.Desk) linetest.Phone {
				v = newVisitor(t, desk).(*visitor)
				return v
			})
			if err := v.sim.Settle(t.Context()); err != nil {
				t.Error(err)
			}
			for late := time.Now().Add(slowly); v.sim.Tapes() > 0; wait(t.Context(), time.Millisecond) {
				if time.Now().After(late) {
					t.Fatalf("%d recordings are left at Twilio", v.sim.Tapes())
				}
			}
		})
	}
}

// slowly is how long a test waits for what must come at once.
const slowly = 5 * time.Minute

// visitor is a caller, and the agent who is rung for him.
type visitor struct {
	t     *testing.T
	sim   *twiliosim.Sim
	sid   string
	heard int            // lines of the call's log that were checked
	waits chan struct{}  // the line waits for somebody
	keys  chan string    // that the caller presses
	acts  chan ivr.Event // what the agent does
	over  chan struct{}
}

func newVisitor(t *testing.T, desk *callback.Desk) linetest.Phone {
	t.Helper()
	v := &visitor{
		t: t, waits: make(chan struct{}, 1), keys: make(chan string), acts: make(chan ivr.Event), over: make(chan struct{}),
	}
	again := &again{t: t, chance: rand.New(rand.NewPCG(1, uint64(len(t.Name()))))}
	v.sim = newSim(t, twiliosim.Config{
		App: again, Person: func(string) twiliosim.Person { return v.agent() }, Speed: 1000,
	})
	again.line = newLine(t, testConfig(), Ports{Desk: unhurried{desk}, HTTP: v.sim.Transport(), Now: desk.Now})
	again.delays(desk)
	t.Cleanup(func() { again.everything(desk) })
	t.Cleanup(v.sim.Close)
	return v
}

// unhurried is a desk that may take longer than Twilio waits for a webhook, as
// it does on a machine that is busy with other tests.
type unhurried struct{ *callback.Desk }

func (u unhurried) Answer(ctx context.Context, in callback.Inbound) (ivr.Turn, error) {
	return u.Desk.Answer(context.WithoutCancel(ctx), in)
}

func (u unhurried) Next(ctx context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error) {
	return u.Desk.Next(context.WithoutCancel(ctx), talk, turn, e)
}

// newSim is Twilio as the line of a test configuration knows it.
func newSim(t *testing.T, c twiliosim.Config) *twiliosim.Sim {
	t.Helper()
	c.Public = public1
	c.Clip = func(_ string, wav []byte) string { return words(wav) }
	sim, err := twiliosim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	sim.AddNumber(twiliosim.Number{
		Number: string(linetest.Number), VoiceURL: public1 + root + "/voice" + retries,
		VoiceFallbackURL: public1 + root + "/fallback", StatusURL: public1 + root + "/status" + retries,
		SMSURL: public1 + root + "/message" + retries,
	})
	t.Cleanup(func() {
		for _, p := range sim.Problems() {
			if !strings.HasSuffix(p, errDown.Error()) { // a test wanted that
				t.Error(p)
			}
		}
	})
	return sim
}

func (v *visitor) agent() twiliosim.Person {
	return twiliosim.Person{
		Answer: func(ctx context.Context, _ twiliosim.Call) twiliosim.Answer {
			v.waits <- struct{}{}
			select {
			case e := <-v.acts:
				return answer(e)
			case <-ctx.Done():
				return twiliosim.Answer{Outcome: "no-answer"}
			}
		},
		Press: func(context.Context, twiliosim.Call, []string) string { return "1" },
		Talk:  func(context.Context, twiliosim.Call, string) {},
	}
}

func answer(e ivr.Event) twiliosim.Answer {
	switch {
	case e.Kind == ivr.Spoke:
		return twiliosim.Answer{}
	case e.Text == string(ivr.Busy):
		return twiliosim.Answer{Outcome: "busy"}
	}
	return twiliosim.Answer{Outcome: "no-answer"}
}

// music is what is heard by those who wait in the queue.
const music = "(music)"

// press is the caller, whom the line asks for keys. In the queue he is only
// offered to be called back.
func (v *visitor) press(ctx context.Context, _ twiliosim.Call, said []string) string {
	inLine := strings.Contains(strings.Join(said, " "), "when it is your turn")
	if len(said) > 0 && said[len(said)-1] == music && !inLine {
		wait(ctx, 10*time.Millisecond)
		return ""
	}
	v.waits <- struct{}{}
	select {
	case keys := <-v.keys:
		return keys
	case <-ctx.Done():
		if inLine {
			return "" // it may be his turn
		}
		return twiliosim.Hangup
	}
}

// speak is the agent, whom the line asks to speak.
func (v *visitor) speak(ctx context.Context, c twiliosim.Call, said []string) []byte {
	sort := v.press(ctx, c, said)
	if sort == "" || sort == twiliosim.Hangup {
		return nil
	}
	return audio.WAV(linetest.Speech(sort))
}

func (v *visitor) Call(from callback.Phone) error {
	v.sid = v.sim.Ring(string(from), string(linetest.Number), twiliosim.Person{Press: v.press, Speak: v.speak})
	go func() {
		defer close(v.over)
		_, _ = v.sim.Await(v.t.Context(), v.sid)
	}()
	return nil
}

func (v *visitor) Do(e ivr.Event) error {
	keys := e.Text
	switch e.Kind {
	case ivr.Spoke, ivr.NoAnswer:
		return hand(v.acts, e)
	case ivr.Recorded:
		return hand(v.keys, e.Text)
	case ivr.Gone:
		v.sim.Hangup(v.sid)
		return nil
	case ivr.Silence:
		keys = ""
	default:
	}
	return hand(v.keys, keys)
}

var errTooLong = errors.New("nobody waits for it")

func hand[T any](to chan<- T, what T) error {
	select {
	case to <- what:
		return nil
	case <-time.After(slowly):
		return errTooLong
	}
}

func (v *visitor) Hears(words string) error {
	select {
	case <-v.waits:
	case <-v.over:
	case <-time.After(slowly):
		return errTooLong
	}
	for late := time.Now().Add(slowly); ; wait(v.t.Context(), time.Millisecond) {
		got, lines := v.words() // the agent may be rung before the caller hears so
		if got != words && strings.HasPrefix(words, got) && time.Now().Before(late) {
			continue
		}
		v.heard = lines
		if got != words {
			return fmt.Errorf("\nheard %s\n want %s", got, words)
		}
		return nil
	}
}

// words are what the caller has heard since the last time, up to a line of the
// call's log; of the queue, only that he is in it.
func (v *visitor) words() (string, int) {
	c, _ := v.sim.Call(v.sid)
	var said []string
	for _, line := range c.Log[v.heard:] {
		if w, ok := strings.CutPrefix(line, "hears "); ok && w != music && w != "(beep)" && !strings.HasPrefix(w, "To be called back instead,") {
			said = append(said, w)
		}
	}
	return strings.Join(said, " "), len(c.Log)
}

func (v *visitor) Over() error {
	select {
	case <-v.over:
		return nil
	case <-time.After(slowly):
		return errors.New("the call goes on")
	}
}

// again delivers each webhook twice, and one from before after it: an hour late
// where it has the clock of the desk.
type again struct {
	t    *testing.T
	line http.Handler

	clock sync.RWMutex // who delivers late has it alone
	late  atomic.Bool

	mu     sync.Mutex
	chance *rand.Rand
	past   []webhook
}

// A webhook is one that can be delivered again.
type webhook struct {
	req  *http.Request
	body []byte
}

// RoundTrip carries a webhook to the line.
func (a *again) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodPost {
		return twiliosim.Into(a.line).RoundTrip(req)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	w := webhook{req.Clone(context.WithoutCancel(req.Context())), body}
	first, doc, err := a.deliver(w)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.past = append(a.past, w)
	before := a.past[a.chance.IntN(len(a.past))]
	a.mu.Unlock()
	// Who waits in the queue hears what is true at that moment: he may be called up, or
	// somebody be there for him, between the two.
	_, second, err := a.deliver(w)
	waits := strings.Contains(doc+second, "<Enqueue") || strings.Contains(req.URL.Path, "/wait/")
	if err != nil || second != doc && !waits {
		a.t.Errorf("%s, again, is answered with %v\n%s\n and not\n%s", req.URL.Path, err, second, doc)
	}
	if resp, doc, err := a.deliverLate(before); err != nil || resp.StatusCode >= 300 {
		a.t.Errorf("%s, late, is answered with %v %v: %s", before.req.URL.Path, err, resp.StatusCode, doc)
	}
	first.Body = io.NopCloser(strings.NewReader(doc))
	return first, nil
}

// delays has what comes late come by a clock that is an hour on.
func (a *again) delays(desk *callback.Desk) {
	now := desk.Now
	desk.Now = func() time.Time {
		if a.late.Load() {
			return now().Add(time.Hour)
		}
		return now()
	}
}

func (a *again) deliverLate(w webhook) (*http.Response, string, error) {
	a.clock.Lock()
	defer a.clock.Unlock()
	a.late.Store(true)
	defer a.late.Store(false)
	return a.ask(w)
}

func (a *again) deliver(w webhook) (*http.Response, string, error) {
	a.clock.RLock()
	defer a.clock.RUnlock()
	return a.ask(w)
}

func (a *again) ask(w webhook) (*http.Response, string, error) {
	r := w.req.Clone(w.req.Context())
	r.Body = io.NopCloser(bytes.NewReader(w.body))
	resp, err := twiliosim.Into(a.line).RoundTrip(r)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	doc, err := io.ReadAll(resp.Body)
	return resp, string(doc), err
}

// everything delivers all webhooks once more. Nothing may come of it.
func (a *again) everything(desk *callback.Desk) {
	a.mu.Lock()
	past := a.past
	a.mu.Unlock()
	before := journal(a.t, desk)
	for _, i := range a.chance.Perm(len(past)) {
		resp, doc, err := a.deliverLate(past[i])
		if err == nil {
			resp.Body.Close()
		}
		if err != nil || resp.StatusCode >= 300 {
			a.t.Errorf("%s, an hour late, is answered with %v: %s", past[i].req.URL.Path, err, doc)
		}
	}
	if after := journal(a.t, desk); after != before {
		a.t.Errorf("the journal had %d lines and has %d", before, after)
	}
}
