package media

import (
	"testing"
	"time"
)

// TestPause tells how long nothing came, once it comes again.
func TestPause(t *testing.T) {
	t.Parallel()
	s := still(t, Config{})
	s.began = time.Now()
	for _, tt := range []struct{ at, want time.Duration }{
		{3 * time.Second, 3 * time.Second},
		{4 * time.Second, time.Second},
		{16 * time.Second, 12 * time.Second},
	} {
		s.arrives(s.began.Add(tt.at))
		if got := s.Pause(); got != tt.want {
			t.Errorf("at %v: %v, want %v", tt.at, got, tt.want)
		}
		if got := s.Pause(); got != 0 {
			t.Errorf("at %v: %v once more", tt.at, got)
		}
	}
	s.began = s.began.Add(time.Minute) // a hold has ended
	s.arrives(s.began.Add(time.Second))
	if got := s.Pause(); got != time.Second {
		t.Errorf("after a hold: %v", got)
	}
}
