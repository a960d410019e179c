package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/menus"
)

// hand is how a supervisor wrote a queue, with reasons beside the values.
const hand = `queues:
  billing: # invoices and dunning
    agents: [anna]
    # Agreed with the works council.
    hours:
      mon-fri: "09:00-17:00" # no earlier: the bus
      sat: "10:00-12:00"
    exceptions:
      2026-12-24: closed # every year
    capacity: auto # as the team can
`

// TestShiftsByHand changes hours, a holiday, a notice and the capacity in the
// form: they are in force at once, all else in the file stays as it was written,
// and what is not touched keeps its value.
func TestShiftsByHand(t *testing.T) {
	t.Parallel()
	file := written(t, "")
	src := read(t, file)
	at, end := strings.Index(src, "queues:"), strings.Index(src, "callbacks:")
	write(t, file, src[:at]+hand+src[end:])
	c, err := loadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newService(t.Context(), c, quiet(), parts{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	own := &shifts{file: file, menus: s.menus}
	all, err := own.Of("main")
	if err != nil || len(all) != 1 || all[0].Queue != "billing" || all[0].Capacity != "auto" {
		t.Fatalf("got %+v, %v", all, err)
	}
	first := all[0]
	change := first
	change.Hours = strings.Replace(strings.Replace(first.Hours, "09:00", "08:00", 1), "sat: 10:00-12:00\n", "", 1)
	change.Exceptions += "2026-12-31: 09:00-12:00\n"
	change.Notice[0].Text = "Mail is late: strike."
	if err := own.Save(t.Context(), change, "browser:anna"); err != nil {
		t.Fatal(err)
	}
	got := read(t, file)
	for _, want := range []string{
		"  billing: # invoices and dunning\n", "    # Agreed with the works council.\n", `08:00-17:00`, "# no earlier: the bus\n",
		"      2026-12-24: closed # every year\n", "2026-12-31", "Mail is late: strike.", "    capacity: auto # as the team can\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "sat") || strings.Contains(got, "09:00-17:00") {
		t.Errorf("what was changed is still in\n%s", got)
	}
	if after := strings.Index(got, "callbacks:"); !strings.HasPrefix(got, src[:at]) || got[after:] != src[end:] {
		t.Errorf("other parts of the file are not as they were:\n%s", got)
	}
	now, err := own.Of("main")
	if err != nil || now[0].Base == first.Base || now[0].Notice[0].Text != "Mail is late: strike." {
		t.Errorf("got %+v, %v", now, err)
	}
	turn, err := s.desk.Answer(t.Context(), callback.Inbound{Talk: "t", Line: "sip", From: "+358401234567", To: "+358912345"})
	if err != nil || !strings.Contains(fmt.Sprintf("%+v", turn.Say), "Mail is late: strike.") {
		t.Errorf("callers are told %+v, %v", turn.Say, err)
	}
	if err := own.Save(t.Context(), first, "browser:bo"); !errors.Is(err, menus.ErrStale) {
		t.Errorf("who read the file before saves it: %v", err)
	}
	three := now[0]
	three.Capacity = "3"
	if err := own.Save(t.Context(), three, "browser:anna"); err != nil || read(t, file) != strings.Replace(got, "capacity: auto #", "capacity: 3 #", 1) {
		t.Errorf("another capacity makes, %v:\n%s", err, read(t, file))
	}
	if now, err = own.Of("main"); err != nil || now[0].Capacity != "3" {
		t.Errorf("the capacity is %+v, %v", now, err)
	}
	got = read(t, file)
	bad := now[0]
	bad.Hours = "mon: 17:00-09:00\n"
	if err := own.Save(t.Context(), bad, "browser:anna"); err == nil || read(t, file) != got {
		t.Errorf("hours that end before they begin are saved: %v", err)
	}
}
