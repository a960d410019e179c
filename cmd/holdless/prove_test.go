package main

import (
	"os"
	"strings"
	"testing"
)

// TestProve: a menu whose own tests fail is never heard. Check tells where,
// and the service keeps the version before.
func TestProve(t *testing.T) {
	t.Parallel()
	const tests = "tests:\n  more:\n    keys: [1, 1]\n    path: [first, second, first]\n"
	config, menu := ownMenu(t, patient("Welcome.")+tests, "sounds: {cache: false}\n")
	r := startWith(t, config)
	defer func() {
		r.stop()
		r.end(t)
	}()
	bad := strings.Replace(patient("Good morning.")+tests, "to: first}, 2:", "to: second}, 2:", 1) // key 1 leads back no more
	putFile(t, menu, bad)
	code, out, errs := holdless(t, "check", menu)
	for _, want := range []string{menu + ":", `the test "more" fails`, "want path first second first"} {
		if code != exitWrong || !strings.Contains(out, want) {
			t.Errorf("check: got %d %s%s, want %s", code, out, errs, want)
		}
	}
	wrong, err := r.menus.Reload(t.Context(), "SIGHUP")
	if err != nil || len(wrong) != 1 {
		t.Fatalf("reloaded: %v, %v", wrong, err)
	}
	if got := r.desk.Live().Menus["main.yaml"].Source(); !strings.Contains(got, "Welcome.") {
		t.Errorf("callers hear %s", got)
	}
	if got := r.menus.Faults(); len(got) != 1 || !strings.Contains(got[0], `the test "more" fails`) {
		t.Errorf("the banner says %q", got)
	}
	if src, err := os.ReadFile(menu); err != nil || string(src) != bad {
		t.Errorf("the file was changed: %v", err)
	}
}
