package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// What an operator stops stays stopped, whether or not the service runs, and
// everybody who looks is told.
func TestDialing(t *testing.T) {
	t.Parallel()
	r := serving(t)
	says := func(want string, args ...string) {
		t.Helper()
		code, out, errs := holdless(t, append(append([]string{"dialing"}, args...), "-c", r.file)...)
		if code != exitDone || !strings.Contains(out, want) {
			t.Errorf("dialing %v: got %d %q %q, want %q", args, code, out, errs, want)
		}
	}
	shows := func(path, want string) {
		t.Helper()
		if _, body := r.get(t, path); !strings.Contains(body, want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	says("customers are dialled", "status")
	shows("/metrics", "holdless_dialing_stopped 0")
	says("stopped since", "stop", "--why", "trunk \x1b[31mchanges")
	says("trunk ?[31mchanges", "status")
	if _, body := r.getAs(t, "supervisor", "/"); !strings.Contains(body, "Dialling is stopped since") || strings.Contains(body, "\x1b") {
		t.Errorf("the desk does not say that dialling is stopped: %s", body)
	}
	shows("/metrics", "holdless_dialing_stopped 1")
	if rings, err := r.desk.Claim(t.Context(), 1); err != nil || len(rings) != 0 {
		t.Errorf("%d rings, %v", len(rings), err)
	}
	r.stop()
	r.end(t)

	code, out, _ := holdless(t, "dialing", "status", "--json", "-c", r.file)
	var now dialing
	if err := json.Unmarshal([]byte(out), &now); err != nil || code != exitDone || !now.Stopped || now.By != operator {
		t.Errorf("got %d %s, %v", code, out, err)
	}
	says("customers are dialled", "start")
	says("customers are dialled", "status")
}

func TestDialingUsage(t *testing.T) {
	t.Parallel()
	file := written(t, "")
	for _, args := range [][]string{{"stop", "now"}, {"halt"}, {"status", "--yaml"}} {
		if code, _, errs := holdless(t, append(append([]string{"dialing"}, args...), "-c", file)...); code != exitUsage {
			t.Errorf("dialing %v: got %d %s", args, code, errs)
		}
	}
	if code, _, errs := holdless(t, "dialing", "stop", "-c", file+".not"); code != exitConfig || !strings.Contains(errs, "there is no") {
		t.Errorf("got %d %s", code, errs)
	}
}

func TestPrintDialing(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		now  callback.Dialing
		want string
	}{
		{callback.Dialing{Actor: "operator", At: noon}, "customers are dialled when they are due\n"},
		{callback.Dialing{Stopped: true, Actor: "desk", Why: "nobody answers", At: noon}, "dialling is stopped since 2026-11-23 12:00 UTC by desk: nobody answers\n"},
		{
			callback.Dialing{Stopped: true, Actor: "desk", Why: "nobody is there", At: noon, Until: noon.Add(12 * time.Hour)},
			"dialling is stopped since 2026-11-23 12:00 UTC by desk: nobody is there; it goes on by itself at 2026-11-24 00:00 UTC\n",
		},
		{callback.Dialing{Warns: "2 of 9 found no agent"}, "customers are dialled when they are due\ntoo few to stop: 2 of 9 found no agent\n"},
		{callback.Dialing{Waits: "limits.per_day"}, "dialling waits: limits.per_day is reached\n"},
	}
	for _, tt := range tests {
		var out strings.Builder
		if err := printDialing(&out, tt.now); err != nil || out.String() != tt.want {
			t.Errorf("got %q, %v; want %q", out.String(), err, tt.want)
		}
	}
}

// The desk says why dialling is stopped, and until when, and what may stop it.
func TestAlarmsOfDialing(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	now := callback.Dialing{Stopped: true, Why: "3 of 20 answered calls found no agent, more than 1 %", At: noon, Until: noon.Add(12 * time.Hour)}
	const want = "Dialling is stopped since Mon 23 Nov 12:00: 3 of 20 answered calls found no agent, more than 1 %. " +
		"Promises wait and are shown late. It goes on by itself at Tue 24 Nov 00:00, or when somebody starts it."
	if got := alarmsOf(now, time.UTC); len(got) != 1 || got[0] != want {
		t.Errorf("the desk says %q, want %q", got, want)
	}
	warned := callback.Dialing{Warns: "2 of 9 answered calls found no agent, more than 1 %"}
	if got := alarmsOf(warned, time.UTC); len(got) != 1 || !strings.Contains(got[0], warned.Warns) {
		t.Errorf("the desk says %q", got)
	}
}
