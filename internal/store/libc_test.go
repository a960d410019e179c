package store_test

import (
	"fmt"
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
	if err := fits(mod, goList(t, "{{.Version}}", "modernc.org/libc")); err != nil {
		t.Error(err)
	}
}

func TestAnotherLibcIsFound(t *testing.T) {
	t.Parallel()
	const mod = "module modernc.org/sqlite\n\nrequire (\n\tgolang.org/x/sys v0.44.0\n\tmodernc.org/libc v1.77.1\n)\n"
	for _, tt := range []struct{ name, mod, libc, want string }{
		{"the same", mod, "v1.77.1", ""},
		{"on a line of its own", "require modernc.org/libc v1.77.1\n", "v1.77.1", ""},
		{"a later one", mod, "v1.78.0", "asks for v1.77.1"},
		{"an earlier one", mod, "v1.77.0", "asks for v1.77.1"},
		{"none", "module modernc.org/sqlite\n", "v1.77.1", "asks for no libc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := fits([]byte(tt.mod), tt.libc)
			if got := fmt.Sprint(err); (err == nil) != (tt.want == "") || !strings.Contains(got, tt.want) && err != nil {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

var asksFor = regexp.MustCompile(`(?m)^\s*(?:require )?modernc\.org/libc (v\S+)`)

// fits says what is wrong with a libc by the go.mod of SQLite.
func fits(mod []byte, libc string) error {
	wants := asksFor.FindSubmatch(mod)
	if wants == nil {
		return fmt.Errorf("modernc.org/sqlite asks for no libc:\n%s", mod)
	}
	if want := string(wants[1]); libc != want {
		return fmt.Errorf("modernc.org/libc is %[1]s, and modernc.org/sqlite asks for %[2]s: go get modernc.org/libc@%[2]s", libc, want)
	}
	return nil
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
