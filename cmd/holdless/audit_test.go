package main

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/internal/store"
)

// TestCommandsAreAudited types each command that changes something: the audit
// has it with who typed, whether or not the service runs.
func TestCommandsAreAudited(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"running", "stopped"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, _ := ownMenu(t, patient("version 0"), "sounds: {cache: false}\n"+
				"webhooks: {crm: {url: \"http://127.0.0.1:9/\", private: true, headers: {Authorization: x}, events: [callback.failed]}}\n")
			r := startWith(t, config)
			r.before(t)
			if name == "stopped" {
				r.stop()
				r.end(t)
			}
			r.typesAll(t)
			if name == "running" {
				r.stop()
				r.end(t)
			}
			all := auditedOf(t, r.file)
			shell := "shell:" + shellUser()
			for _, want := range []string{
				"dialing.stopped by operator", "callback.booked by operator: request", "callback.booked by operator: reschedule",
				"callback.cancelled by operator: caller_cancel", "number.allowed by operator of call", "agent.break by operator of anna", "person.erased by operator", "dialing.started by operator",
				"user.added by " + shell + " of bert", "user.changed by " + shell + " of bert", "user.link by " + shell + " of bert",
				"user.signed_out by " + shell + " of bert", "user.removed by " + shell + " of bert",
				"key.added by " + shell + " of program", "key.revoked by " + shell + " of program", "feed.added by " + shell + " of anna", "feed.ended by " + shell + " of anna",
				"webhook.replayed by " + shell + " of crm", "webhook.enabled by " + shell + " of crm",
				"menu.trial by " + shell + " of main.yaml", "menu.withdrawn by " + shell + " of main.yaml", "menu.promoted by " + shell + " of main.yaml",
			} {
				if !slices.Contains(all, want) {
					t.Errorf("%q is not in\n%s", want, strings.Join(all, "\n"))
				}
			}
			// The one that was promoted, the one that was rolled back to, and what was
			// read again; that one the service may have seen by itself, or at its start.
			live := map[string]int{}
			for _, said := range all {
				if strings.HasPrefix(said, "menu.live by ") && strings.HasSuffix(said, " of main.yaml") {
					live[strings.Fields(said)[2]]++
				}
			}
			if read := live[menus.ByStart] - 1 + live[menus.ByFile]; live[shell]+read != 3 || live[shell] < 2 {
				t.Errorf("menus went live by %v", live)
			}
		})
	}
}

// before has somebody who wants no calls, and a webhook that is disabled.
func (r *running) before(t *testing.T) {
	t.Helper()
	at := time.Now()
	err := r.store.UpdateHooks(t.Context(), func(tx hooks.Tx) error {
		d := hooks.Delivery{ID: "msg_1", Hook: "crm", Kind: "callback.failed", Body: "{}", MadeAt: at, DueAt: at, DoneAt: at}
		return errors.Join(tx.AddDelivery(d), tx.PutHook(hooks.Hook{Name: "crm", FailingSince: at, DisabledAt: at}))
	})
	err = errors.Join(err, r.store.Update(t.Context(), func(tx callback.Tx) error {
		return tx.Block("+358407654321", callback.NoCalls, time.Time{})
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// typesAll types each command that changes something.
func (r *running) typesAll(t *testing.T) {
	t.Helper()
	types := func(args ...string) string {
		t.Helper()
		code, out, errs := holdless(t, append(args, "-c", r.file)...)
		if code != exitDone {
			t.Fatalf("%v: got %d %s", args, code, errs)
		}
		return out
	}
	types("dialing", "stop") // nobody takes in hand what is promised here
	id := book(t, r.file, "+358401234567")
	var free []slot
	err := json.Unmarshal([]byte(types("callbacks", "slots", "--queue", "billing", "--json")), &free)
	free = slices.DeleteFunc(free, func(s slot) bool { return s.Taken >= s.Places })
	if err != nil || len(free) == 0 {
		t.Fatalf("%+v, %v", free, err)
	}
	types("callbacks", "move", id, free[len(free)-1].At.Format(time.RFC3339))
	types("callbacks", "cancel", id)
	types("callbacks", "allow", "+358407654321")
	types("agents", "set", "anna", "break")
	types("erase", "+358407654322")
	types("dialing", "start")
	types("user", "add", "bert", "--role", "supervisor")
	types("user", "change", "bert", "--role", "admin")
	types("user", "link", "bert")
	types("user", "signout", "bert")
	types("user", "remove", "bert")
	types("keys", "add", "program", "--scope", "callbacks:read")
	types("keys", "revoke", "program")
	types("lists", "link", "anna")
	var links []feedLine
	if err := json.Unmarshal([]byte(types("lists", "links", "--json")), &links); err != nil || len(links) != 1 {
		t.Fatalf("%+v, %v", links, err)
	}
	types("lists", "unlink", links[0].ID)
	types("webhooks", "replay", "crm", "msg_1")
	types("webhooks", "enable", "crm")
	draft := filepath.Join(t.TempDir(), "draft.yaml")
	putFile(t, draft, types("menus", "show", "main.yaml")+"# another\n")
	types("menus", "trial", "main.yaml", draft)
	types("menus", "withdraw", "main.yaml")
	types("menus", "trial", "main.yaml", draft)
	types("menus", "promote", "main.yaml")
	types("rollback", "main.yaml")
	putFile(t, filepath.Join(filepath.Dir(r.file), "main.yaml"), patient("version 2"))
	types("reload")
}

// auditedOf are the changes that people made to what a stopped service keeps.
func auditedOf(t *testing.T, file string) (all []string) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Dir: dataOf(t, file)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.View(t.Context(), func(tx callback.Tx) error {
		found, err := tx.Changes(callback.ChangeFilter{Max: 1000})
		for _, e := range found {
			said := e.Kind + " by " + e.Actor
			switch {
			case e.Callback != "": // the name is why
				said += ": " + e.Name
			case e.Name != "":
				said += " of " + e.Name
			}
			all = append(all, said)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
