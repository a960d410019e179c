package store_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// The documentation of modernc.org/sqlite asks for the very libc of its own
// go.mod: an upgrade of one is an upgrade of both.
func TestLibcIsTheOneOfSQLite(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile(goList(t, "{{.GoMod}}", "modernc.org/sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	wants := regexp.MustCompile(`(?m)^\s*(?:require )?modernc\.org/libc (v\S+)`).FindSubmatch(mod)
	if wants == nil {
		t.Fatalf("SQLite asks for no libc:\n%s", mod)
	}
	if got, want := goList(t, "{{.Version}}", "modernc.org/libc"), string(wants[1]); got != want {
		t.Errorf("modernc.org/libc is %s, and modernc.org/sqlite asks for %s: go get modernc.org/libc@%s", got, want, want)
	}
}

// goList asks for a field of a module that this program is built with.
func goList(t *testing.T, field, module string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", field, module).Output()
	if err != nil {
		t.Fatalf("go list -m %s: %v", module, err)
	}
	return strings.TrimSpace(string(out))
}
