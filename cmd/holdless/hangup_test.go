package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/holdless/holdless/internal/menus"
)

// TestHangups: SIGHUP has the menus read again. A file that is wrong keeps the
// good version, and the log, the figures and the desk say so until it is right.
func TestHangups(t *testing.T) {
	keep := make(chan os.Signal, 1) // so that a signal that comes early does not end the test
	signal.Notify(keep, syscall.SIGHUP)
	defer signal.Stop(keep)
	config, menu := ownMenu(t, patient("one"), "sounds: {cache: false}\n")
	c, err := loadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	var log logBuffer
	s, err := newService(t.Context(), c, slog.New(slog.NewTextHandler(&log, nil)), parts{}) // it does not run: nothing else looks at the file
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	work := &crew{}
	ctx, stop := work.begin(t.Context())
	defer stop()
	work.add(func() error { return s.hangups(ctx) })
	put := func(text string) {
		t.Helper()
		if err := menus.WriteFile(menu, text); err != nil { // at once: an earlier signal may still be at work
			t.Fatal(err)
		}
	}
	told := func(what string, ok func() bool) {
		t.Helper()
		eventually(t, what, func() bool {
			if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
			return ok()
		})
	}
	hears := func(words string) bool { return strings.Contains(s.desk.Live().Menus["main.yaml"].Source(), words) }
	figure := func() string { return brokenFiles(t, s) }

	put(patient("two"))
	told("the new words are live", func() bool { return hears("two") })
	if got := figure(); got != "0" {
		t.Errorf("%s files are broken, want 0", got)
	}
	put(strings.Replace(patient("three"), "to: second", "to: secnod", 1))
	told("the mistake is seen", func() bool { return len(s.menus.Faults()) == 1 })
	var changes []menus.Change
	eventually(t, "the mistake is written down", func() bool { // last of all, after the log
		changes, err = s.menus.Changes(t.Context(), 2)
		return err != nil || len(changes) > 0 && changes[0].What == "refused"
	})
	if !hears("two") || figure() != "1" {
		t.Errorf("callers hear\n%s\nand %s files are broken, want 1", s.desk.Live().Menus["main.yaml"].Source(), figure())
	}
	const wrong = `main.yaml:4:`
	if got := strings.Join(s.alarms(t.Context()), "\n"); !strings.Contains(got, wrong) || !strings.Contains(got, "secnod") {
		t.Errorf("the desk says %q", got)
	}
	if got := log.String(); !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "callers hear the version before") || !strings.Contains(got, wrong) {
		t.Errorf("the log says\n%s", got)
	}
	if err != nil || len(changes) != 2 || changes[1].What != "live" || changes[0].By != "SIGHUP" || changes[1].By != "SIGHUP" {
		t.Errorf("the journal has %+v, %v", changes, err)
	}
	put(patient("four"))
	told("it is right again", func() bool { return len(s.menus.Faults()) == 0 })
	if !hears("four") || figure() != "0" || len(s.alarms(t.Context())) > 0 {
		t.Errorf("%s files are broken, and the desk says %q", figure(), s.alarms(t.Context()))
	}
	stop()
	if err := work.wait(); err != nil {
		t.Error(err)
	}
}

// brokenFiles is how many files of menus are broken, as the figures have it.
func brokenFiles(t *testing.T, s *service) string {
	t.Helper()
	w := httptest.NewRecorder()
	s.counts.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if n, ok := strings.CutPrefix(line, "holdless_menus_broken "); ok {
			return strings.TrimSpace(n)
		}
	}
	return "none"
}
