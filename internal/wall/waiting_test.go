package wall

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestWaitingNow tells of each queue how long the next one waits: nothing while
// somebody is free, a bound that is never rounded down while nobody is, and that
// nobody knows while nobody is at work.
func TestWaitingNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) {
		c.Agents["eve"] = callback.Agent{Name: "Eve", Phone: "sip:eve@127.0.0.1"}
		sales := c.Queues["billing"]
		sales.Agents = []string{"eve"}
		c.Queues["sales"] = sales
	})
	is := func(state callback.AgentState, agents ...string) {
		w.write(func(tx callback.Tx) error {
			for _, a := range agents {
				s, err := tx.Status(a)
				if err != nil {
					s = callback.Status{Agent: a}
				}
				s.State, s.Since, s.Boot = state, noon.Add(-time.Minute), "boot"
				if err := tx.PutStatus(s); err != nil {
					return err
				}
			}
			return nil
		})
	}
	is(callback.Offline, "eve")
	says := func(queue, want string) {
		t.Helper()
		if _, body := w.get("/wall"); !regexp.MustCompile(`<th scope="row">` + queue + `</th><td>0</td><td>` + want + `</td>`).MatchString(body) {
			t.Errorf("%s does not say %q in %s", queue, want, body)
		}
	}
	says("billing", "at once")
	says("sales", "nobody knows")
	is(callback.OnCall, "anna", "bo")
	says("billing", `at most [1-9]\d* min`)
	for d, want := range map[time.Duration]string{time.Second: "1 min", time.Minute: "1 min", 61 * time.Second: "2 min"} {
		if got := minutes(d); got != want {
			t.Errorf("%s is told as %s", d, got)
		}
	}
}

// TestHoursOfAllQueues adds up what is promised and what there is room for, and says
// when no more can be; what is in its window is not late, and what is being written
// up waits no more.
func TestHoursOfAllQueues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *callback.Config) { c.Queues["sales"] = c.Queues["billing"] })
	w.add("in-its-window", callback.BookedState, noon.Add(-5*time.Minute), "")
	w.add("written-up", callback.Wrapup, noon.Add(-5*time.Minute), "")
	w.write(func(tx callback.Tx) error {
		for i := range 16 {
			at := noon.Add(time.Hour + time.Duration(i%4)*15*time.Minute)
			c := callback.Callback{
				ID: fmt.Sprint("p", i), Queue: []string{"billing", "sales"}[i%2], Phone: callback.Phone(fmt.Sprintf("+3584012345%02d", i)), State: callback.BookedState,
				At: at, DueAt: at, Until: at.Add(15 * time.Minute), CreatedAt: noon, UpdatedAt: noon,
			}
			if err := tx.AddCallback(c); err != nil {
				return err
			}
		}
		return nil
	})
	_, body := w.get("/wall")
	for _, want := range []string{
		`<th scope="row">12:00</th><td>0</td><td>16</td><td class="bars"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="room" width="100" height="10"/><rect class="taken" width="0" height="10"/>`,
		`<th scope="row">13:00</th><td class="bad">16 (full)</td><td>16</td>`, "17 still to be kept today.",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in %s", want, body)
		}
	}
}
