package lists

import (
	"encoding/csv"
	"html"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"github.com/holdless/holdless/callback"
)

func some() List {
	at := time.Date(2026, 11, 23, 13, 30, 0, 0, time.UTC)
	one := callback.Callback{
		ID: "A", Phone: "+358401234567", Name: "Maria", Topic: "billing", Lang: "fi", Note: "invoice 12", Attempts: 2, At: at, Until: at.Add(15 * time.Minute),
		Zone: "Europe/Helsinki", State: callback.BookedState, Owner: "anna", Version: 3,
	}
	two, three, four, held := one, one, one, one
	held.ID, held.State = "E", callback.HeldState
	two.ID, two.Phone, two.Name, two.Topic, two.Owner = "B", "+358407654321", "", "", ""
	two.At, two.State = at.Add(-time.Hour), callback.Interrupted
	three.ID, three.State, three.UpdatedAt = "C", callback.Done, at.Add(time.Minute)
	four.ID, four.Name, four.Owner, four.At = "D", "=HYPERLINK(\"http://x\")<script>\u202e", "", at.Add(24*time.Hour)
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		panic(err)
	}
	return New("anna", "Anna", []callback.Callback{one, two, three, four, held}, at.Add(-4*time.Hour).In(helsinki))
}

func TestText(t *testing.T) {
	t.Parallel()
	want := `14:30  +358407654321  fi  invoice 12  (was cut off: please call)
15:30  +358401234567  Maria  billing  fi  invoice 12  (yours)
Tue 24 Nov 15:30  +358401234567  =HYPERLINK("http://x")<script>  billing  fi  invoice 12  (tried before)
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

// TestFormulas holds that no cell begins like a formula, whatever is before it
// and however wide it is written.
func TestFormulas(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{"=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "|x", "%x", " =1", "\u00a0=1", "\u3000=1", "＝1", "＋1", "－1", "＠x"} {
		if got := Harmless(cell); got != "'"+cell {
			t.Errorf("a spreadsheet runs %q", got)
		}
	}
	for _, cell := range []string{"", "Aino", "a=1", "1-2", " x"} {
		if got := Harmless(cell); got != cell {
			t.Errorf("%q became %q", cell, got)
		}
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
		if until, err := e.DateTimeEnd(time.UTC); err != nil || !until.Equal(l.Rows[1].Until) {
			t.Errorf("%s: until %s, %v", name, until, err)
		}
		uid, _ := e.Props.Text(ical.PropUID) // compared below
		status, _ := e.Status()
		seq, _ := e.Props.Get(ical.PropSequence).Int()
		if err != nil || !at.Equal(l.Rows[1].At) || uid != "A@holdless" || string(status) != tt.status || seq != 3 {
			t.Errorf("%s: %s at %s, %s, sequence %d (%v)", name, uid, at, status, seq, err)
		}
		for prop, want := range map[string]string{ical.PropSummary: "Call Maria …567", ical.PropDescription: "billing\ninvoice 12"} {
			if got, err := e.Props.Text(prop); got != want || err != nil {
				t.Errorf("%s: %s is %q, %v", name, prop, got, err)
			}
		}
		if asked := e.Props.Get(ical.PropAttendee); asked != nil && !strings.EqualFold(asked.Params.Get("RSVP"), "false") {
			t.Errorf("%s: she is asked for an answer that nobody reads", name)
		}
		// A feed says how often it is to be looked at, an invitation from and to whom it is.
		for prop, want := range map[string]string{ical.PropOrganizer: "mailto:desk@example.com", ical.PropAttendee: "mailto:anna@example.com"} {
			if got := e.Props.Get(prop); name == "feed" && got != nil || name != "feed" && (got == nil || got.Value != want) {
				t.Errorf("%s: %s is %v", name, prop, got)
			}
		}
		for _, prop := range []string{ical.PropRefreshInterval, "X-PUBLISHED-TTL"} {
			if got := cal.Props.Get(prop); name == "feed" && (got == nil || got.Value != "PT15M") {
				t.Errorf("%s: %s is %v", name, prop, got)
			}
		}
		if strings.Count(tt.text, "\n") != strings.Count(tt.text, "\r\n") {
			t.Errorf("%s: not every line ends with CRLF:\n%q", name, tt.text)
		}
		if name == "feed" && !strings.Contains(tt.text, "\r\nREFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n") {
			t.Errorf("%s: a parameter is there twice, or not at all:\n%s", name, tt.text)
		}
		if strings.Contains(tt.text, "+358401234567") {
			t.Errorf("%s: the whole number is in it", name)
		}
	}
}

// TestCalendarOfWhatIsOff holds that a calendar is told what will not take place:
// some programs keep what they were told once, and would show it for good.
func TestCalendarOfWhatIsOff(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 13, 30, 0, 0, time.UTC)
	var all []callback.Callback
	for id, edit := range map[string]func(*callback.Callback){
		"open":      func(c *callback.Callback) { c.State = callback.BookedState },
		"cancelled": func(c *callback.Callback) { c.State = callback.CancelledState },
		"failed":    func(c *callback.Callback) { c.State = callback.Failed },
		"early":     func(c *callback.Callback) { c.State, c.UpdatedAt = callback.Done, at.Add(-time.Hour) },
		"kept":      func(c *callback.Callback) { c.State, c.UpdatedAt = callback.Done, at.Add(time.Minute) },
		"held":      func(c *callback.Callback) { c.State = callback.HeldState },
		"lapsed":    func(c *callback.Callback) { c.State = callback.Expired },
	} {
		c := callback.Callback{ID: id, Phone: "+358401234567", At: at, Until: at.Add(15 * time.Minute), Zone: "Europe/Helsinki", Version: 3}
		edit(&c)
		all = append(all, c)
	}
	l := New("anna", "Anna", all, at.Add(-4*time.Hour))
	handed := callback.Callback{
		ID: "handed", Phone: "+358401234567", Name: "Aino", Topic: "dunning", Note: "invoice", Owner: "bo", State: callback.BookedState,
		At: at, Until: at.Add(15 * time.Minute), Zone: "Europe/Helsinki", Version: 4,
	}
	never := handed
	never.ID, never.Version = "never his", 0
	l.Taken([]callback.Callback{handed, never})
	if cal := l.Calendar(); strings.Contains(cal, "Aino") || strings.Contains(cal, "dunning") || strings.Contains(cal, "invoice") || !strings.Contains(cal, "SEQUENCE:4") {
		t.Errorf("what is somebody else's by now is told as\n%s", cal)
	}
	cal, err := ical.NewDecoder(strings.NewReader(l.Calendar())).Decode()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range cal.Events() {
		uid, _ := e.Props.Text(ical.PropUID) // compared below
		status, _ := e.Status()
		got[uid] = string(status)
	}
	want := map[string]string{"open@holdless": "CONFIRMED", "cancelled@holdless": "CANCELLED", "failed@holdless": "CANCELLED", "early@holdless": "CANCELLED", "handed@holdless": "CANCELLED"}
	if !maps.Equal(got, want) {
		t.Errorf("the calendar has %v, want %v", got, want)
	}
	if len(l.Rows) != 1 || strings.Count(l.Text(), "\n") != 1 {
		t.Errorf("and the list %s", l.Text())
	}
}

// TestPaper holds that the list, as a page, prints: it needs nothing from
// elsewhere, its lines are not torn, and its head is there on each sheet.
func TestPaper(t *testing.T) {
	t.Parallel()
	var page strings.Builder
	if err := some().HTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<thead>", `<tr style="break-inside: avoid">`, "14:30", "15:30", "+358407654321", "was cut off: please call", "As it stood at 11:30"} {
		if !strings.Contains(html.UnescapeString(page.String()), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"src=", "href=", "<link", "http:"} {
		if strings.Contains(strings.ReplaceAll(page.String(), "http://x", ""), never) {
			t.Errorf("the page has %q", never)
		}
	}
}
