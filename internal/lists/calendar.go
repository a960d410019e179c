package lists

import (
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// A Person is who a calendar is for, or who sends it.
type Person struct {
	Name  string
	Email string
}

// refresh is how often programs are asked to look at a feed again. Some look
// once a day, whatever it says.
const refresh = "PT15M"

// Calendar writes the callbacks as a calendar of RFC 5545 that others follow.
// It shows the last digits of numbers only: feeds are kept by others.
func (l List) Calendar() string {
	cal := ics.NewCalendarFor("holdless")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName("Callbacks of " + l.Agent)
	cal.SetRefreshInterval(refresh)
	cal.SetXPublishedTTL(refresh)
	for _, r := range l.Rows {
		r.event(cal, l.At)
	}
	for _, r := range l.Gone { // some programs keep what they were told once (RFC 5545, 3.8.1.11)
		r.event(cal, l.At).SetStatus(ics.ObjectStatusCancelled)
	}
	return text(cal)
}

// text writes a calendar. Lines end with CRLF on every system (RFC 5545, 3.1).
func text(cal *ics.Calendar) string { return cal.Serialize(ics.WithNewLineWindows) }

// Invite writes the invitation of an agent to a callback of his own (RFC 5546,
// METHOD:REQUEST).
func (r Row) Invite(from, to Person, now time.Time) string {
	return r.imip(ics.MethodRequest, from, to, now)
}

// Revoke takes an invitation back (RFC 5546, METHOD:CANCEL).
func (r Row) Revoke(from, to Person, now time.Time) string {
	return r.imip(ics.MethodCancel, from, to, now)
}

func (r Row) imip(method ics.Method, from, to Person, now time.Time) string {
	cal := ics.NewCalendarFor("holdless")
	cal.SetMethod(method)
	e := r.event(cal, now)
	e.SetOrganizer("mailto:"+from.Email, ics.WithCN(from.Name))
	e.AddAttendee("mailto:"+to.Email, ics.WithCN(to.Name), ics.CalendarUserTypeIndividual, ics.ParticipationStatusAccepted, ics.WithRSVP(false))
	if method == ics.MethodCancel {
		e.SetStatus(ics.ObjectStatusCancelled)
	}
	return text(cal)
}

// event adds a callback to a calendar. Its UID stays the same for good, its
// SEQUENCE grows with every change (RFC 5545, 3.8.7.4).
func (r Row) event(cal *ics.Calendar, now time.Time) *ics.VEvent {
	e := cal.AddEvent(r.ID + "@holdless")
	e.SetDtStampTime(now)
	e.SetSequence(int(r.Version))
	e.SetLastModifiedAt(r.Changed)
	e.SetStartAt(r.At)
	e.SetEndAt(r.Until)
	e.SetStatus(ics.ObjectStatusConfirmed)
	e.SetSummary("Call " + r.who())
	e.SetDescription(strings.TrimSpace(r.Topic + "\n" + r.Note))
	return e
}

// who names a customer without the number that others could call.
func (r Row) who() string {
	if r.Phone == "" {
		return "by somebody else"
	}
	digits := "…" + r.Phone[max(0, len(r.Phone)-3):]
	return strings.TrimSpace(r.Name + " " + digits)
}
