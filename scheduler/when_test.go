package scheduler

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the clock changes below, on any machine
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ when, wrong string }{
		{"30 7 * * 1-5", ""},
		{"0 3 29 2 *", ""},
		{"@daily", ""},
		{"@every 1m", ""},
		{"0 8 * * 7", ""},
		{"0 8 * * 5-7", ""},
		{"", "empty"},
		{"TZ=0", "zone"},
		{"CRON_TZ=UTC", "zone"},
		{"CRON_TZ=UTC 0 8 * * *", "zone"},
		{"0 0 31 2 *", "never"},
		{"0 0 * * 8", "above maximum"},
		{"0 0 * * 7-9", "above maximum"},
		{"0 0 * * x-7", "7"},
		{"0 0 * * *  * *", "fields"},
		{"@every 0s", "once a minute"},
		{"@every -1h", "once a minute"},
		{"@every 59s", "once a minute"},
		{"@fortnightly", "unrecognized"},
	} {
		t.Run(tt.when, func(t *testing.T) {
			t.Parallel()
			_, err := parse(tt.when, time.UTC)
			if tt.wrong == "" && err != nil {
				t.Fatalf("parse: %v", err)
			}
			if tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
				t.Fatalf("parse: %v, want an error with %q", err, tt.wrong)
			}
		})
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	const minute = "2006-01-02T15:04"
	for _, tt := range []struct{ name, zone, when, from, want string }{
		{"gap", "Europe/Helsinki", "30 3 * * *", "2027-03-27T00:00", "27T03:30+02 28T04:00+03 29T03:30+03"},
		{"fold", "Europe/Helsinki", "30 3 * * *", "2026-10-24T00:00", "24T03:30+03 25T03:30+03 26T03:30+02"},
		{"gap in London", "Europe/London", "30 1 * * *", "2027-03-27T12:00", "28T02:00+01 29T01:30+01"},
		{"fold in London", "Europe/London", "30 1 * * *", "2026-10-24T12:00", "25T01:30+01 26T01:30+00"},
		{"gap in New York", "America/New_York", "30 2 * * *", "2026-03-07T12:00", "08T03:00-04 09T02:30-04"},
		{"fold in New York", "America/New_York", "30 1 * * *", "2026-10-31T12:00", "01T01:30-04 02T01:30-05"},
		{"midnight is missing", "Africa/Cairo", "0 0 * * *", "2026-04-23T12:00", "24T01:00+03 25T00:00+03"},
		{"half an hour is missing", "Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00", "04T02:30+11 05T02:15+11"},
		{"a day is missing", "Pacific/Apia", "0 9 * * *", "2011-12-29T00:00", "29T09:00-10 31T00:00+14 31T09:00+14"},
		{"several times in the gap are one", "Europe/Helsinki", "*/20 3 * * *", "2027-03-27T12:00", "28T04:00+03 29T03:00+03"},
		{"several times in the fold", "Europe/Helsinki", "*/30 3 * * *", "2026-10-24T12:00", "25T03:00+03 25T03:30+03 26T03:00+02"},
		{"hourly over the fold", "Europe/Prague", "0 * * * *", "2026-10-25T00:30", "25T01:00+02 25T02:00+02 25T02:00+01 25T03:00+01"},
		{"hourly over the gap", "Europe/Prague", "0 * * * *", "2026-03-29T00:30", "29T01:00+01 29T03:00+02"},
		{"Sunday is seven", "Europe/Bucharest", "15 9 * * 7", "2026-11-16T00:00", "22T09:15+02 29T09:15+02"},
		{"from Friday to Sunday", "UTC", "0 9 * * 5-7", "2026-11-16T00:00", "20T09:00+00 21T09:00+00 22T09:00+00 27T09:00+00"},
		{"every ten minutes, on the clock", "Europe/Helsinki", "@every 10m", "2026-11-16T08:03", "16T08:10+02 16T08:20+02"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := mustParse(t, tt.when, tt.zone)
			at, err := time.ParseInLocation(minute, tt.from, s.zone)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for range strings.FieldsSeq(tt.want) {
				at = s.next(at)
				got = append(got, at.In(s.zone).Format("02T15:04-07"))
			}
			if got := strings.Join(got, " "); got != tt.want {
				t.Errorf("fires %s, want %s", got, tt.want)
			}
		})
	}
}

// Wherever it is asked, the next time lies ahead, and no firing has the name
// of another: else a job would be done twice, or never.
func TestNextAlwaysMoves(t *testing.T) {
	t.Parallel()
	zones := []string{
		"Europe/Helsinki", "Europe/London", "America/New_York", "America/St_Johns", "Africa/Casablanca",
		"Africa/Cairo", "Asia/Beirut", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "UTC",
	}
	for _, zone := range zones {
		for _, when := range []string{"30 0-4 * * *", "*/20 2 * * *", "0 */6 * * *", "*/30 * * * *", "@every 45m"} {
			s := mustParse(t, when, zone)
			at := time.Date(2011, 11, 1, 0, 0, 0, 0, time.UTC)
			names := map[string]time.Time{}
			for range 2500 {
				next := s.next(at)
				if !next.After(at) {
					t.Fatalf("%s in %s: after %s comes %s", when, zone, at, next)
				}
				if before, twice := names[s.key(next)]; twice {
					t.Fatalf("%s in %s: %s and %s are both %s", when, zone, before, next, s.key(next))
				}
				// From any instant in between the answer is the same.
				if mid := s.next(at.Add(next.Sub(at) / 3)); !mid.Equal(next) {
					t.Fatalf("%s in %s: from between %s and %s comes %s", when, zone, at, next, mid)
				}
				names[s.key(next)] = next
				at = next
			}
		}
	}
}

func mustParse(t *testing.T, when, zone string) schedule {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	s, err := parse(when, loc)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func FuzzParse(f *testing.F) {
	for _, when := range []string{"30 7 * * 1-5", "TZ=0", "@every 1m", "0 0 * * 5-7/2", "*/7 * * * 7", "@every 9999999h"} {
		f.Add(when)
	}
	f.Fuzz(func(t *testing.T, when string) {
		s, err := parse(when, time.UTC)
		if err != nil {
			return
		}
		from := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
		if next := s.next(from); !next.After(from) {
			t.Errorf("%q: after %s comes %s", when, from, next)
		}
	})
}
