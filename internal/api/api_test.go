package api

import (
	"strings"
	"testing"

	"github.com/holdless/holdless/callback/figures"
)

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
