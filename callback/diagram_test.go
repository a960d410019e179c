package callback_test

import (
	"os"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
)

// TestDiagramIsInTheManual keeps the picture in the architecture document like
// the table that the desk goes by.
func TestDiagramIsInTheManual(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	want := "```mermaid\n" + strings.TrimSpace(callback.Diagram()) + "\n```\n"
	if !strings.Contains(string(src), want) {
		t.Errorf("docs/architecture.md shows another life of a callback than the desk lives by; put this there:\n%s", want)
	}
}
