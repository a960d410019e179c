package api

import (
	"errors"
	"fmt"
	"testing"

	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// TestPagesWhileOthersBook holds that whoever reads all pages sees each callback
// once that was there when he began, whatever is booked meanwhile, before his
// place and behind it.
func TestPagesWhileOthersBook(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := onStore(t, st)
		key := w.key()
		books := func(n int, at string) string {
			return says[Callback](t, w.ask(key, "POST", "/api/v1/callbacks", fmt.Sprintf(`{"queue": "billing", "phone": "+35840123%04d", "at": %q}`, n, at)), 201).ID
		}
		slots := says[struct{ Slots []string }](t, w.ask(key, "GET", "/api/v1/slots?queue=billing", ""), 200).Slots
		there := map[string]bool{}
		for i := range 7 {
			there[books(i, slots[2*i+2])] = true
		}
		for i, order := range []string{"due", "made"} {
			seen := map[string]int{}
			cursor := ""
			for page := range 9 {
				p := says[struct {
					Callbacks []Callback
					Next      string
				}](t, w.ask(key, "GET", "/api/v1/callbacks?limit=3&order="+order+"&cursor="+cursor, ""), 200)
				for _, c := range p.Callbacks {
					seen[c.ID]++
				}
				if cursor = p.Next; cursor == "" {
					break
				}
				if page == 0 {
					books(100+i, slots[i])      // before all that was seen
					books(200+i, slots[9+2*i])  // among what comes
					books(300+i, slots[20+2*i]) // behind it
				}
			}
			for id, n := range seen {
				if n != 1 {
					t.Errorf("by %s %s is seen %d times", order, id, n)
				}
			}
			for id := range there {
				if seen[id] == 0 {
					t.Errorf("by %s %s is not seen", order, id)
				}
			}
		}
	})
}

// TestStatesOfDeliveries tells what was taken, what will be tried again, and what
// was given up.
func TestStatesOfDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sentOnce()
	err := w.desk.Store.(hooks.Store).UpdateHooks(t.Context(), func(tx hooks.Tx) error {
		d := hooks.Delivery{ID: "msg_2", Hook: "crm", Seq: 1, Kind: "callback.done", Body: "{}", MadeAt: morning, DueAt: morning, Tries: 1, Status: 500, Err: "it answered 500"}
		given := d
		given.ID, given.Seq, given.DoneAt = "msg_3", 2, morning
		return errors.Join(tx.AddDelivery(d), tx.AddDelivery(given))
	})
	if err != nil {
		t.Fatal(err)
	}
	got := says[struct{ Deliveries []Delivery }](t, w.ask(w.key(), "GET", "/api/v1/webhooks/crm/deliveries", ""), 200).Deliveries
	if len(got) != 3 {
		t.Fatalf("got %+v", got)
	}
	for i, want := range []string{"failed", "waiting", "delivered"} {
		if d := got[i]; d.State != want || d.NextTry.IsZero() == (want == "waiting") {
			t.Errorf("%s: got %+v, want %s", d.ID, d, want)
		}
	}
}

// TestPagesOfDeliveries reads the log of a webhook page by page.
func TestPagesOfDeliveries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := onStore(t, st)
		key, p := w.key(), w.Hooks.(*hooks.Publisher)
		for i := range 7 {
			if err := p.Tell(t.Context(), fmt.Sprint(i), hooks.Payload{Type: "callback.booked"}); err != nil {
				t.Fatal(err)
			}
		}
		seen, cursor, pages := map[string]int{}, "", 0
		for ; pages < 9; pages++ {
			got := says[struct {
				Deliveries []Delivery
				Next       string
			}](t, w.ask(key, "GET", "/api/v1/webhooks/crm/deliveries?limit=3&cursor="+cursor, ""), 200)
			for _, d := range got.Deliveries {
				seen[d.ID]++
				if d.State != "waiting" || d.Type != "callback.booked" {
					t.Errorf("got %+v", d)
				}
			}
			if cursor = got.Next; cursor == "" {
				break
			}
		}
		if len(seen) != 7 || pages != 2 {
			t.Errorf("%d pages with %v", pages+1, seen)
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s is seen %d times", id, n)
			}
			if d := says[Delivery](t, w.ask(key, "POST", "/api/v1/webhooks/crm/deliveries/"+id+"/replay", ""), 200); d.State != "waiting" {
				t.Errorf("sent again it is %+v", d)
			}
		}
	})
}
