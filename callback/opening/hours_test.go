package opening

import (
	"testing"
	"time"
)

// always has somebody at work.
func always() *Hours {
	var h Hours
	for d := range h.Week {
		h.Week[d] = []Window{{To: WholeDay}}
	}
	return &h
}

func TestSlotsOnDaysOfChange(t *testing.T) {
	t.Parallel()
	z := place(t, "Europe/Helsinki")
	for _, tt := range []struct {
		name string
		day  Day
		want int
	}{
		{"spring", Day{Year: 2026, Month: 3, Day: 29}, 92},
		{"autumn", Day{Year: 2026, Month: 10, Day: 25}, 96},
		{"any other", Day{Year: 2026, Month: 6, Day: 1}, 96},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			seen := map[string]bool{}
			for _, at := range always().Slots(tt.day, 1, 15*time.Minute, z) {
				if seen[Wall(at)] {
					t.Errorf("%s is offered twice", Wall(at))
				}
				seen[Wall(at)] = true
			}
			if len(seen) != tt.want {
				t.Errorf("%d times, want %d", len(seen), tt.want)
			}
		})
	}
}

// Of what lies between two instants, only the hours of work count.
func TestBetween(t *testing.T) {
	t.Parallel()
	z := place(t, "Europe/Helsinki")
	var h Hours
	for d := range h.Week {
		h.Week[d] = []Window{{9 * 60, 12 * 60}, {13 * 60, 17 * 60}}
	}
	for _, tt := range []struct {
		name, from, to string
		want           time.Duration
	}{
		{"within a spell", "2026-06-01T09:30", "2026-06-01T10:00", 30 * time.Minute},
		{"over lunch", "2026-06-01T11:30", "2026-06-01T13:30", time.Hour},
		{"over night", "2026-06-01T16:00", "2026-06-02T10:00", 2 * time.Hour},
		{"nobody is at work", "2026-06-01T18:00", "2026-06-01T19:00", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			from, err := FromWall(tt.from, z)
			if err != nil {
				t.Fatal(err)
			}
			to, err := FromWall(tt.to, z)
			if err != nil {
				t.Fatal(err)
			}
			var got time.Duration
			for _, s := range h.Between(from, to, z) {
				got += s.To.Sub(s.From)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// What two are open in is divided between them, and nothing is counted twice.
func TestDivide(t *testing.T) {
	t.Parallel()
	at := func(hour int) time.Time { return time.Date(2026, 6, 1, hour, 0, 0, 0, time.UTC) }
	got := Divide(map[string][]Spell{
		"billing": {{at(8), at(12)}, {at(13), at(14)}}, "sales": {{at(10), at(13)}}, "closed": nil,
	})
	if got["billing"] != 4*time.Hour || got["sales"] != 2*time.Hour || len(got) != 2 {
		t.Errorf("got %v", got)
	}
}
