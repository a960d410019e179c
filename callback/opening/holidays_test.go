package opening

import (
	"strings"
	"testing"
	"time"
)

func TestHolidays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ country, free, work string }{
		{"FI", "2026-01-01 2026-01-06 2026-04-03 2026-04-06 2026-05-01 2026-05-14 2026-06-19 2026-12-24", "2026-04-07 2026-12-28"},
		{"CZ", "2026-07-06 2026-09-28 2026-10-28 2026-11-17 2026-12-24", "2026-04-07"},
		{"GR", "2026-02-23 2026-03-25 2026-04-10 2026-04-13 2026-06-01 2026-10-28", "2026-04-03"},
		{"GB", "2026-04-03 2026-05-04 2026-05-25 2026-08-31 2026-12-28", "2026-06-01"},
		{"RO", "2026-01-07 2026-04-10 2026-04-13 2026-06-01 2026-11-30 2026-12-01", "2026-04-03"},
		{"US", "2026-07-03 2026-11-26 2027-12-31", "2026-07-02"},
	} {
		t.Run(tt.country, func(t *testing.T) {
			h := HolidaysOf(tt.country)
			for day := range strings.FieldsSeq(tt.free) {
				if !h.On(date(t, day)) {
					t.Errorf("%s is no holiday", day)
				}
			}
			for day := range strings.FieldsSeq(tt.work) {
				if h.On(date(t, day)) {
					t.Errorf("%s is a holiday", day)
				}
			}
		})
	}
}

func date(t testing.TB, text string) Day {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return DayOf(at)
}
