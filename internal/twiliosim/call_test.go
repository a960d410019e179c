package twiliosim_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/twiliosim"
)

// TestGather: what keys reach us, by the attributes of <Gather>.
func TestGather(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, attrs, keys string
		digits            []string
		waits             time.Duration
	}{
		{"one key", `numDigits="1"`, "1", []string{"1"}, 0},
		{"one of two keys", `numDigits="1"`, "12", []string{"1"}, 0},
		{"hash ends", ``, "0401234567#", []string{"0401234567"}, 0},
		{"time ends", `timeout="7"`, "0401234567", []string{"0401234567"}, 7 * time.Second},
		{"hash reaches us", `numDigits="1" finishOnKey=""`, "#", []string{"#"}, 0},
		{"star ends", `finishOnKey="*"`, "12*", []string{"12"}, 0},
		{"silence falls through", `numDigits="1"`, "", nil, 5 * time.Second},
		{"silence is told", `numDigits="1" actionOnEmptyResult="true" timeout="6"`, "", []string{""}, 6 * time.Second},
		{"too few keys", `numDigits="4" timeout="3"`, "12", []string{"12"}, 3 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, twiliosim.Config{}, map[string]string{
					"/in":   doc(`<Gather action="/next" ` + tt.attrs + `><Say>Press 1.</Say></Gather>`),
					"/next": doc(`<Hangup/>`),
				})
				began := time.Now()
				w.call(t, presses(tt.keys))
				same(t, "digits", w.app.values("/next", "Digits"), tt.digits)
				if d := time.Since(began); d != tt.waits {
					t.Errorf("it took %v, want %v", d, tt.waits)
				}
				w.clean(t)
			})
		})
	}
}

// TestTalk is a whole call: what is heard, and what we are told.
func TestTalk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{
			Clip: func(_ string, sound []byte) string { return "♪" + string(sound) },
		}, map[string]string{
			"/in": doc(`<Say language="en-GB">Good day.</Say><Gather numDigits="1" action="menu"><Play>clips/1.wav</Play>` +
				`<Say>Your number is <say-as interpret-as="telephone">040</say-as>.</Say></Gather><Redirect>/in</Redirect>`),
			"/menu":        doc(`<Pause length="2"/><Say>Goodbye.</Say>`),
			"/clips/1.wav": "Press one.",
		})
		w.app.kinds["/clips/1.wav"] = "audio/wav"
		p := presses("", "1")
		var heard [][]string
		press := p.Press
		p.Press = func(ctx context.Context, c twiliosim.Call, said []string) string {
			heard = append(heard, said)
			return press(ctx, c, said)
		}
		p.Stir = "TN-Validation-Passed-A"
		c := w.call(t, p)
		same(t, "log", c.Log, []string{
			"hears Good day.", "hears ♪Press one.", "hears Your number is 040.", `presses ""`,
			"hears Good day.", "hears ♪Press one.", "hears Your number is 040.", `presses "1"`, "hears Goodbye.",
		})
		if len(heard) != 2 || len(heard[0]) != 3 || len(heard[1]) != 3 {
			t.Errorf("the person heard %q", heard)
		}
		first := w.app.hooks("/in")[0]
		for k, v := range map[string]string{
			"From": customer, "To": ours, "CallStatus": "ringing", "Direction": "inbound", "AccountSid": w.Account,
			"CallSid": c.SID, "StirVerstat": "TN-Validation-Passed-A",
		} {
			if first.Get(k) != v {
				t.Errorf("%s is %q, want %q", k, first.Get(k), v)
			}
		}
		synctest.Wait()
		same(t, "status", w.app.values("/ended", "CallStatus"), []string{"completed"})
		same(t, "duration", w.app.values("/ended", "CallDuration"), []string{"7"})
		w.clean(t)
	})
}

func TestHangups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, map[string]string{
			"/in": doc(`<Gather numDigits="1" actionOnEmptyResult="true"/><Redirect>/in</Redirect>`),
		})
		w.call(t, presses("", "", twiliosim.Hangup))
		sid := w.Ring(customer, ours, twiliosim.Person{})
		time.AfterFunc(12*time.Second, func() { w.Hangup(sid) })
		if _, err := w.Await(t.Context(), sid); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		same(t, "status", w.app.values("/ended", "CallStatus"), []string{"completed", "completed"})
		w.clean(t)
	})
}

// TestOutbound: how a call that we begin can go, and what callbacks tell.
func TestOutbound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer twiliosim.Answer
		queue  time.Duration
		told   []string
		takes  time.Duration
	}{
		{"answered", twiliosim.Answer{After: 4 * time.Second}, 0, []string{"initiated", "ringing", "in-progress", "completed"}, 4 * time.Second},
		{"busy", twiliosim.Answer{After: time.Second, Outcome: "busy"}, 0, []string{"initiated", "ringing", "busy"}, time.Second},
		{"nobody", twiliosim.Answer{Outcome: "no-answer"}, 0, []string{"initiated", "ringing", "no-answer"}, 20 * time.Second},
		{"too late", twiliosim.Answer{After: time.Minute}, 0, []string{"initiated", "ringing", "no-answer"}, 20 * time.Second},
		{"failed", twiliosim.Answer{Outcome: "failed"}, 0, []string{"initiated", "ringing", "failed"}, 0},
		{"queued", twiliosim.Answer{}, time.Hour, []string{"initiated", "ringing", "in-progress", "completed"}, time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, twiliosim.Config{Queue: tt.queue, Person: func(string) twiliosim.Person {
					return twiliosim.Person{Answer: func(context.Context, twiliosim.Call) twiliosim.Answer { return tt.answer }}
				}}, map[string]string{"/out": doc(`<Say>Hello.</Say>`)})
				began := time.Now()
				if _, err := w.Await(t.Context(), w.place(t, customer)); err != nil {
					t.Fatal(err)
				}
				if d := time.Since(began); d != tt.takes {
					t.Errorf("it took %v, want %v", d, tt.takes)
				}
				synctest.Wait()
				same(t, "told", w.app.values("/status", "CallStatus"), tt.told)
				w.clean(t)
			})
		})
	}
}

// TestUpdate redirects, cancels and completes over REST.
func TestUpdate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := twiliosim.Person{Answer: func(context.Context, twiliosim.Call) twiliosim.Answer {
			return twiliosim.Answer{After: 10 * time.Second}
		}}
		w := newWorld(t, twiliosim.Config{Person: func(string) twiliosim.Person { return slow }}, map[string]string{
			"/out":   doc(`<Dial><Conference>alone</Conference></Dial>`),
			"/other": doc(`<Pause length="30"/>`),
		})
		sid := w.place(t, customer)
		for _, tt := range []struct {
			wait   time.Duration
			form   url.Values
			status int
			left   string // what the call is then
		}{
			{time.Second, url.Values{"Url": {public + "/other"}}, 400, "ringing"},
			{10 * time.Second, url.Values{"Status": {"canceled"}}, 400, "in-progress"},
			{0, url.Values{"Url": {public + "/other"}}, 200, "in-progress"},
			{time.Second, url.Values{"Status": {"completed"}}, 200, "completed"},
			{0, url.Values{"Url": {public + "/other"}}, 400, "completed"},
		} {
			time.Sleep(tt.wait) //nolint:forbidigo // the time of the bubble
			if got, _ := w.post(t, "/Calls/"+sid+".json", tt.form); got != tt.status {
				t.Errorf("%v was answered with %d, want %d", tt.form, got, tt.status)
			}
			if c, _ := w.Call(sid); c.Status != tt.left {
				t.Errorf("after %v it is %s, want %s", tt.form, c.Status, tt.left)
			}
		}
		c, _ := w.Call(sid)
		same(t, "log", c.Log, []string{"joins alone", "leaves alone"})
		if n := len(w.app.hooks("/other")); n != 1 {
			t.Errorf("the other document was asked for %d times", n)
		}
		ringing := w.place(t, agent)
		time.Sleep(time.Second) //nolint:forbidigo // the time of the bubble
		w.post(t, "/Calls/"+ringing+".json", url.Values{"Status": {"canceled"}})
		if c, _ := w.Call(ringing); c.Status != "canceled" {
			t.Errorf("a ringing call that is cancelled is %s", c.Status)
		}
		w.clean(t)
	})
}

// TestDial rings two at once: the whisper of the first is refused, the second
// talks.
func TestDial(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		people := map[string]twiliosim.Person{
			agent: {
				Answer: func(context.Context, twiliosim.Call) twiliosim.Answer { return twiliosim.Answer{After: time.Second} },
				Press:  func(context.Context, twiliosim.Call, []string) string { return "2" },
			},
			"sip:anna@example.org": {
				Answer: func(context.Context, twiliosim.Call) twiliosim.Answer {
					return twiliosim.Answer{After: 3 * time.Second}
				},
				Talk: func(ctx context.Context, _ twiliosim.Call, _ string) {
					select {
					case <-time.After(time.Minute):
					case <-ctx.Done():
					}
				},
			},
		}
		w := newWorld(t, twiliosim.Config{Person: func(n string) twiliosim.Person { return people[n] }}, map[string]string{
			"/in": doc(`<Dial timeout="15" action="/done"><Number url="/whisper" statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed">` +
				agent + `</Number><Sip>sip:anna@example.org</Sip></Dial>`),
			"/whisper": doc(`<Gather numDigits="1" action="/choice"><Say>Press 1.</Say></Gather>`),
			"/choice":  doc(`<Hangup/>`),
			"/done":    doc(`<Say>Thank you.</Say>`),
		})
		began := time.Now()
		c := w.call(t, twiliosim.Person{})
		if d := time.Since(began); d != 63*time.Second {
			t.Errorf("it took %v, want 63s", d)
		}
		same(t, "log", c.Log, []string{"talks to sip:anna@example.org", "hears Thank you."})
		same(t, "dial status", w.app.values("/done", "DialCallStatus"), []string{"completed"})
		same(t, "leg", w.app.values("/leg", "CallStatus"), []string{"initiated", "ringing", "in-progress", "completed"})
		w.clean(t)
	})
}

func TestDialNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{Person: func(string) twiliosim.Person {
			return twiliosim.Person{Answer: func(context.Context, twiliosim.Call) twiliosim.Answer {
				return twiliosim.Answer{Outcome: "busy"}
			}}
		}}, map[string]string{
			"/in":   doc(`<Dial action="/done">` + agent + `</Dial>`),
			"/done": doc(`<Hangup/>`),
		})
		w.call(t, twiliosim.Person{})
		same(t, "dial status", w.app.values("/done", "DialCallStatus"), []string{"busy"})
		w.clean(t)
	})
}

// TestQueue: a caller who waits is offered something again and again, and may
// leave.
func TestQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, map[string]string{
			"/in":    doc(`<Enqueue waitUrl="/wait" action="/left">billing</Enqueue>`),
			"/wait":  doc(`<Gather numDigits="1" action="/key" timeout="20"><Say>Press 2 for a callback.</Say></Gather>`),
			"/key":   doc(`<Leave/>`),
			"/left":  doc(`<Say>We call you.</Say>`),
			"/other": doc(`<Say>Anna here.</Say>`),
		})
		c := w.call(t, presses("", "", "2"))
		same(t, "log", c.Log, []string{
			"waits in billing", "hears Press 2 for a callback.", `presses ""`, "hears Press 2 for a callback.", `presses ""`,
			"hears Press 2 for a callback.", `presses "2"`, "leaves billing", "hears We call you.",
		})
		same(t, "result", w.app.values("/left", "QueueResult"), []string{"leave"})
		same(t, "queue time", w.app.values("/left", "QueueTime"), []string{"42"})
		waiting := w.Ring(customer, ours, presses("", "", "", ""))
		time.Sleep(30 * time.Second) //nolint:forbidigo // the time of the bubble
		if status, _ := w.post(t, "/Calls/"+waiting+".json", url.Values{"Url": {public + "/other"}}); status != http.StatusOK {
			t.Errorf("the redirect was answered with %d", status)
		}
		got, err := w.Await(t.Context(), waiting)
		if err != nil || got.Log[len(got.Log)-1] != "hears Anna here." {
			t.Errorf("got %q, %v", got.Log, err)
		}
		w.clean(t)
	})
}

// TestFallback: a number that fails is asked again as its address allows, and
// then elsewhere.
func TestFallback(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, fragment string
		fails          int
		asked, fellTo  int
	}{
		{"a server error is not asked again", "", 1, 1, 1},
		{"twice for server errors", "#rc=2&rp=ct,rt,5xx", 2, 3, 0},
		{"twice is not enough", "#rc=2&rp=ct,rt,5xx", 3, 3, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{Speed: 1000}, map[string]string{
				"/v": doc(`<Say>Hello.</Say>`), "/fallback": doc(`<Say>Call 112.</Say>`),
			})
			w.app.fail["/v"] = tt.fails
			w.AddNumber(twiliosim.Number{Number: "+358931549999", VoiceURL: public + "/v" + tt.fragment, VoiceFallbackURL: public + "/fallback"})
			if _, err := w.Await(t.Context(), w.Ring("", "+358931549999", twiliosim.Person{})); err != nil {
				t.Fatal(err)
			}
			if n := len(w.app.hooks("/v")); n != tt.asked {
				t.Errorf("it was asked %d times, want %d", n, tt.asked)
			}
			if n := len(w.app.hooks("/fallback")); n != tt.fellTo {
				t.Errorf("the fallback was asked %d times, want %d", n, tt.fellTo)
			}
			if n := len(w.Problems()); n != tt.fellTo {
				t.Errorf("%d problems: %q", n, w.Problems())
			}
		})
	}
}

// TestProblems: what a line may not do is found.
func TestProblems(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, doc, kind, want string }{
		{"a word that there is not", doc(`<Say language="fi">Hei.</Say>`), "", `"fi" is not one of SayLanguage`},
		{"not XML", "hello", "text/plain", "not XML"},
		{"broken XML", "<Response><Say>", "", "not well formed"},
		{"a verb that is not simulated", doc(`<Pay/>`), "", "cannot carry out <Pay>"},
		{"an address elsewhere", doc(`<Redirect>https://evil.example/x</Redirect>`), "", "is not under"},
		{"a loop", doc(`<Redirect>/in</Redirect>`), "", "a loop"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{Speed: 1000}, map[string]string{"/in": tt.doc, "/fallback": doc("")})
			w.app.kinds["/in"] = tt.kind
			w.call(t, twiliosim.Person{})
			if got := strings.Join(w.Problems(), "\n"); !strings.Contains(got, tt.want) {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}
