package api

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/internal/accounts"
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

func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	for i := range 7 {
		body := fmt.Sprintf(`{"queue": "billing", "phone": "+35840123450%d", "asap": true}`, i)
		says[Callback](t, w.ask(key, "POST", "/api/v1/callbacks", body), 201)
	}
	var seen []string
	cursor, pages := "", 0
	for ; pages < 9; pages++ {
		p := says[struct {
			Callbacks []Callback
			Next      string
		}](t, w.ask(key, "GET", "/api/v1/callbacks?limit=3&state=booked&cursor="+cursor, ""), 200)
		for _, c := range p.Callbacks {
			seen = append(seen, c.Phone)
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 7 || pages != 2 {
		t.Errorf("%d pages with %v", pages+1, seen)
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
		for i := range 7 {
			says[Callback](t, w.ask(key, "POST", "/api/v1/callbacks", fmt.Sprintf(`{"queue": "billing", "phone": "+35840123450%d", "asap": true}`, i)), 201)
		}
		seen := map[string]int{}
		pages := 0
		for cursor, first := "", true; first || cursor != ""; first = false {
			if pages++; pages > 7 {
				t.Fatalf("%s: the pages have no end: %v", order, seen)
			}
			p := says[struct {
				Callbacks []Callback
				Next      string
			}](t, w.ask(key, "GET", "/api/v1/callbacks?limit=3&order="+order+"&cursor="+cursor, ""), 200)
			for _, c := range p.Callbacks {
				seen[c.ID]++
			}
			if cursor = p.Next; first { // the callback at which the page ends is moved far away
				slots := says[struct{ Slots []time.Time }](t, w.ask(key, "GET", "/api/v1/slots?queue=billing&limit=500", ""), 200)
				body := `{"at": "` + slots.Slots[len(slots.Slots)-1].Format(time.RFC3339) + `"}`
				says[Callback](t, w.ask(key, "POST", "/api/v1/callbacks/"+p.Callbacks[2].ID+"/move", body), 200)
			}
		}
		twice := 0
		for _, n := range seen {
			twice += n - 1
		}
		if len(seen) != 7 || order == "made" && twice != 0 || twice > 1 {
			t.Errorf("%s: %v", order, seen)
		}
	}
}

func TestOtherNouns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	get := func(path, words string) {
		t.Helper()
		if res := w.ask(key, "GET", "/api/v1"+path, ""); res.Code != 200 || !strings.Contains(res.Body.String(), words) {
			t.Errorf("%s: got %d %s", path, res.Code, res.Body)
		}
	}
	get("/queues", `"open":true`)
	get("/agents", `"state":"available"`)
	get("/menus", `"version":"v1"`)
	get("/articles", `"name":"due"`)
	get("/articles?words=lasku", `"name":"due"`)
	get("/articles?topic=invoice", `"Ask for its number."`)
	get("/articles?words=else", `"articles":[]`)
	get("/calls?phone=%2B358401234567", `"calls":[]`)
	get("/surveys?phone=%2B358401234567", `"answers":[]`)
	get("/reports/service", `"sections":[]`)
	get("/reports/missed?from=2026-01-01&to=2026-01-31", `"missed":[]`)
	w.counts(figures.Said("csat", 5), 6, map[string]string{figures.ByAgent: "anna"})
	w.counts(figures.Said("csat", 1), 6, nil)
	w.counts(figures.Resolved, 20, nil)
	w.counts(figures.Repeated, 5, nil)
	get("/reports/feedback", `"csat":{"value":0.5,"low":0.25378159616252394,"high":0.7462184038374761,"n":12}`)
	get("/reports/feedback", `"fcr":{"value":0.75,"low":0.5312991206074114,"high":0.8881382993000239,"n":20}`)
	get("/reports/feedback?agent=anna", `"csat":{"value":1,"low":0.6096657083436264,"high":1,"n":6}`)
	get("/reports/feedback?queue=sales", `"csat":{"value":0,"low":0,"high":1,"n":0}`)
	get("/reports/feedback?to=2020-01-01T00:00:00Z", `"csat":{"value":0,"low":0,"high":1,"n":0}`)
	refuses(t, w.ask(key, "GET", "/api/v1/reports/service?from=2026-02-31", ""), 422, "invalid")
	refuses(t, w.ask(key, "GET", "/api/v1/reports/missed?from=2026-01-02&to=2026-01-01", ""), 422, "invalid")
	refuses(t, w.ask(key, "GET", "/api/v1/reports/service?by=mood", ""), 422, "invalid")
	get("/webhooks", `"name":"crm"`)
	get("/webhooks/crm/deliveries", `"deliveries":[]`)
	refuses(t, w.ask(key, "GET", "/api/v1/webhooks/none/deliveries", ""), 404, "not-found")
	refuses(t, w.ask(key, "POST", "/api/v1/webhooks/crm/deliveries/none/replay", ""), 404, "not-found")
	refuses(t, w.ask(key, "POST", "/api/v1/webhooks/none/enable", ""), 404, "not-found")
	if a := says[Agent](t, w.ask(key, "PUT", "/api/v1/agents/anna/state", `{"state": "break"}`), 200); a.State != "break" {
		t.Errorf("got %+v", a)
	}
	refuses(t, w.ask(key, "PUT", "/api/v1/agents/eve/state", `{"state": "break"}`), 404, "not-found")
	if w.ask(key, "POST", "/api/v1/menus/reload", ""); len(w.reloads) != 1 || !strings.HasPrefix(w.reloads[0], "api:") {
		t.Errorf("menus were reloaded by %q", w.reloads)
	}
	refuses(t, w.ask(key, "DELETE", "/api/v1/queues", ""), 405, "method-not-allowed")
	refuses(t, w.ask(key, "GET", "/api/v1/else", ""), 404, "not-found")
}

// TestTwoYears are 732 days of the zone, which are an hour more than 732 times
// 24 when they begin in summer and end in winter, and not one day more.
func TestTwoYears(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	w.Zone = zone
	key := w.key()
	for from, want := range map[string]int{"2024-10-25": 200, "2024-10-24": 422} { // the clocks go back on 27 October 2024 and on 25 October 2026
		if res := w.ask(key, "GET", "/api/v1/reports/service?to=2026-10-26&from="+from, ""); res.Code != want {
			t.Errorf("from %s: got %d %s, want %d", from, res.Code, res.Body, want)
		}
	}
}

// TestDayWithoutMidnight names the days as they were asked for where clocks are set
// forward at midnight, so that a day begins at one o'clock.
func TestDayWithoutMidnight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zone, err := time.LoadLocation("America/Havana")
	if err != nil {
		t.Fatal(err)
	}
	w.Zone = zone
	const day = "2026-03-08"
	p := says[struct{ From, To string }](t, w.ask(w.key(), "GET", "/api/v1/reports/service?from="+day+"&to="+day, ""), 200)
	if p.From != day || p.To != day {
		t.Errorf("got %s to %s, want %s", p.From, p.To, day)
	}
}

// TestServiceReport tells what the service did to programs, and nothing of few
// answers.
func TestServiceReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	said := func(n int) {
		t.Helper()
		err := w.desk.Store.Update(t.Context(), func(tx callback.Tx) error {
			for name, n := range map[string]int{figures.Kept: 9, figures.Late: 1, figures.Said("csat", 5): n} {
				m := callback.Measure{Queue: "billing", Since: w.Now(), Count: figures.Count{Name: name, N: n}, Parts: map[string]string{figures.ByAgent: "anna"}}
				if err := tx.Measure(m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask := func(by string) Section {
		t.Helper()
		p := says[struct{ Sections []Section }](t, w.ask(key, "GET", "/api/v1/reports/service?by="+by, ""), 200)
		if len(p.Sections) != 1 {
			t.Fatalf("by %s there is %+v", by, p)
		}
		return p.Sections[0]
	}
	said(9)
	if got := ask("agent"); got.Of != "anna" || got.Promises.Kept != (figures.Ratio{Part: 9, Whole: 10}) || got.CSAT != nil {
		t.Errorf("of anna: %+v", got)
	}
	said(1)
	if got := ask("queue"); got.Of != "billing" || got.CSAT == nil || got.CSAT.N != 10 || got.CSAT.Value != 1 || got.FCR != nil {
		t.Errorf("of billing: %+v", got)
	}
}

// TestScopes asks everything that is described with every scope, and as every
// role: no operation is open by mistake.
func TestScopes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens := map[accounts.Scope]string{}
	for _, scope := range accounts.Scopes() {
		tokens[scope] = w.key(scope)
	}
	spec := w.described()
	for path, methods := range spec.Paths {
		for method, op := range methods {
			needs := accounts.Scope(strings.TrimSuffix(strings.TrimPrefix(op.Description, "Needs the scope "), "."))
			if !slices.Contains(accounts.Scopes(), needs) {
				t.Fatalf("%s %s says %q", method, path, op.Description)
			}
			to := strings.NewReplacer("{id}", "none", "{agent}", "none", "{name}", "none").Replace(path)
			refuses(t, w.ask("", strings.ToUpper(method), to, ""), 401, "not-signed-in")
			for scope, token := range tokens {
				res := w.askBriefly(token, strings.ToUpper(method), to)
				if (res.Code == http.StatusForbidden) != (scope != needs) {
					t.Errorf("%s lets %s %s: %d", scope, method, path, res.Code)
				}
			}
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.key()
	says[any](t, w.ask(good, "GET", "/api/v1/queues", ""), 200)
	for _, forged := range []string{"x", "hl_", "hl_" + strings.Repeat("A", 26), strings.ToLower(good), good + " ", strings.Repeat("hl_", 5000)} {
		if res := w.ask(forged, "GET", "/api/v1/queues", ""); res.Code != 401 && strings.TrimSpace(forged) != good {
			t.Errorf("%.40q: got %d", forged, res.Code)
		}
	}
	for _, auth := range []string{"Basic eDp5", "Basic " + good, "Bearer", "Bearer  ", good} {
		if res := w.ask("", "GET", "/api/v1/queues", "", "Authorization: "+auth); res.Code != 401 || res.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%q: got %d", auth, res.Code)
		}
	}
	all, err := w.users.Keys(t.Context())
	if err != nil || len(all) != 1 || strings.Contains(fmt.Sprint(all), good) {
		t.Fatalf("got %v, %v", all, err)
	}
	if err := w.users.RevokeKey(t.Context(), all[0].Name, "test"); err != nil {
		t.Fatal(err)
	}
	refuses(t, w.ask(good, "GET", "/api/v1/queues", ""), 401, "not-signed-in")
}

// An agent who has signed in sets himself, and nobody else.
func TestAgentsInABrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ask := func(u accounts.User, method, path, body string) int { return w.asUser(u, method, path, body).Code }
	anna := accounts.User{Name: "anna", Role: accounts.Agent, Agent: "anna"}
	for who, want := range map[accounts.User]int{
		anna: 200, {Name: "bo", Role: accounts.Agent, Agent: "bo"}: 403, {Name: "x", Role: accounts.Agent}: 403, {Name: "sam", Role: accounts.Supervisor}: 200,
	} {
		if got := ask(who, "PUT", "/api/v1/agents/anna/state", `{"state": "break"}`); got != want {
			t.Errorf("%s: got %d, want %d", who.Name, got, want)
		}
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Config.PerSecond = 5
	key, other := w.key(), w.key()
	for i := range 10 {
		if res := w.ask(key, "GET", "/api/v1/queues", ""); res.Code != 200 || res.Header().Get("RateLimit-Remaining") != fmt.Sprint(9-i) {
			t.Fatalf("request %d: %d, %s left", i, res.Code, res.Header().Get("RateLimit-Remaining"))
		}
	}
	res := w.ask(key, "GET", "/api/v1/queues", "")
	refuses(t, res, 429, "too-many-requests")
	if res.Header().Get("Retry-After") != "1" || res.Header().Get("RateLimit-Limit") != "10" || res.Header().Get("RateLimit-Reset") != "2" {
		t.Errorf("got %v", res.Header())
	}
	if res := w.ask(other, "GET", "/api/v1/queues", ""); res.Code != 200 {
		t.Errorf("another key pays for it: %d", res.Code)
	}
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := onStore(t, st)
		key, other := w.key(), w.key()
		first := w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one")
		second := w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one")
		if first.Code != 201 || second.Code != 201 || first.Body.String() != second.Body.String() || second.Header().Get("Idempotency-Replayed") != "true" {
			t.Errorf("got %d %s, then %d %s", first.Code, first.Body, second.Code, second.Body)
		}
		if at := second.Header().Get("Location"); at == "" || at != first.Header().Get("Location") {
			t.Errorf("it is at %q, and then at %q", first.Header().Get("Location"), at)
		}
		refuses(t, w.ask(key, "POST", "/api/v1/callbacks", strings.Replace(books, "Aino", "Eino", 1), "Idempotency-Key: one"), 422, "key-reused")
		refuses(t, w.ask(key, "POST", "/api/v1/callbacks/none/cancel", books, "Idempotency-Key: one"), 422, "key-reused")
		refuses(t, w.ask(other, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one"), 409, "already-booked")
		refuses(t, w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: "+strings.Repeat("k", 129)), 422, "invalid")
	})
}

// gone is a client that hangs up when its answer begins.
type gone struct {
	*httptest.ResponseRecorder
	hangUp context.CancelFunc
}

func (g gone) WriteHeader(code int) {
	g.hangUp()
	g.ResponseRecorder.WriteHeader(code)
}

func (g gone) Write(p []byte) (int, error) {
	g.hangUp()
	return g.ResponseRecorder.Write(p)
}

func TestClientHangsUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	ctx, hangUp := context.WithCancel(t.Context())
	r := httptest.NewRequest("POST", "/api/v1/callbacks", strings.NewReader(books)).WithContext(ctx)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Idempotency-Key", "one")
	w.all.ServeHTTP(gone{httptest.NewRecorder(), hangUp}, r)
	if ctx.Err() == nil {
		t.Fatal("the client has not hung up")
	}
	if again := w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one"); again.Code != 201 || again.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("got %d %s", again.Code, again.Body)
	}
}

// TestManyAtOnce sends the same booking 10,000 times at once, with a key of the
// request and without: one callback comes of it.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	many := 10_000
	if testing.Short() {
		many = 500
	}
	w := newWorld(t)
	key := w.key()
	var booked, refused, other atomic.Int64
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			body, header := books, "X-None: x"
			if i%2 == 0 {
				header = "Idempotency-Key: the same"
			}
			switch res := w.ask(key, "POST", "/api/v1/callbacks", body, header); res.Code {
			case 201:
				booked.Add(1)
			case 409:
				refused.Add(1)
			default:
				other.Add(1)
				t.Errorf("got %d %s", res.Code, res.Body)
			}
		})
	}
	all.Wait()
	found, err := w.desk.List(t.Context(), callback.Filter{})
	if err != nil || len(found) != 1 {
		t.Fatalf("%d callbacks, %v", len(found), err)
	}
	// Those with the key were all told the same: booked, or that another was quicker.
	if b, r := booked.Load(), refused.Load(); b+r != int64(many) || b != 1 && b != int64(many/2) && b != int64(many/2)+1 {
		t.Errorf("%d were told that it is booked, %d that it was", b, r)
	}
}

// TestOnceAtATime sends one request many times at once that nothing but its key
// keeps from being done each time.
func TestOnceAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if res := w.ask(key, "POST", "/api/v1/menus/reload", "", "Idempotency-Key: the same"); res.Code != http.StatusOK {
				t.Errorf("got %d %s", res.Code, res.Body)
			}
		})
	}
	all.Wait()
	if len(w.reloads) != 1 {
		t.Errorf("it was done %d times", len(w.reloads))
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	for name, body := range map[string]string{
		"nothing": "", "no JSON": "{", "another type": `[1]`, "unknown field": `{"queue": "billing", "phone": "` + phone + `", "else": 1}`,
		"number as a number": `{"queue": "billing", "phone": 358401234567}`, "long name": `{"queue": "billing", "phone": "1", "name": "` + strings.Repeat("x", 201) + `"}`,
		"time in words": `{"queue": "billing", "phone": "1", "at": "tomorrow"}`, "both times": strings.Replace(books, `"name"`, `"asap": true, "name"`, 1),
		"no agent": strings.Replace(books, `"name"`, `"owner": "nobody", "name"`, 1),
	} {
		res := w.ask(key, "POST", "/api/v1/callbacks", body)
		if res.Code != 422 && res.Code != 400 || res.Header().Get("Content-Type") != problemType {
			t.Errorf("%s: got %d %s %s", name, res.Code, res.Header().Get("Content-Type"), res.Body)
		}
		refuses(t, res, res.Code, "invalid")
	}
	for _, path := range []string{"/callbacks?limit=0", "/callbacks?limit=x", "/callbacks?else=1", "/slots", "/slots?queue=billing&limit=100000", "/calls", "/callbacks?from=monday", "/callbacks?cursor=x", "/callbacks?order=else"} {
		refuses(t, w.ask(key, "GET", "/api/v1"+path, ""), 422, "invalid")
	}
	huge := `{"queue": "billing", "note": "` + strings.Repeat("x", 1<<20) + `"}`
	for _, header := range []string{"X-None: x", "Idempotency-Key: huge"} {
		refuses(t, w.ask(key, "POST", "/api/v1/callbacks", huge, header), 413, "too-large")
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	c := says[Callback](t, w.ask(key, "POST", "/api/v1/callbacks", books), 201)
	refuses(t, w.ask(w.key(accounts.ReadAgents), "GET", "/api/v1/events", ""), 403, "not-allowed")
	srv := httptest.NewUnstartedServer(w.all)
	srv.Config.ReadTimeout = 5 * time.Second // as a server has that strangers can reach
	srv.Start()
	defer srv.Close()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Last-Event-ID", "0")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var got string
	until := func(want string) {
		for buf := make([]byte, 4096); !strings.Contains(got, want); {
			n, err := res.Body.Read(buf)
			if err != nil {
				t.Fatalf("%v after %s", err, got)
			}
			got += string(buf[:n])
		}
	}
	until("event: callback.booked")
	<-time.After(srv.Config.ReadTimeout + time.Second)
	if res := w.ask(key, "POST", "/api/v1/callbacks/"+c.ID+"/cancel", "{}"); res.Code != http.StatusOK && res.Code != http.StatusNoContent {
		t.Fatalf("%d %s", res.Code, res.Body)
	}
	until("event: callback.cancelled")
	if !strings.HasPrefix(got, "id: 0\n\n") {
		t.Errorf("it does not begin with where it begins: %.40q", got)
	}
	if !strings.Contains(got, c.ID) || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("got %s", got)
	}
	if end, err := w.desk.LastEntry(t.Context()); err != nil || end < 1 {
		t.Errorf("the journal ends at %d, %v", end, err)
	}
}

// TestDocumentation finds every operation on the page, which loads nothing from
// elsewhere.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := w.ask("", "GET", "/api/v1/docs", "").Body.String()
	for _, want := range []string{"POST /api/v1/callbacks", "slot-taken", "GET /api/v1/reports/feedback", "Idempotency-Key", "&#43;358401234567"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "//unpkg") || strings.Contains(page, `"https://`) {
		t.Error("the page loads something")
	}
	if spec := w.ask("", "GET", "/api/v1/openapi.json", "").Body.String(); !strings.Contains(spec, `"openapi":"3.1.0"`) {
		t.Errorf("got %.100s", spec)
	}
	if res := w.ask("", "GET", "/problems/slot-taken", ""); res.Header().Get("Location") != "/api/v1/docs#slot-taken" {
		t.Errorf("got %v", res.Header())
	}
}
