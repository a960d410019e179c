package ivr

import (
	"testing"
	"time"
)

// What is told as the most that somebody waits is never less than that.
func TestAtMostIsRoundedUp(t *testing.T) {
	t.Parallel()
	for bound, want := range map[time.Duration]int{
		time.Second: 1, time.Minute: 1, time.Minute + time.Second: 2, 5 * time.Minute: 5,
		5*time.Minute + time.Second: 10, 10 * time.Minute: 10, 10*time.Minute + time.Second: 15,
	} {
		if got := atMost(bound); got != want {
			t.Errorf("at most %s is told as %d minutes, want %d", bound, got, want)
		}
	}
}
