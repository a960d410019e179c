package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/holdless/holdless/callback"
)

// promise is a callback as JSON shows it.
type promise struct {
	ID       string    `json:"id"`
	Queue    string    `json:"queue"`
	State    string    `json:"state"`
	At       time.Time `json:"at"`
	Due      time.Time `json:"due,omitzero"` // when the machine acts next
	Phone    string    `json:"phone"`
	Name     string    `json:"name,omitempty"`
	Topic    string    `json:"topic,omitempty"`
	Language string    `json:"language,omitempty"`
	Note     string    `json:"note,omitempty"`
	Owner    string    `json:"owner,omitempty"`
	Agent    string    `json:"agent,omitempty"`
	Tries    int       `json:"tries"`
	Attempts []attempt `json:"attempts,omitempty"`
	Texts    []note    `json:"texts,omitempty"`
}

// attempt is a call that was placed to keep a callback.
type attempt struct {
	No      int       `json:"no"`
	Leg     string    `json:"leg"`
	Agent   string    `json:"agent,omitempty"`
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome"`
}

// note is a text about a callback.
type note struct {
	What     string    `json:"what"`
	At       time.Time `json:"at"` // when it left, or will
	Status   string    `json:"status"`
	Reason   string    `json:"reason,omitempty"`
	Segments int       `json:"segments"` // messages that it is billed as
}

// noteOf tells of a text how far it came.
func noteOf(s callback.Sent, zone *time.Location) note {
	n := note{What: s.What, At: s.DoneAt, Status: s.Status, Reason: s.Err, Segments: s.Segments}
	if s.DoneAt.IsZero() {
		n.At, n.Status = s.DueAt, "waits"
	}
	if s.Receipt == callback.ReceiptArrived || s.Receipt == callback.ReceiptLost {
		n.Status = string(s.Receipt)
	}
	n.At = n.At.In(zone)
	return n
}

func (c config) promise(cb callback.Callback) promise {
	p := promise{
		ID: cb.ID, Queue: cb.Queue, State: string(cb.State), At: cb.At.In(c.zoneOf(cb.Queue)),
		Phone: string(cb.Phone), Name: cb.Name, Topic: cb.Topic, Language: cb.Lang, Note: cb.Note,
		Owner: cb.Owner, Agent: cb.Agent, Tries: cb.Attempts,
	}
	if !cb.State.Over() {
		p.Due = cb.DueAt.In(p.At.Location())
	}
	return p
}

func (d *deskCommand) print(w io.Writer, c config, list []callback.Callback) error {
	all := make([]promise, len(list))
	for i, cb := range list {
		all[i] = c.promise(cb)
	}
	if d.asJSON {
		return printJSON(w, all)
	}
	tab := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tab, "ID\tPROMISED\tSTATE\tQUEUE\tPHONE\tNAME\tTOPIC\tTRIES")
	for _, p := range all {
		fmt.Fprintln(tab, strings.Join([]string{
			p.ID, p.At.Format("2006-01-02 15:04 MST"), p.State, p.Queue, p.Phone, visible(p.Name), visible(p.Topic), fmt.Sprint(p.Tries),
		}, "\t"))
	}
	return tab.Flush()
}

func (d *deskCommand) printOne(w io.Writer, c config, cb callback.Callback, attempts []callback.Attempt, texts []callback.Sent) error {
	p := c.promise(cb)
	for _, t := range texts {
		p.Texts = append(p.Texts, noteOf(t, p.At.Location()))
	}
	for _, a := range attempts {
		p.Attempts = append(p.Attempts, attempt{a.No, string(a.Leg), a.Agent, a.IntentAt.In(p.At.Location()), a.Outcome})
	}
	if d.asJSON {
		return printJSON(w, p)
	}
	if err := d.print(w, c, []callback.Callback{cb}); err != nil {
		return err
	}
	for _, a := range p.Attempts {
		fmt.Fprintf(w, "  call %d to the %s at %s: %s\n", a.No, a.Leg, a.At.Format(time.TimeOnly), a.Outcome)
	}
	for _, t := range p.Texts {
		fmt.Fprintf(w, "  %s at %s: %s, %s%s\n", t.What, t.At.Format(time.TimeOnly), t.Status, count(t.Segments, "message"), because(t.Reason))
	}
	return nil
}

// because is a reason, where there is one.
func because(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + visible(reason) + ")"
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// visible keeps what others wrote from acting on the terminal.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '?'
		}
		return r
	}, s)
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
