package api

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// bookSeven books one callback as soon as possible for each of seven people.
func (w *world) bookSeven(key string) {
	w.Helper()
	for i := range 7 {
		says[Callback](w.TB, w.ask(key, "POST", "/api/v1/callbacks", fmt.Sprintf(`{"queue": "billing", "phone": "+35840123450%d", "asap": true}`, i)), 201)
	}
}

// pages reads a list of callbacks to its end, three to a page, and gives each page
// to read before it asks for the next. It returns how many there were.
func (w *world) pages(key, query string, read func(page int, shown []Callback)) int {
	w.Helper()
	cursor := ""
	for page := range 9 {
		p := says[struct {
			Callbacks []Callback
			Next      string
		}](w.TB, w.ask(key, "GET", "/api/v1/callbacks?limit=3&"+query+"&cursor="+cursor, ""), 200)
		read(page, p.Callbacks)
		if cursor = p.Next; cursor == "" {
			return page + 1
		}
	}
	w.Fatalf("the pages of %s have no end", query)
	return 0
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	w.bookSeven(key)
	var seen []string
	pages := w.pages(key, "state=booked", func(_ int, shown []Callback) {
		for _, c := range shown {
			seen = append(seen, c.Phone)
		}
	})
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 7 || pages != 3 {
		t.Errorf("%d pages with %v", pages, seen)
	}
	p := says[struct{ Callbacks []Callback }](t, w.ask(key, "GET", "/api/v1/callbacks?phone="+url.QueryEscape("+358401234503"), ""), 200)
	if len(p.Callbacks) != 1 {
		t.Errorf("got %+v", p)
	}
}

// What changes between two pages, or is gone, keeps nothing else from being seen
// once.
func TestPagesStand(t *testing.T) {
	t.Parallel()
	for _, order := range []string{"due", "made"} {
		w := newWorld(t)
		key := w.key()
		w.bookSeven(key)
		seen := map[string]int{}
		w.pages(key, "order="+order, func(page int, shown []Callback) {
			for _, c := range shown {
				seen[c.ID]++
			}
			if page == 0 { // the callback at which the page ends is moved far away
				slots := says[struct{ Slots []time.Time }](t, w.ask(key, "GET", "/api/v1/slots?queue=billing&limit=500", ""), 200)
				body := `{"at": "` + slots.Slots[len(slots.Slots)-1].Format(time.RFC3339) + `"}`
				says[Callback](t, w.ask(key, "POST", "/api/v1/callbacks/"+shown[2].ID+"/move", body), 200)
			}
		})
		twice := 0
		for _, n := range seen {
			twice += n - 1
		}
		if len(seen) != 7 || order == "made" && twice != 0 || twice > 1 {
			t.Errorf("%s: %v", order, seen)
		}
	}
}

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
			w.pages(key, "order="+order, func(page int, shown []Callback) {
				for _, c := range shown {
					seen[c.ID]++
				}
				if page == 0 {
					books(100+i, slots[i])      // before all that was seen
					books(200+i, slots[9+2*i])  // among what comes
					books(300+i, slots[20+2*i]) // behind it
				}
			})
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
