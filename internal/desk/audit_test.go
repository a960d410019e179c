package desk

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestDeedsAreAudited does every deed of the desk: each is in the audit, with who
// did it, and to what.
func TestDeedsAreAudited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.add(noon.Add(30 * time.Minute))
	over := w.add(noon.Add(-time.Hour), func(c *callback.Callback) { c.State, c.Agent = callback.Done, "bo" })
	free, err := w.Desk.Free(t.Context(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	var done []string
	for _, tt := range []struct {
		who  Person
		on   callback.Callback
		deed string
		form url.Values
		want string
	}{
		{anna, c, "claim", nil, "agent:anna"},
		{bo, c, "note", url.Values{"words": {"rang twice"}}, "agent:bo"},
		{anna, c, "snooze", nil, "agent:anna"},
		{anna, c, "undo", nil, "agent:anna"},
		{super, c, "move", url.Values{"at": {fmt.Sprint(free[5].Unix())}}, "user:sam"},
		{super, c, "undo", nil, "user:sam"},
		{anna, c, "release", nil, "agent:anna"},
		{super, c, "hand", url.Values{"to": {"bo"}}, "user:sam"},
		{bo, c, "call", nil, "agent:bo"},
		{super, c, "cancel", url.Values{"words": {"solved"}}, "user:sam"},
		{bo, over, "outcome", url.Values{"to": {"solved"}}, "agent:bo"},
	} {
		w.now = w.now.Add(time.Second)
		if code, body := w.do(tt.who, tt.on, tt.deed, tt.form); code != 200 {
			t.Fatalf("%s by %s: %d %s", tt.deed, tt.who.Name, code, body)
		}
		want := "desk." + tt.deed + " by " + tt.want + " of " + tt.on.ID
		if all := w.audited(); !slices.Contains(all, want) || slices.Contains(done, want) {
			t.Errorf("%q is not in\n%s", want, strings.Join(all, "\n"))
		}
		done = append(done, want)
	}
	for name, told := range sayings {
		tried := slices.ContainsFunc(done, func(d string) bool { return strings.HasPrefix(d, "desk."+name+" ") })
		if told.Undo && !tried {
			t.Errorf("nobody does %s here", name)
		}
	}
	if got := w.ask(anna, "/desk/me", url.Values{"state": {"break"}}); got.Code != 200 {
		t.Fatal(got.Code, got.Body)
	}
	if all := w.audited(); !slices.Contains(all, "agent.break by agent:anna of anna") {
		t.Errorf("the break is not in\n%s", strings.Join(all, "\n"))
	}
}

// audited are all changes, as /audit shows them.
func (w *world) audited() (all []string) {
	w.Helper()
	found, err := w.Desk.Changes(context.Background(), callback.ChangeFilter{Max: 100})
	if err != nil {
		w.Fatal(err)
	}
	for _, c := range found {
		all = append(all, c.What+" by "+c.Who+" of "+c.On)
	}
	return all
}
