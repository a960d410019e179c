package twilioapi_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/internal/twiliosim"
)

// TestContract holds everything that a client can send, and every answer of
// the simulator, against Twilio's published interface.
func TestContract(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{Speed: 1000}, nil)
	w.sim.AddNumber(twiliosim.Number{Number: ours, VoiceURL: public + "/v/in", SMSURL: public + "/m/in"})
	ctx := t.Context()
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	call, err := w.PlaceCall(ctx, order())
	must("place call", err)
	if !strings.HasPrefix(call.SID, "CA") || call.To != customer || call.Created.IsZero() {
		t.Errorf("the call placed is %+v", call)
	}
	await(t, w, "joins room")
	_, err = w.Redirect(ctx, call.SID, public+"/queue")
	must("redirect", err)
	await(t, w, "waits in q")
	must("dequeue", w.Dequeue(ctx, "q", call.SID, public+"/v/1"))
	for queue, sid := range map[string]string{"q": call.SID, "other": call.SID} {
		if err := w.Dequeue(ctx, queue, sid, public+"/v/1"); !errors.Is(err, twilioapi.ErrNotQueued) {
			t.Errorf("%s in queue %s: %v, want that it is not there", sid, queue, err)
		}
	}
	_, err = w.Complete(ctx, call.SID)
	must("complete", err)
	m, err := w.Send(ctx, text())
	must("send", err)
	_, err = w.Message(ctx, m.SID)
	must("look at message", err)
	texts, err := w.Messages(ctx, twilioapi.MessageFilter{To: customer})
	must("list messages", err)
	if len(texts) != 1 || texts[0].Body != text().Body || texts[0].Segments != 1 {
		t.Errorf("messages are %+v", texts)
	}
	ended, err := w.Call(ctx, call.SID)
	must("look at call", err)
	if !ended.Status.Final() || ended.AnsweredBy != "human" {
		t.Errorf("the call ended as %+v", ended)
	}
	calls, err := w.Calls(ctx, twilioapi.CallFilter{To: customer, From: ours, Since: call.Created})
	must("list calls", err)
	if len(calls) != 1 {
		t.Errorf("%d calls, want 1", len(calls))
	}
	numbers, err := w.Numbers(ctx)
	must("list numbers", err)
	if len(numbers) != 1 || numbers[0].VoiceURL != public+"/v/in" || !numbers[0].SMS {
		t.Errorf("numbers are %+v", numbers)
	}
	account, err := w.Account(ctx)
	must("look at account", err)
	if account.SID != w.sim.Account || account.Status != "active" {
		t.Errorf("the account is %+v", account)
	}
	amount, currency, err := w.Balance(ctx)
	must("look at balance", err)
	if amount != "12.34" || currency != "USD" {
		t.Errorf("the balance is %s %s", amount, currency)
	}
	w.clean(t)
}

// await waits until a call has come to something.
func await(t *testing.T, w *world, what string) {
	t.Helper()
	for !slices.ContainsFunc(w.sim.Calls(), func(c twiliosim.Call) bool { return slices.Contains(c.Log, what) }) {
		if t.Context().Err() != nil {
			t.Fatalf("nobody ever %s", what)
		}
	}
}

// TestMutations changes one thing in a request that is good: each must be
// found, or the contract proves nothing.
func TestMutations(t *testing.T) {
	t.Parallel()
	set := func(k, v string) func(url.Values) { return func(f url.Values) { f.Set(k, v) } }
	del := func(k string) func(url.Values) { return func(f url.Values) { f.Del(k) } }
	call := func(c *twilioapi.Client) error { _, err := c.PlaceCall(t.Context(), order()); return err }
	sms := func(c *twilioapi.Client) error { _, err := c.Send(t.Context(), text()); return err }
	tests := []struct {
		name   string
		send   func(*twilioapi.Client) error
		change func(url.Values)
	}{
		{"call without From", call, del("From")},
		{"call without To", call, del("To")},
		{"call without Url", call, del("Url")},
		{"call with Url and Twiml", call, set("Twiml", "<Response/>")},
		{"call with a relative Url", call, set("Url", "/v/1")},
		{"call by a method that there is not", call, set("Method", "FETCH")},
		{"call with an event that there is not", call, func(f url.Values) { f.Add("StatusCallbackEvent", "done") }},
		{"call with events in one", call, set("StatusCallbackEvent", "initiated ringing")},
		{"call with machine detection On", call, set("MachineDetection", "On")},
		{"call with AsyncAmd 1", call, set("AsyncAmd", "1")},
		{"call with a timeout in words", call, set("Timeout", "25s")},
		{"call with a timeout of an hour", call, set("Timeout", "3600")},
		{"call to nobody", call, set("To", "hello")},
		{"call with a bad Byoc", call, set("Byoc", "XX")},
		{"call with a parameter in small letters", call, set("callReason", "x")},
		{"text without a sender", sms, del("MessagingServiceSid")},
		{"text without words", sms, del("Body")},
		{"text of 1601 characters", sms, set("Body", strings.Repeat("ä", 1601))},
		{"text from a bad service", sms, set("MessagingServiceSid", "MG1")},
		{"text that is valid for a day", sms, set("ValidityPeriod", "86400")},
		{"text with a header as a parameter", sms, set("Idempotency-Token", "1")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newWorld(t, twiliosim.Config{Speed: 1000}, nil).sim
			c := newClient(t, s, func(c *twilioapi.Config) {
				c.HTTP = mutant{s.Transport(), func(path string, f url.Values) string { tt.change(f); return path }}
			})
			err := tt.send(c)
			if got := twilioapi.ClassOf(err); err == nil || got != twilioapi.Rejected {
				t.Errorf("got %v, want a rejection", err)
			}
			if got := s.Problems(); len(got) != 1 {
				t.Errorf("found %q, want one problem", got)
			}
			if n := len(s.Calls()) + len(s.Messages()); n != 0 {
				t.Errorf("%d were created", n)
			}
		})
	}
}

func TestWrongPath(t *testing.T) {
	t.Parallel()
	s := newWorld(t, twiliosim.Config{}, nil).sim
	for _, path := range []string{"/2010-04-01/Accounts/AC1/Calls.json", "/2010-04-01/Calls.json", "/v1/Calls"} {
		c := newClient(t, s, func(c *twilioapi.Config) {
			c.HTTP = mutant{s.Transport(), func(string, url.Values) string { return path }}
		})
		if _, err := c.PlaceCall(t.Context(), order()); twilioapi.ClassOf(err) != twilioapi.Rejected || err == nil {
			t.Errorf("%s: got %v, want a rejection", path, err)
		}
	}
	if got := s.Problems(); len(got) != 3 {
		t.Errorf("found %q, want three problems", got)
	}
}

func TestWrongSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{}, nil)
	c := newClient(t, w.sim, func(c *twilioapi.Config) { c.Secret = "stolen" })
	_, err := c.Account(t.Context())
	var e *twilioapi.Error
	if !asError(err, &e) || e.Status != 401 || e.Code != 20003 || e.Class != twilioapi.Rejected {
		t.Errorf("got %v, want a rejection with code 20003", err)
	}
	w.clean(t)
}

// TestPages reads a list that has more than one page.
func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{}, nil)
	for i := range 450 {
		w.sim.AddNumber(twiliosim.Number{Number: "+35893154" + string(rune('0'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10))})
	}
	all, err := w.Numbers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, n := range all {
		seen[n.Number] = true
	}
	if len(all) != 450 || len(seen) != 450 {
		t.Errorf("%d numbers, %d of them different, want 450", len(all), len(seen))
	}
	w.clean(t)
}

func TestConfig(t *testing.T) {
	t.Parallel()
	_, err := twilioapi.New(twilioapi.Config{Account: "AC1", Key: "x", URL: "ftp://x"})
	for _, want := range []string{"account", "API key", "secret", "per second", "base address", "times"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to name the %s", err, want)
		}
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	order := []twilioapi.Status{"", twilioapi.Queued, twilioapi.Initiated, twilioapi.Ringing, twilioapi.InProgress, twilioapi.Completed}
	if !slices.IsSortedFunc(order, func(a, b twilioapi.Status) int {
		if a.After(b) {
			return 1
		}
		return -1
	}) {
		t.Error("the statuses are not in order")
	}
	for _, s := range []twilioapi.Status{twilioapi.Busy, twilioapi.NoAnswer, twilioapi.Failed, twilioapi.Canceled} {
		if !s.Final() || s.After(twilioapi.Completed) || !s.After(twilioapi.InProgress) {
			t.Errorf("%s is not one of the ends", s)
		}
	}
}

// TestParameters: what is asked for is what is sent, and nothing else.
func TestParameters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{}, nil)
	plain := twilioapi.NewCall{Token: token, From: ours, To: customer, URL: public + "/v", StatusURL: public + "/s/" + token}
	plain.Token, plain.StatusURL = "plain", public+"/s/plain"
	for _, err := range []error{
		second(w.PlaceCall(t.Context(), plain)), second(w.PlaceCall(t.Context(), order())), second(w.Send(t.Context(), text())),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	const to = "StatusCallback=https%3A%2F%2Fcalls.example.org%2Fs%2F3f1c2a9d7e5b4860"
	const events = "&StatusCallbackEvent=initiated&StatusCallbackEvent=ringing&StatusCallbackEvent=answered&StatusCallbackEvent=completed"
	const who = "&To=%2B358401111111"
	const from = "&From=%2B358931542000"
	want := []string{
		"From=%2B358931542000&Method=POST&StatusCallback=https%3A%2F%2Fcalls.example.org%2Fs%2Fplain" + events + "&StatusCallbackMethod=POST" + who + "&Url=https%3A%2F%2Fcalls.example.org%2Fv",
		"AsyncAmd=true&AsyncAmdStatusCallback=https%3A%2F%2Fcalls.example.org%2Fdetect&AsyncAmdStatusCallbackMethod=POST" +
			"&CallReason=The+callback+that+you+asked+for&FallbackUrl=https%3A%2F%2Fcalls.example.org%2Ffallback" + from +
			"&MachineDetection=DetectMessageEnd&Method=POST&" + to + events + "&StatusCallbackMethod=POST&TimeLimit=3600&Timeout=25" + who +
			"&Url=https%3A%2F%2Fcalls.example.org%2Fv%2F3f1c2a9d7e5b4860",
		"Body=We+call+you+at+15%3A10.&MessagingServiceSid=MG" + strings.Repeat("c", 32) + "&" + to + who + "&ValidityPeriod=14400",
	}
	for i, r := range w.sim.Requests() {
		if got := r.Form.Encode(); got != want[i] {
			t.Errorf("request %d, %s:\n got %s\nwant %s", i, r.Method, got, want[i])
		}
	}
	w.clean(t)
}

func second[T any](_ T, err error) error { return err }
