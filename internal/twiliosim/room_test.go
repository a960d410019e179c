package twiliosim_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/internal/twiliosim"
)

const meeting = `<Dial action="/after"><Conference waitUrl="" beep="false" participantLabel="agent" startConferenceOnEnter="true" ` +
	`statusCallback="/room" statusCallbackEvent="start end join leave">job-1</Conference></Dial>`

// talks is a person who hangs up after a time.
func talks(d time.Duration) twiliosim.Person {
	return twiliosim.Person{Talk: func(ctx context.Context, _ twiliosim.Call, _ string) {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
	}}
}

// TestConference is a callback: the agent comes first, the customer is called
// in, and ends it.
func TestConference(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{Person: func(n string) twiliosim.Person {
			if n == customer {
				return talks(5 * time.Minute)
			}
			return twiliosim.Person{}
		}}, map[string]string{"/out": doc(meeting), "/after": doc(`<Say>Well done.</Say>`)})
		first := w.place(t, agent)
		synctest.Wait()
		status, body := w.post(t, "/Conferences/job-1/Participants.json", url.Values{
			"To": {customer}, "From": {ours}, "Label": {"customer"}, "EarlyMedia": {"true"}, "EndConferenceOnExit": {"true"},
			"StatusCallback": {public + "/status2"}, "StatusCallbackEvent": {"answered", "completed"},
		})
		if status != http.StatusCreated {
			t.Fatalf("the participant was answered with %d: %s", status, body)
		}
		synctest.Wait()
		same(t, "room", w.Rooms()["job-1"], []string{"agent", "customer"})
		began := time.Now()
		c, err := w.Await(t.Context(), first)
		if err != nil {
			t.Fatal(err)
		}
		if d := time.Since(began); d != 5*time.Minute {
			t.Errorf("they talked for %v", d)
		}
		same(t, "log", c.Log, []string{"joins job-1", "leaves job-1", "hears Well done."})
		synctest.Wait()
		same(t, "events", w.app.values("/room", "StatusCallbackEvent"), []string{
			"participant-join", "participant-join", "conference-start", "participant-leave", "participant-leave", "conference-end",
		})
		same(t, "labels", w.app.values("/room", "ParticipantLabel"), []string{"agent", "customer", "", "customer", "agent", ""})
		same(t, "numbers", w.app.values("/room", "SequenceNumber"), []string{"1", "2", "3", "4", "5", "6"})
		same(t, "customer", w.app.values("/status2", "CallStatus"), []string{"in-progress", "completed"})
		same(t, "after", w.app.values("/after", "DialCallStatus"), []string{"completed"})
		if n := len(w.Rooms()); n != 0 {
			t.Errorf("%d rooms are left", n)
		}
		w.clean(t)
	})
}

// TestRoomOverREST removes one, and ends it for the other.
func TestRoomOverREST(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, map[string]string{"/out": doc(meeting), "/after": doc(`<Pause length="60"/>`)})
		a, b := w.place(t, agent), w.place(t, customer)
		synctest.Wait()
		same(t, "room", w.Rooms()["job-1"], []string{"agent", "agent"})
		w.Hangup(b)
		synctest.Wait()
		same(t, "room", w.Rooms()["job-1"], []string{"agent"})
		sid := w.app.hooks("/room")[0].Get("ConferenceSid")
		if status, body := w.post(t, "/Conferences/"+sid+".json", url.Values{"Status": {"completed"}}); status != http.StatusOK {
			t.Errorf("the end was answered with %d: %s", status, body)
		}
		synctest.Wait()
		if c, _ := w.Call(a); c.Status != "in-progress" || len(w.app.hooks("/after")) != 1 {
			t.Errorf("after the end of the conference the call is %s: %q", c.Status, c.Log)
		}
		if status, _ := w.post(t, "/Conferences/"+sid+"/Participants.json", url.Values{"To": {customer}, "From": {ours}}); status != http.StatusNotFound {
			t.Errorf("a participant of a conference that is over was answered with %d", status)
		}
		w.clean(t)
	})
}

// TestNoKeysInConference: nobody hears keys in the document of waitUrl.
func TestNoKeysInConference(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, twiliosim.Config{}, map[string]string{
			"/in":   doc(`<Dial><Conference waitUrl="/wait">x</Conference></Dial>`),
			"/wait": doc(`<Gather numDigits="1"><Say>Press 2.</Say></Gather>`),
		})
		sid := w.Ring(customer, ours, twiliosim.Person{})
		synctest.Wait()
		w.Hangup(sid)
		if len(w.Problems()) != 1 {
			t.Errorf("found %q, want one problem", w.Problems())
		}
	})
}
