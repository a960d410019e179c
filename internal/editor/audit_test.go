package editor_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/editor"
	"github.com/holdless/holdless/ivr"
)

// TestChangesAreAudited changes menus, shifts and recordings in every way that the
// pages have, by an account and with a key: each change has who made it.
func TestChangesAreAudited(t *testing.T) {
	t.Parallel()
	for by, enter := range map[string]func(*world){
		"user:sam":     func(w *world) { w.user = &accounts.User{Name: "sam", Role: accounts.Supervisor} },
		"browser:anna": (*world).comeIn,
	} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			shifts, prompts := &board{Shift: editor.Shift{Queue: "billing", Notice: []editor.Said{{Lang: "en", Name: "English"}}}}, newBooth()
			w.Shifts, w.Studio = shifts, prompts
			enter(w)
			w.changesAll()
			got := w.audited()
			want := []string{
				"menu.live", "menu.live", "menu.trial", "menu.live", "menu.promoted", "menu.trial", "menu.withdrawn", "menu.live", "menu.live", "menu.refused",
			}
			for i := range want {
				want[i] += " main by " + by
			}
			slices.Sort(got)
			slices.Sort(want) // of one change, either line may be the first
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if did := strings.Join(prompts.did, ", "); shifts.by != by || did != "put in RIFF 10002 "+by+", took back 10002 "+by {
				t.Errorf("the shift was saved by %q, and of prompts: %s", shifts.by, did)
			}
		})
	}
}

// changesAll sends each form that changes something.
func (w *world) changesAll() {
	w.Helper()
	first := w.Menus.Desk.Live().Menus["main"].Version()
	for _, step := range []struct {
		path string
		form url.Values
	}{
		{"publish", url.Values{"text": {greeting("two")}}},
		{"rollback", url.Values{"to": {first}}},
		{"publish", url.Values{"text": {"canary: 10%\n" + greeting("three")}}},
		{"trial", url.Values{"do": {"promote"}}},
		{"publish", url.Values{"text": {"canary: 10%\n" + greeting("four")}}},
		{"trial", url.Values{"do": {"withdraw"}}},
		{"greeting", url.Values{"greeting-en": {"Five."}}},
		{"shift", url.Values{"queue": {"billing"}, "hours": {"tue: closed"}, "notice-en": {"Fire."}}},
	} {
		step.form.Set("menu", "main")
		if got := w.ask("/menus/"+step.path, step.form); got.Code != http.StatusSeeOther {
			w.Fatalf("%s: %d %s", step.path, got.Code, got.Body)
		}
	}
	w.Menus.Read = func(string, func(string)) (*ivr.Menu, error) {
		return nil, ivr.Mistakes{{File: w.file, Line: 2, Text: "broken"}}
	}
	if got := w.ask("/menus/reload", url.Values{}); got.Code != http.StatusSeeOther {
		w.Fatalf("reload: %d %s", got.Code, got.Body)
	}
	if got := w.send("10002", "RIFFxx"); got.Code != http.StatusOK {
		w.Fatalf("upload: %d %s", got.Code, got.Body)
	}
	if got := w.ask("/menus/prompts/back", url.Values{"number": {"10002"}}); got.Code != http.StatusOK {
		w.Fatalf("back: %d %s", got.Code, got.Body)
	}
}

// audited are the changes of people.
func (w *world) audited() (all []string) {
	w.Helper()
	err := w.Menus.Store.View(w.Context(), func(tx callback.Tx) error {
		found, err := tx.Changes(callback.ChangeFilter{Max: 100})
		for _, e := range found {
			if e.Actor != "start" { // what was there as the service began
				all = append(all, e.Kind+" "+e.Name+" by "+e.Actor)
			}
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return all
}
