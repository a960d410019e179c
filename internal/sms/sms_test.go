package sms

import (
	"strings"
	"testing"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		body string
		want int
	}{
		{"nothing", "", 0},
		{"plain", "Reply 1 to 5.", 1},
		{"Finnish fits", "Kuinka tyytyväinen olit? 0 = ei enää kyselyjä.", 1},
		{"160 of the GSM alphabet", strings.Repeat("a", 160), 1},
		{"161 of the GSM alphabet", strings.Repeat("a", 161), 2},
		{"306 fill two", strings.Repeat("a", 306), 2},
		{"307 need three", strings.Repeat("a", 307), 3},
		{"an escaped character counts twice", strings.Repeat("a", 159) + "€", 2},
		{"an escape is not torn apart", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), 3},
		{"Greek fits", "ΔΦΓΛΩΠΨΣΘΞ", 1},
		{"70 of UCS-2", strings.Repeat("ě", 70), 1},
		{"71 of UCS-2", strings.Repeat("ě", 71), 2},
		{"135 of UCS-2 need three", strings.Repeat("ě", 135), 3},
		{"one accent makes it dear", strings.Repeat("a", 100) + "č", 2},
		{"a face counts twice", strings.Repeat("č", 69) + "😀", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Segments(tt.body); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
