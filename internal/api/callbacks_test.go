package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

const (
	phone = "+358401234567"
	books = `{"queue": "billing", "phone": "` + phone + `", "at": "2026-11-23T12:00:00+02:00", "name": "Aino", "topic": "invoice", "language": "fi"}`
)

// TestLifeOfACallback books, sees, moves and cancels, and is refused what
// cannot be.
func TestLifeOfACallback(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := onStore(t, st)
		key := w.key()
		res := w.ask(key, "POST", "/api/v1/callbacks", books)
		c := says[Callback](t, res, http.StatusCreated)
		if c.State != "booked" || c.At.Format(time.RFC3339) != "2026-11-23T12:00:00+02:00" || res.Header().Get("Location") != "/api/v1/callbacks/"+c.ID {
			t.Errorf("got %+v at %s", c, res.Header().Get("Location"))
		}
		if p := refuses(t, w.ask(key, "POST", "/api/v1/callbacks", books), 409, "already-booked"); p.Callback == nil || p.Callback.ID != c.ID {
			t.Errorf("the problem does not name what is in the way: %+v", p)
		}
		other := strings.Replace(books, "4567", "4568", 1)
		if p := refuses(t, w.ask(key, "POST", "/api/v1/callbacks", other), 409, "slot-taken"); len(p.Free) != 3 {
			t.Errorf("the problem names no other times: %+v", p)
		}
		for number, reason := range map[string]string{"+358600123456": "premium", "112": "invalid", "+4915112345678": "region", "' OR 1=1": "invalid"} {
			body := strings.Replace(books, phone, number, 1)
			if p := refuses(t, w.ask(key, "POST", "/api/v1/callbacks", body), 422, "number-refused"); p.Reason == "" || number == "+358600123456" && p.Reason != reason {
				t.Errorf("%s: %+v", number, p)
			}
		}
		refuses(t, w.ask(key, "POST", "/api/v1/callbacks", strings.Replace(books, "billing", "nobody", 1)), 404, "not-found")

		slots := says[struct{ Slots []time.Time }](t, w.ask(key, "GET", "/api/v1/slots?queue=billing&limit=2", ""), 200).Slots
		if len(slots) != 2 {
			t.Fatalf("got %v", slots)
		}
		moved := says[Callback](t, w.ask(key, "POST", "/api/v1/callbacks/"+c.ID+"/move", `{"at": "`+slots[1].Format(time.RFC3339)+`"}`), 200)
		if !moved.At.Equal(slots[1]) {
			t.Errorf("moved to %s, want %s", moved.At, slots[1])
		}
		got := says[struct {
			Callback
			Calls []Attempt
		}](t, w.ask(key, "GET", "/api/v1/callbacks/"+c.ID, ""), 200)
		if got.ID != c.ID || got.Calls == nil {
			t.Errorf("got %+v", got)
		}
		for range 2 { // what is cancelled stays so
			if c := says[Callback](t, w.ask(key, "POST", "/api/v1/callbacks/"+c.ID+"/cancel", ""), 200); c.State != "cancelled" {
				t.Errorf("got %+v", c)
			}
		}
		refuses(t, w.ask(key, "POST", "/api/v1/callbacks/"+c.ID+"/move", `{"at": "`+slots[1].Format(time.RFC3339)+`"}`), 409, "in-progress")
		refuses(t, w.ask(key, "GET", "/api/v1/callbacks/none", ""), 404, "not-found")
		refuses(t, w.ask(key, "POST", "/api/v1/callbacks/none/cancel", ""), 404, "not-found")
	})
}
