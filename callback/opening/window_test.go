package opening

import (
	"testing"
)

func TestWindows(t *testing.T) {
	t.Parallel()
	z := place(t, "Europe/Helsinki")
	night := Window{20 * 60, 9 * 60}
	for _, tt := range []struct{ at, want string }{
		{"2026-06-01T12:00", "2026-06-01T12:00"},
		{"2026-06-01T20:00", "2026-06-02T09:00"},
		{"2026-06-01T03:00", "2026-06-01T09:00"},
		{"2026-06-01T09:00", "2026-06-01T09:00"},
	} {
		at, err := FromWall(tt.at, z)
		if err != nil {
			t.Fatal(err)
		}
		if got := Wall(night.Over(at, z)); got != tt.want {
			t.Errorf("after the night of %s comes %s, want %s", tt.at, got, tt.want)
		}
	}
	if at := (Day{2026, 6, 1}).At(60, z); !(Window{}).Over(at, z).Equal(at) {
		t.Error("no window has an end")
	}
}
