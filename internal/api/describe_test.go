package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// A described API is what the description says of all operations.
type describedAPI struct {
	Paths map[string]map[string]struct {
		Description string
		Parameters  []struct{ Name, In, Description string }
		Responses   map[string]describedAnswer
	}
	Components struct {
		Responses map[string]describedAnswer
		Headers   map[string]describedHeader
	}
}

type (
	describedAnswer struct {
		Ref     string `json:"$ref"`
		Headers map[string]describedHeader
	}
	describedHeader struct {
		Ref         string `json:"$ref"`
		Description string
	}
)

// described reads the description, with all that it says once in the places that
// it is said for.
func (w *world) described() (d describedAPI) {
	w.Helper()
	if err := json.Unmarshal(w.ask("", "GET", "/api/v1/openapi.json", "").Body.Bytes(), &d); err != nil || len(d.Paths) < 12 {
		w.Fatalf("%d paths are described: %v", len(d.Paths), err)
	}
	for _, methods := range d.Paths {
		for _, op := range methods {
			for code, res := range op.Responses {
				op.Responses[code] = d.resolved(w.TB, res)
			}
		}
	}
	return d
}

// resolved follows the references of an answer.
func (d describedAPI) resolved(t testing.TB, a describedAnswer) describedAnswer {
	t.Helper()
	if name, shared := strings.CutPrefix(a.Ref, "#/components/responses/"); shared {
		a = d.Components.Responses[name]
	}
	all := map[string]describedHeader{}
	for of, h := range a.Headers {
		if name, shared := strings.CutPrefix(h.Ref, "#/components/headers/"); shared {
			h = d.Components.Headers[name]
		}
		all[of] = h
	}
	if a.Ref != "" || len(all) == 0 {
		t.Errorf("the description names %+v, and has none", a)
	}
	a.Headers = all
	return a
}

// TestAnswersAreDescribed gets an answer of each kind: its status is described
// for that operation, and so is all that comes with it; and what is described
// comes.
func TestAnswersAreDescribed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all, reads := w.key(), w.key(accounts.ReadAgents)
	const callbacks = "/api/v1/callbacks"
	once := "Idempotency-Key: one"
	got := map[string]*httptest.ResponseRecorder{
		"200 get " + callbacks:                    w.ask(all, "GET", callbacks, ""),
		"201 post " + callbacks:                   w.ask(all, "POST", callbacks, books, once),
		"400 post " + callbacks:                   w.ask(all, "POST", callbacks, "{"),
		"401 get " + callbacks:                    w.ask("", "GET", callbacks, ""),
		"403 get " + callbacks:                    w.ask(reads, "GET", callbacks, ""),
		"404 get " + callbacks + "/{id}":          w.ask(all, "GET", callbacks+"/none", ""),
		"409 post " + callbacks:                   w.ask(all, "POST", callbacks, books),
		"413 post " + callbacks:                   w.ask(all, "POST", callbacks, strings.Repeat("x", 1<<20)),
		"415 post " + callbacks:                   w.ask(all, "POST", callbacks, books, "Content-Type: text/plain"),
		"422 post " + callbacks:                   w.ask(all, "POST", callbacks, strings.Replace(books, "Aino", "Eino", 1), once),
		"422 get " + callbacks:                    w.ask(all, "GET", callbacks+"?limit=0", ""),
		"200 put /api/v1/agents/{agent}/state":    w.ask(all, "PUT", "/api/v1/agents/anna/state", `{"state": "break"}`),
		"200 post /api/v1/menus/reload":           w.ask(all, "POST", "/api/v1/menus/reload", "", once+" more"),
		"404 post /api/v1/webhooks/{name}/enable": w.ask(all, "POST", "/api/v1/webhooks/none/enable", "", once+" yet more"),
	}
	again := w.ask(all, "POST", callbacks, books, once)
	if again.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("what is sent again is answered by %v", again.Header())
	}
	w.Config.PerSecond = 1
	for range 3 {
		got["429 get /api/v1/queues"] = w.ask(reads, "GET", "/api/v1/queues", "")
	}
	w.Limits, w.Desk = nil, brokenDesk{w.Server.Desk}
	w.Config.PerSecond = 1 << 20
	got["503 get "+callbacks] = w.ask(all, "GET", callbacks, "")
	d := w.described()
	for of, res := range got {
		code, rest, _ := strings.Cut(of, " ")
		method, path, _ := strings.Cut(rest, " ")
		if strconv.Itoa(res.Code) != code {
			t.Errorf("%s: got %d %s", of, res.Code, res.Body)
		}
		told, ok := d.Paths[path][method].Responses[code]
		if !ok {
			t.Errorf("nobody is told of %s", of)
		}
		for name := range res.Header() {
			if name != "Content-Type" && name != "Connection" && !slices.ContainsFunc(mapKeys(told.Headers), func(n string) bool { return strings.EqualFold(n, name) }) {
				t.Errorf("%s comes with %s, which is not described", of, name)
			}
		}
		for name, h := range told.Headers {
			if h.Description == "" && name != "Location" || res.Header().Get(name) == "" && name != "Idempotency-Replayed" {
				t.Errorf("%s has no %s: %v", of, name, res.Header())
			}
		}
	}
	for name := range d.Paths[callbacks]["post"].Responses["201"].Headers {
		if again.Header().Get(name) == "" {
			t.Errorf("what is told again has no %s", name)
		}
	}
}

func mapKeys[V any](m map[string]V) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

// TestEveryChangeMayBeRepeated holds that the description says so of whatever
// changes something, and of nothing else.
func TestEveryChangeMayBeRepeated(t *testing.T) {
	t.Parallel()
	for path, methods := range newWorld(t).described().Paths {
		for method, op := range methods {
			told := 0
			for _, p := range op.Parameters {
				if p.Name == "Idempotency-Key" && p.In == "header" && p.Description != "" {
					told++
				}
			}
			if want := map[bool]int{true: 0, false: 1}[method == "get"]; told != want {
				t.Errorf("%s %s tells of it %d times", method, path, told)
			}
			for _, code := range []string{"429", "503"} {
				if op.Responses[code].Headers["Retry-After"].Description == "" {
					t.Errorf("%s %s does not say that %s tells when to come again", method, path, code)
				}
			}
		}
	}
}

// TestRefusals sends what is wrong in many ways: each answer names what it is,
// and what to do, and gives back no more than a word of what was sent.
func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	const callbacks = "/api/v1/callbacks"
	long := strings.Repeat("x", 500)
	with := func(more string) string { return strings.Replace(books, `"name"`, more+`, "name"`, 1) }
	for name, tt := range map[string]struct {
		method, path, body, header string
		code                       int
		problem, words             string
	}{
		"no body":           {"POST", callbacks, "", "", 400, "invalid", "It needs a body"},
		"no JSON":           {"POST", callbacks, "{", "", 400, "invalid", "unexpected end of JSON input"},
		"two bodies":        {"POST", callbacks, books + books, "", 400, "invalid", "has more behind it"},
		"a form":            {"POST", callbacks, "queue=billing", "Content-Type: application/x-www-form-urlencoded", 415, "not-json", "Content-Type: application/json"},
		"another type":      {"POST", callbacks, `["` + long + `"]`, "", 422, "invalid", "expected object"},
		"nothing":           {"POST", callbacks, `null`, "", 422, "invalid", "expected object"},
		"an unknown field":  {"POST", callbacks, with(`"else": 1`), "", 422, "invalid", `"location":"body.else"`},
		"a wrong type":      {"POST", callbacks, with(`"note": 1`), "", 422, "invalid", `"location":"body.note"`},
		"a long word":       {"POST", callbacks, with(`"owner": "` + long + `"`), "", 422, "invalid", "expected length"},
		"a field missing":   {"POST", callbacks, `{"queue": "billing"}`, "", 422, "invalid", "required property phone"},
		"a time in words":   {"POST", callbacks, `{"queue": "billing", "phone": "1", "at": "tomorrow"}`, "", 422, "invalid", `"location":"body.at"`},
		"an unknown queue":  {"POST", callbacks, strings.Replace(books, "billing", "nobody", 1), "", 404, "not-found", "GET /api/v1/queues has them all"},
		"slots of no queue": {"GET", "/api/v1/slots?queue=nobody", "", "", 404, "not-found", "GET /api/v1/queues has them all"},
		"much":              {"POST", callbacks, strings.Repeat("x", 1<<20), "", 413, "too-large", "32 KiB"},
		"much, once":        {"POST", callbacks, strings.Repeat("x", 1<<20), "Idempotency-Key: much", 413, "too-large", "32 KiB"},
		"a long key":        {"POST", callbacks, books, "Idempotency-Key: " + long, 422, "invalid", "128 letters at most"},
		"a word for none":   {"GET", callbacks + "?limit=few", "", "", 422, "invalid", `"location":"query.limit"`},
		"none":              {"GET", callbacks + "?limit=0", "", "", 422, "invalid", "expected number >= 1"},
		"too many":          {"GET", callbacks + "?limit=501", "", "", 422, "invalid", "expected number <= 500"},
		"an unknown word":   {"GET", callbacks + "?els=1", "", "", 422, "invalid", "query.els"},
		"an unknown state":  {"GET", callbacks + "?state=boked", "", "", 422, "invalid", "booked"},
		"a forged cursor":   {"GET", callbacks + "?cursor=guessed", "", "", 422, "invalid", "none of those that were given"},
		"another method":    {"DELETE", callbacks, "", "", 405, "method-not-allowed", "GET or POST"},
		"another one":       {"GET", callbacks + "/x/move", "", "", 405, "method-not-allowed", "with POST"},
		"no such path":      {"GET", "/api/v1/callback", "", "", 404, "not-found", "/api/v1/docs"},
	} {
		var headers []string
		if tt.header != "" {
			headers = append(headers, tt.header)
		}
		res := w.ask(key, tt.method, tt.path, tt.body, headers...)
		p := refuses(t, res, tt.code, tt.problem)
		if p.Detail == "" || p.Title == "" || !strings.Contains(res.Body.String(), tt.words) && !strings.Contains(p.Detail, tt.words) && !saysWrong(p, tt.words) {
			t.Errorf("%s: got %s, want %q", name, res.Body, tt.words)
		}
		if strings.Contains(res.Body.String(), long) {
			t.Errorf("%s: all of it is sent back: %s", name, res.Body)
		}
		if allowed := res.Header().Get("Allow"); (allowed != "") != (tt.code == http.StatusMethodNotAllowed) {
			t.Errorf("%s: allowed is %q", name, allowed)
		}
	}
	if res := w.ask(key, "PATCH", callbacks, ""); res.Header().Get("Allow") != "GET, POST" {
		t.Errorf("allowed is %q", res.Header().Get("Allow"))
	}
}

// saysWrong reports whether one of the mistakes of a problem has some words.
func saysWrong(p ProblemError, words string) bool {
	for _, e := range p.Errors {
		if strings.Contains(e.Message, words) {
			return true
		}
	}
	return false
}

// Whatever a stranger writes in an address or a header is no fault of ours, on
// either database.
func TestOddLetters(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := onStore(t, st)
		key := w.key()
		for _, path := range []string{
			"/callbacks?queue=%00", "/callbacks?phone=%ff", "/callbacks?agent=%00&from=0000-01-01T00:00:00Z&to=9999-12-31T23:59:59Z", "/callbacks/%00", "/callbacks/%ff",
			"/callbacks?cursor=zzzzzzzzzzzz.%00", "/callbacks?cursor=-zzzzzzzzzzzz.%ff&order=made", "/calls?phone=%00", "/surveys?phone=%ff", "/slots?queue=%00",
			"/webhooks/%00/deliveries", "/webhooks/crm/deliveries?cursor=zzzzzzzzzzzz.%ff", "/articles?words=%00", "/reports/service?queue=%ff", "/reports/feedback?agent=%00",
		} {
			if res := w.ask(key, "GET", "/api/v1"+path, ""); res.Code >= 500 {
				t.Errorf("%s: got %d %s", path, res.Code, res.Body)
			}
		}
		for _, key1 := range []string{"\x80\xff", "a\tb", "=1+1"} {
			body := strings.Replace(books, "Aino", `a\u0000b\ud800`, 1)
			if res := w.ask(key, "POST", "/api/v1/callbacks", body, "Idempotency-Key: "+key1); res.Code >= 500 {
				t.Errorf("%q: got %d %s", key1, res.Code, res.Body)
			}
		}
		if res := w.ask("hl_\x00\xff", "GET", "/api/v1/queues", ""); res.Code != http.StatusUnauthorized {
			t.Errorf("got %d", res.Code)
		}
	})
}

// TestNothingLate holds that a day is what is said of repeats.
func TestNothingLate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		w := onStore(t, st)
		key := w.key()
		now := morning
		w.users.Now = func() time.Time { return now }
		first := w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one")
		now = morning.Add(24*time.Hour - time.Second)
		if again := w.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one"); again.Body.String() != first.Body.String() || again.Code != first.Code {
			t.Errorf("within a day: %d %s", again.Code, again.Body)
		}
		other := onStore(t, st) // another process, or this one after a restart
		if again := other.ask(key, "POST", "/api/v1/callbacks", books, "Idempotency-Key: one"); again.Body.String() != first.Body.String() {
			t.Errorf("after a restart: %d %s", again.Code, again.Body)
		}
		now = morning.Add(24 * time.Hour)
		if again := w.ask(key, "POST", "/api/v1/callbacks", strings.Replace(books, "Aino", "Eino", 1), "Idempotency-Key: one"); again.Code == http.StatusUnprocessableEntity || again.Header().Get("Idempotency-Replayed") != "" {
			t.Errorf("after a day: %d %s", again.Code, again.Body)
		}
		now = morning
		for _, tt := range []struct {
			after    time.Duration
			replayed string
		}{{0, ""}, {24*time.Hour + time.Second, ""}, {0, "true"}} { // what a key named a day ago does not keep it from naming something anew
			now = now.Add(tt.after)
			if again := w.ask(key, "POST", "/api/v1/menus/reload", "", "Idempotency-Key: two"); again.Code != http.StatusOK || again.Header().Get("Idempotency-Replayed") != tt.replayed {
				t.Errorf("used anew: %d %v, want replayed %q", again.Code, again.Header(), tt.replayed)
			}
		}
	})
}
