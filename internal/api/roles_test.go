package api

import (
	"context"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/hooks"
)

// asUser asks as somebody who has signed in in a browser.
func (w *world) asUser(u accounts.User, method, path, body string) *httptest.ResponseRecorder {
	w.Helper()
	ctx, hangUp := context.WithCancel(accounts.With(w.Context(), u))
	defer hangUp()
	r := httptest.NewRequest(method, path, strings.NewReader(body)).WithContext(ctx)
	r.Header.Set("Content-Type", "application/json")
	out := httptest.NewRecorder()
	if path == Prefix+"/events" { // it has no end
		w.all.ServeHTTP(gone{out, hangUp}, r)
	} else {
		w.all.ServeHTTP(out, r)
	}
	return out
}

// mayNot are the operations that a role may not ask for; an admin may ask for all.
var mayNot = map[accounts.Role][]string{
	accounts.Admin:      nil,
	accounts.Supervisor: {"post /webhooks/{name}/deliveries/{id}/replay", "post /webhooks/{name}/enable"},
	accounts.Agent: {
		"post /webhooks/{name}/deliveries/{id}/replay", "post /webhooks/{name}/enable", "get /webhooks", "get /webhooks/{name}/deliveries",
		"get /callbacks", "post /callbacks", "get /callbacks/{id}", "post /callbacks/{id}/move", "post /callbacks/{id}/cancel", "get /slots", "get /queues",
		"get /calls", "get /surveys", "get /reports/feedback", "get /reports/missed", "get /reports/service", "get /events", "post /menus/reload",
	},
}

// TestRolesAndOperations asks for all that is described as each role: who may
// not learns nothing. An operation that is new is of the admins, until somebody
// says otherwise here.
func TestRolesAndOperations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := map[string]bool{}
	for path, methods := range w.described().Paths {
		for method := range methods {
			of := method + " " + strings.TrimPrefix(path, Prefix)
			asked[of] = true
			to := strings.NewReplacer("{id}", "none", "{agent}", "anna", "{name}", "none").Replace(path)
			for role, not := range mayNot {
				res := w.asUser(accounts.User{Name: "x", Role: role, Agent: "anna"}, strings.ToUpper(method), to, "")
				if refused := res.Code == 403; refused != slices.Contains(not, of) {
					t.Errorf("%s as %s: got %d %s", of, role, res.Code, res.Body)
				}
			}
		}
	}
	for _, all := range mayNot {
		for _, of := range all {
			if !asked[of] {
				t.Errorf("there is no %s any more", of)
			}
		}
	}
}

// sentOnce has the webhook crm sent something, and disabled since.
func (w *world) sentOnce() {
	w.Helper()
	err := w.desk.Store.(hooks.Store).UpdateHooks(w.Context(), func(tx hooks.Tx) error {
		d := hooks.Delivery{ID: "msg_1", Hook: "crm", Kind: "callback.done", Body: "{}", MadeAt: morning, DueAt: morning, DoneAt: morning}
		return errors.Join(tx.AddDelivery(d), tx.PutHook(hooks.Hook{Name: "crm", FailingSince: morning, DisabledAt: morning}))
	})
	if err != nil {
		w.Fatal(err)
	}
}

// TestWhoDidIt holds that the audit names who asked, and not whom it is about.
func TestWhoDidIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	c := says[Callback](t, w.ask(key, "POST", "/api/v1/callbacks", books), 201)
	says[Agent](t, w.ask(key, "PUT", "/api/v1/agents/anna/state", `{"state": "break"}`), 200)
	sam := accounts.User{Name: "sam", Role: accounts.Supervisor}
	says[Agent](t, w.asUser(sam, "PUT", "/api/v1/agents/anna/state", `{"state": "available"}`), 200)
	slot := says[struct{ Slots []string }](t, w.ask(key, "GET", "/api/v1/slots?queue=billing", ""), 200).Slots[1]
	says[Callback](t, w.asUser(sam, "POST", "/api/v1/callbacks/"+c.ID+"/move", `{"at": "`+slot+`"}`), 200)
	says[Callback](t, w.asUser(sam, "POST", "/api/v1/callbacks/"+c.ID+"/cancel", ""), 200)
	w.sentOnce()
	says[Delivery](t, w.ask(key, "POST", "/api/v1/webhooks/crm/deliveries/msg_1/replay", ""), 200)
	root := accounts.User{Name: "root", Role: accounts.Admin}
	says[struct{ Webhooks []Webhook }](t, w.asUser(root, "POST", "/api/v1/webhooks/crm/enable", ""), 200)
	says[struct{}](t, w.asUser(sam, "POST", "/api/v1/menus/reload", ""), 200)
	if !slices.Equal(w.reloads, []string{"user:sam"}) {
		t.Errorf("menus are reloaded by %q", w.reloads)
	}
	all, err := w.desk.Changes(t.Context(), callback.ChangeFilter{Max: 100})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range slices.Backward(all) {
		who, _, _ := strings.Cut(e.Who, ":")
		if e.What == "key.added" {
			continue
		}
		got = append(got, who+" "+e.What+" "+strings.Replace(e.On, c.ID, "it", 1))
	}
	want := []string{
		"api callback.booked it", "api agent.break anna", "user agent.available anna", "user callback.booked it", "user callback.cancelled it",
		"api webhook.replayed crm", "user webhook.enabled crm",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
