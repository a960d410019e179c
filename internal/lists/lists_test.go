package lists

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"github.com/holdless/holdless/callback"
)

func some() List {
	at := time.Date(2026, 11, 23, 13, 30, 0, 0, time.UTC)
	one := callback.Callback{
		ID: "A", Phone: "+358401234567", Name: "Maria", Topic: "billing", At: at, Until: at.Add(15 * time.Minute),
		Zone: "Europe/Helsinki", State: callback.BookedState, Owner: "anna", Version: 3,
	}
	two, three, four := one, one, one
	two.ID, two.Phone, two.Name, two.Topic, two.Owner = "B", "+358407654321", "", "", ""
	two.At, two.State = at.Add(-time.Hour), callback.Interrupted
	three.ID, three.State = "C", callback.Done
	four.ID, four.Name, four.Owner, four.At = "D", "=HYPERLINK(\"http://x\")<script>\u202e", "", at.Add(24*time.Hour)
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		panic(err)
	}
	return New("anna", "Anna", []callback.Callback{one, two, three, four}, at.Add(-4*time.Hour).In(helsinki))
}

func TestText(t *testing.T) {
	t.Parallel()
	want := `14:30  +358407654321  (was cut off: please call)
15:30  +358401234567  Maria  billing  (yours)
Tue 24 Nov 15:30  +358401234567  =HYPERLINK("http://x")<script>  billing
`
	if got := some().Text(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := New("anna", "", nil, time.Time{}).Text(); !strings.Contains(got, "No callbacks") {
		t.Errorf("of nothing: %q", got)
	}
}

// TestHarmless shows what callers wrote as words: neither as a formula nor as
// a part of the page.
func TestHarmless(t *testing.T) {
	t.Parallel()
	var table, page strings.Builder
	if err := some().CSV(&table); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(table.String())).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
				t.Errorf("a spreadsheet runs %q", cell)
			}
		}
	}
	if err := some().HTML(&page); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "<script>") || !strings.Contains(page.String(), "&lt;script&gt;") || !strings.Contains(page.String(), "Maria") {
		t.Errorf("page\n%s", page.String())
	}
}

// TestCalendar has a reader that we did not write read the calendars.
func TestCalendar(t *testing.T) {
	t.Parallel()
	l := some()
	me, you := Person{"holdless", "desk@example.com"}, Person{"Anna", "anna@example.com"}
	for name, tt := range map[string]struct {
		text   string
		method string
		events int
		status string
	}{
		"feed":   {l.Calendar(), "PUBLISH", 3, "CONFIRMED"},
		"invite": {l.Rows[1].Invite(me, you, l.At), "REQUEST", 1, "CONFIRMED"},
		"revoke": {l.Rows[1].Revoke(me, you, l.At), "CANCEL", 1, "CANCELLED"},
	} {
		cal, err := ical.NewDecoder(strings.NewReader(tt.text)).Decode()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, tt.text)
		}
		if method, err := cal.Props.Text(ical.PropMethod); err != nil || method != tt.method || len(cal.Events()) != tt.events {
			t.Errorf("%s: %s of %d events, %v", name, method, len(cal.Events()), err)
		}
		e := cal.Events()[tt.events/2]
		at, err := e.DateTimeStart(time.UTC)
		uid, _ := e.Props.Text(ical.PropUID) // compared below
		status, _ := e.Status()
		seq, _ := e.Props.Get(ical.PropSequence).Int()
		if err != nil || !at.Equal(l.Rows[1].At) || uid != "A@holdless" || string(status) != tt.status || seq != 3 {
			t.Errorf("%s: %s at %s, %s, sequence %d (%v)", name, uid, at, status, seq, err)
		}
		if strings.Contains(tt.text, "+358401234567") {
			t.Errorf("%s: the whole number is in it", name)
		}
	}
}
