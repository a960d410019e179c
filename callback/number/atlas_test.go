package number

import (
	"testing"
	"time"
)

func TestPlace(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	var a Atlas
	for _, tt := range []struct{ name, phone, want string }{
		{"one country, two zones that agree", "+358401234567", "15:00"},
		{"London", "+442070313000", "13:00"},
		{"Prague", "+420601123456", "14:00"},
		{"New Jersey", "+12015550123", "08:00"},
		{"anywhere in America", "+18005550123", ""},
		{"no number", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if z := a.Place(Phone(tt.phone), noon); z != nil {
				got = noon.In(z).Format("15:04")
			}
			if got != tt.want {
				t.Errorf("it is %q there, want %q", got, tt.want)
			}
		})
	}
}
