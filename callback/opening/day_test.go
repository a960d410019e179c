package opening

import (
	"testing"
	"time"
)

func place(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, zone, wall, want string }{
		{"winter", "Europe/Helsinki", "2026-01-10T09:00", "2026-01-10T09:00:00+02:00"},
		{"summer", "Europe/Helsinki", "2026-07-10T09:00", "2026-07-10T09:00:00+03:00"},
		{"gap in the east is the change", "Europe/Helsinki", "2026-03-29T03:30", "2026-03-29T04:00:00+03:00"},
		{"gap in the west is the change", "America/New_York", "2026-03-08T02:30", "2026-03-08T03:00:00-04:00"},
		{"just before the gap", "Europe/Helsinki", "2026-03-29T02:59", "2026-03-29T02:59:00+02:00"},
		{"just after the gap", "Europe/Helsinki", "2026-03-29T04:00", "2026-03-29T04:00:00+03:00"},
		{"double hour in the east is the first", "Europe/Helsinki", "2026-10-25T03:30", "2026-10-25T03:30:00+03:00"},
		{"double hour in the west is the first", "America/New_York", "2026-11-01T01:30", "2026-11-01T01:30:00-04:00"},
		{"after the double hour", "Europe/Helsinki", "2026-10-25T04:00", "2026-10-25T04:00:00+02:00"},
		{"a gap of half an hour", "Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:30:00+11:00"},
		{"London", "Europe/London", "2026-03-29T01:30", "2026-03-29T02:00:00+01:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := FromWall(tt.wall, place(t, tt.zone))
			if err != nil {
				t.Fatal(err)
			}
			if got.Format(time.RFC3339) != tt.want {
				t.Errorf("%s is %s, want %s", tt.wall, got.Format(time.RFC3339), tt.want)
			}
		})
	}
}

// Every minute of a year is read back as it was written, or was skipped.
func TestClockOfEveryHour(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Helsinki", "Europe/London", "America/New_York", "Australia/Lord_Howe"} {
		z := place(t, zone)
		skipped, doubled := 0, 0
		for d, n := (Day{2026, 1, 1}), 0; n < 365; d, n = d.Plus(1), n+1 {
			for minute := 0; minute < WholeDay; minute += 15 {
				at := d.At(minute, z)
				if at.Hour()*60+at.Minute() != minute {
					skipped++
					continue
				}
				if Repeated(at) {
					t.Fatalf("%s is the second of its kind", at)
				}
				for _, shift := range []time.Duration{time.Hour, 30 * time.Minute} {
					if later := at.Add(shift).In(z); Repeated(later) && later.Minute() == at.Minute() && later.Hour() == at.Hour() {
						doubled++
					}
				}
			}
		}
		if skipped == 0 || skipped > 4 || skipped != doubled {
			t.Errorf("%s: %d quarters skipped, %d doubled", zone, skipped, doubled)
		}
	}
}
