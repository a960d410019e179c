package callback

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback/opening"
)

func place(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// office is a queue of Helsinki with a break at noon, Finnish holidays, and
// two days unlike others.
func office(t testing.TB) *Queue {
	t.Helper()
	c := QueueConfig{
		Hours:      map[string]string{"mon-thu": "09:00-12:00, 13:00-17:00", "fri": "09:00-15:00"},
		Exceptions: map[string]string{"2026-06-02": "10:00-11:00", "2026-06-03": "closed", "2026-06-06": "12:00-13:00"},
		Holidays:   "FI",
	}
	var m mistakes
	q := &Queue{
		Zone: place(t, "Europe/Helsinki"), hours: c.hours(&m, "q"),
		Slot: 30 * time.Minute, Lead: 10 * time.Minute, Horizon: 7 * 24 * time.Hour,
	}
	if len(m) > 0 {
		t.Fatal(m)
	}
	return q
}

func local(t testing.TB, q *Queue, wall string) time.Time {
	t.Helper()
	at, err := opening.FromWall(wall, q.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestOpens(t *testing.T) {
	t.Parallel()
	q := office(t)
	for _, tt := range []struct{ name, at, want string }{
		{"in the morning", "2026-06-01T07:00", "2026-06-01T09:00"},
		{"at work", "2026-06-01T09:00", "2026-06-01T09:00"},
		{"at lunch", "2026-06-01T12:00", "2026-06-01T13:00"},
		{"on a short day", "2026-06-02T09:00", "2026-06-02T10:00"},
		{"before a day off", "2026-06-02T11:00", "2026-06-04T09:00"},
		{"before an extra Saturday", "2026-06-05T15:00", "2026-06-06T12:00"},
		{"before midsummer", "2026-06-18T17:00", "2026-06-22T09:00"},
		{"before Christmas", "2026-12-23T17:00", "2026-12-28T09:00"},
		{"before Epiphany", "2027-01-05T17:00", "2027-01-07T09:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := local(t, q, tt.at)
			if got := opening.Wall(q.Opens(at)); got != tt.want {
				t.Errorf("opens %s, want %s", got, tt.want)
			}
			if got := q.Open(at); got != (tt.at == tt.want) {
				t.Errorf("open: %v", got)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	q := office(t)
	got := q.Times(local(t, q, "2026-06-01T11:25"))
	var walls []string
	for _, at := range got[:8] {
		walls = append(walls, opening.Wall(at)[5:])
	}
	want := "06-01T13:00 06-01T13:30 06-01T14:00 06-01T14:30 06-01T15:00 06-01T15:30 06-01T16:00 06-01T16:30"
	if strings.Join(walls, " ") != want {
		t.Errorf("times %v", walls)
	}
	last := got[len(got)-1]
	if !last.Before(local(t, q, "2026-06-08T11:25")) || last.Before(local(t, q, "2026-06-08T10:30")) {
		t.Errorf("the last is %s", last)
	}
	if !slices.IsSortedFunc(got, time.Time.Compare) {
		t.Error("not in order")
	}
	if q.HasTime(got[0].Add(-time.Hour), got[0].Add(time.Minute)) || !q.HasTime(got[0].Add(-time.Hour), got[0]) {
		t.Error("a time that is not of the grid, or one that is, is mistaken")
	}
}

// Without a cache the grid is computed anew for every turn of a menu.
func BenchmarkTimes(b *testing.B) {
	q := office(b)
	now := local(b, q, "2026-06-01T11:25")
	for b.Loop() {
		q.Times(now)
	}
}
