package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCommandsReachTheService asks the desk of a service that runs, and then
// the data of one that does not.
func TestCommandsReachTheService(t *testing.T) {
	t.Parallel()
	r := servingAtNoon(t)
	booked := book(t, r.file, "+358401234567")
	if code, _, errs := holdless(t, "callbacks", "book", "-c", r.file, "--queue", "billing", "--phone", "+358401234567"); code != exitWrong {
		t.Errorf("the same number was booked twice: %d %s", code, errs)
	}
	if code, body := r.get(t, "/"); code != http.StatusUnauthorized || strings.Contains(body, "567") {
		t.Errorf("the page is shown to a stranger: %d %s", code, body)
	}
	if code, body := r.getAs(t, "supervisor", "/"); code != 200 || !strings.Contains(body, "…567") {
		t.Errorf("the page does not show it: %d %s", code, body)
	}
	if code, body := r.getAs(t, "admin", "/wall"); code != 200 || !strings.Contains(body, "Nowhere to speak of") || !strings.Contains(body, "1 still to be kept") {
		t.Errorf("the wall is %d %s", code, body)
	}
	eventually(t, "counted", func() bool {
		_, metrics := r.get(t, "/metrics")
		return strings.Contains(metrics, `holdless_callbacks_total{state="booked"} 1`)
	})
	if code, out, errs := holdless(t, "agents", "set", "anna", "break", "-c", r.file); code != exitDone {
		t.Errorf("got %d %s %s", code, out, errs)
	}
	texts := regexp.MustCompile(`text_booked at [0-9:]{8}: (waits|sent), 1 message\n`)
	if code, out, errs := holdless(t, "callbacks", "show", booked, "-c", r.file); code != exitDone || !texts.MatchString(out) {
		t.Errorf("show: got %d %s %s", code, out, errs)
	}
	if code, out, errs := holdless(t, "callbacks", "show", booked, "--json", "-c", r.file); code != exitDone || !strings.Contains(out, `"segments": 1`) {
		t.Errorf("show: got %d %s %s", code, out, errs)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if code, _, errs := holdless(t, "backup", copied, "-c", r.file); code != exitDone {
		t.Errorf("backup: got %d %s", code, errs)
	}
	if code, _, errs := holdless(t, "restore", copied, "-c", r.file); code != exitConfig || strings.Count(errs, "\n") != 1 {
		t.Errorf("restored below a service that runs: %d %s", code, errs)
	}
	r.stop()
	r.end(t)
	if code, out, errs := holdless(t, "callbacks", "cancel", booked, "-c", r.file); code != exitDone || !strings.Contains(out, "cancelled") {
		t.Errorf("cancel: got %d %s %s", code, out, errs)
	}
	if code, _, errs := holdless(t, "restore", copied, "-c", r.file); code != exitDone {
		t.Errorf("restore: got %d %s", code, errs)
	}
	if code, out, errs := holdless(t, "callbacks", "list", "-c", r.file); code != exitDone || !strings.Contains(out, booked) {
		t.Errorf("the backup lacks what was booked: %d %s %s", code, out, errs)
	}
	if code, out, errs := holdless(t, "agents", "list", "-c", r.file); code != exitDone || !strings.Contains(out, "break") {
		t.Errorf("got %d %s %s", code, out, errs)
	}
}

// TestCommandsSayWhatToDo: whoever is refused is told what to do, whether or not
// the service runs.
func TestCommandsSayWhatToDo(t *testing.T) {
	t.Parallel()
	r := serving(t)
	booked, over := book(t, r.file, "+358401234567"), book(t, r.file, "+358407654321")
	if code, _, errs := holdless(t, "callbacks", "cancel", over, "-c", r.file); code != exitDone {
		t.Fatal(errs)
	}
	for _, runs := range []bool{true, false} {
		if !runs {
			r.stop()
			r.end(t)
		}
		for _, tt := range []struct{ args, want string }{
			{"book --queue billing --phone +358401234567", "has an open callback already: holdless callbacks move " + booked + " TIME"},
			{"book --queue biling --phone +358401234567", `did you mean "billing"?`},
			{"book --queue billing --phone 0401234567", "write it with its country, like +358401234567"},
			{"book --queue billing --phone +13035550123", "allow_regions"},
			{"book --queue billing --phone +358407654321 --at 2030-11-30T09:17", "is not a time; write"},
			{"move " + booked + " 2030-11-30+03:17", "is not a time; write"},
			{"cancel " + over, "is cancelled already: holdless callbacks book"},
			{"move " + over + " 09:15", "is cancelled already"},
			{"show nobody", "holdless callbacks list shows"},
		} {
			code, _, errs := holdless(t, append(append([]string{"callbacks"}, strings.Fields(tt.args)...), "-c", r.file)...)
			if code == exitDone || !strings.Contains(errs, tt.want) || strings.Count(errs, "\n") != 1 {
				t.Errorf("%s, service runs %t: %d %s, want %s", tt.args, runs, code, errs, tt.want)
			}
		}
		if code, _, errs := holdless(t, "callbacks", "move", booked, "2030-11-30 03:17", "-c", r.file); code != exitWrong || !strings.Contains(errs, "holdless callbacks slots") {
			t.Errorf("a time that is not offered: %d %s", code, errs)
		}
	}
}

// book books a callback by the command, and returns its ID.
func book(t *testing.T, file, number string) string {
	t.Helper()
	code, out, errs := holdless(t, "callbacks", "book", "-c", file, "--json", "--queue", "billing", "--phone", number, "--name", "Ev\x1bil")
	if code != exitDone {
		t.Fatalf("book: got %d %s", code, errs)
	}
	var got []promise
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got) != 1 {
		t.Fatalf("got %s: %v", out, err)
	}
	return got[0].ID
}
