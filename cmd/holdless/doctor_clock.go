package main

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"time"
)

// A watch is what somebody else said of the time, and what ours showed then.
type watch struct {
	whose string
	shows time.Time
	ours  time.Time
}

// How far a clock may be off: others tell whole seconds, and are asked over a
// network.
const (
	clockPoor = 5 * time.Second
	clockIll  = time.Minute
)

// clock compares ours with those of trunks, and of Twilio, that were asked.
func (d *doctor) clock(ctx context.Context) []symptom {
	d.askTime(ctx)
	now := time.Now()
	if now.Year() < 2026 {
		return []symptom{{ill, "the clock shows " + now.Format(time.RFC3339), "set it, and keep it right with NTP"}}
	}
	all := []symptom{}
	for _, c := range d.watches {
		off := c.ours.Sub(c.shows).Round(time.Second)
		switch {
		case off.Abs() > clockIll:
			all = append(all, symptom{ill, fmt.Sprintf("the clock is %s off that of %s", off, c.whose), "set it, and keep it right with NTP: timedatectl set-ntp true"})
		case off.Abs() > clockPoor:
			all = append(all, symptom{poor, fmt.Sprintf("the clock is %s off that of %s", off, c.whose), "keep it right with NTP: timedatectl set-ntp true"})
		}
	}
	if len(all) > 0 {
		return all
	}
	says := "the clock shows " + now.In(d.config.zoneOf("")).Format("2006-01-02 15:04:05 MST")
	if len(d.watches) > 0 {
		return []symptom{{good, says + ", as that of " + d.watches[0].whose, ""}}
	}
	if synced, known := clockSynced(ctx); known && !synced {
		return []symptom{{poor, says + ", and no time server keeps it right", "turn on NTP: timedatectl set-ntp true"}}
	}
	return []symptom{{good, says, ""}}
}

// askTime asks Twilio, if we have business there, what time it is (RFC 9110,
// 6.6.1). Our own public address may be this machine, whose clock proves nothing.
func (d *doctor) askTime(ctx context.Context) {
	if !d.config.Twilio.Enabled() {
		return
	}
	if shows, err := d.timeAt(ctx, twilioURL(d.config)); err == nil {
		d.watches = append(d.watches, watch{"Twilio", shows, time.Now()})
	}
}

func (d *doctor) timeAt(ctx context.Context, url string) (time.Time, error) {
	ctx, stop := context.WithTimeout(ctx, askTime)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, url, nil)
	if err != nil {
		return time.Time{}, err
	}
	client := &http.Client{Transport: d.twilio, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return time.Time{}, err
	}
	defer res.Body.Close()
	return http.ParseTime(res.Header.Get("Date"))
}

// clockSynced asks systemd; known is false where there is none.
func clockSynced(ctx context.Context) (synced, known bool) {
	out, err := exec.CommandContext(ctx, "timedatectl", "show", "--property=NTPSynchronized", "--value").Output()
	if err != nil {
		return false, false
	}
	return strings.TrimSpace(string(out)) == "yes", true
}
