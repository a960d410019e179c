package callback_test

import (
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// A promise that nobody will be free to keep is corrected at least five minutes
// before it breaks, once, with a new time; one that will be kept is not.
func TestCorrectsInTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		agent func(*world, string)
		want  int
	}{
		{"everybody is away", func(w *world, a string) {
			if err := w.SetAgent(w.Context(), a, callback.Offline); err != nil {
				w.Fatal(err)
			}
		}, 1},
		{"everybody talks, and will be free", (*world).takesOver, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if err := w.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			c := w.books(aino)
			w.texts()
			tt.agent(w, "anna")
			tt.agent(w, "bo")
			w.at("12:15")
			told := 0
			for w.now.Before(c.At.Add(10 * time.Minute)) {
				if err := w.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
				told += len(w.texts())
				w.pass(20 * time.Second)
			}
			if told != tt.want {
				t.Errorf("%d texts before the promise breaks, want %d", told, tt.want)
			}
			got := w.state(c.ID, callback.BookedState)
			if moved := got.Until.After(c.Until.Add(10 * time.Minute)); moved != (tt.want == 1) {
				t.Errorf("the promise ends at %s, before at %s", got.Until, c.Until)
			}
		})
	}
}
