package callback_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

func TestDoubts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		edit func(*callback.QueueConfig, *callback.Config)
		want string
	}{
		{"none", func(*callback.QueueConfig, *callback.Config) {}, "<nil>"},
		{"an exception that is over", func(q *callback.QueueConfig, _ *callback.Config) {
			q.Exceptions = map[string]string{"2026-11-22": "closed", "2026-11-23": "closed"}
		}, "queues.billing.exceptions: 2026-11-22 is over"},
		{"the clock changes", func(q *callback.QueueConfig, _ *callback.Config) {
			q.Hours = map[string]string{"mon-sat": "09:00-17:00", "sun": "02:30-05:00"}
		}, "queues.billing.hours: on 2027-03-28 the clock changes: 1h30m at work, not 2h30m"},
		{"at work all day", func(q *callback.QueueConfig, c *callback.Config) {
			q.Hours = map[string]string{"mon-sun": "00:00-24:00"}
			c.Callbacks.Permitted = "00:00-24:00"
		}, "<nil>"},
		{"nothing to offer", func(q *callback.QueueConfig, c *callback.Config) {
			q.Hours = map[string]string{"sun": "09:00-17:00"}
			c.Callbacks.Horizon = callback.Span(24 * time.Hour)
		}, "queues.billing.hours: no time can be offered from now to 24 November"},
		{"at night only", func(q *callback.QueueConfig, _ *callback.Config) {
			q.Hours = map[string]string{"mon-sun": "22:00-24:00"}
		}, "queues.billing.hours: nobody may be called in these hours (callbacks.permitted)"},
		{"until late", func(q *callback.QueueConfig, _ *callback.Config) {
			q.Hours = map[string]string{"mon-fri": "12:00-22:00"}
		}, "nobody may be called at 21:00 (callbacks.permitted): such times are not offered"},
		{"a standard", func(q *callback.QueueConfig, _ *callback.Config) {
			q.CallbackWithin = callback.Span(20 * time.Minute)
		}, "queues.billing.callback_within: the soonest callback is up to 25m away (lead 10m, slot 15m): the standard cannot be met"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := config()
			q := c.Queues["billing"]
			tt.edit(&q, &c)
			c.Queues["billing"] = q
			d, err := callback.New(c)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(d.Doubts(now)); !strings.Contains(got, tt.want) {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestOffersLieInHours: on no day of two years, those of clock changes among
// them, is a time offered of which a part lies outside the hours.
func TestOffersLieInHours(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Helsinki", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"} {
		c := config()
		q := c.Queues["billing"]
		q.Zone, q.Hours = zone, map[string]string{"mon-fri": "00:30-03:30, 12:00-13:10", "sat-sun": "01:15-02:45, 23:00-24:00"}
		c.Queues["billing"] = q
		d, err := callback.New(c)
		if err != nil {
			t.Fatal(err)
		}
		now, offered := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 0
		for range 2 * 53 {
			for _, at := range d.Queues["billing"].Times(now) {
				offered++
				end := at.Add(d.Queues["billing"].Slot - time.Second)
				if !d.Queues["billing"].Open(at) || !d.Queues["billing"].Open(end) {
					t.Fatalf("%s: %s is offered", zone, at)
				}
			}
			now = now.Add(7 * 24 * time.Hour)
		}
		if offered < 5000 {
			t.Errorf("%s: only %d times were offered", zone, offered)
		}
	}
}
