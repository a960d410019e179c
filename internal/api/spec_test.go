package api

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// described30 is the description from which the client in clientgen was made.
const described30 = "clientgen/openapi-3.0.json"

// TestDescription fails when the API has changed and the client has not: write
// the description anew with HOLDLESS_UPDATE=1, and the client with go generate.
func TestDescription(t *testing.T) {
	t.Parallel()
	got := description(t)
	if os.Getenv("HOLDLESS_UPDATE") != "" {
		if err := os.WriteFile(described30, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(described30)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the service describes (%v): HOLDLESS_UPDATE=1 go test ./internal/api -run TestDescription && go generate ./internal/api/clientgen", described30, err)
	}
}

func description(t *testing.T) []byte {
	t.Helper()
	w := newWorld(t)
	var out bytes.Buffer
	if err := json.Indent(&out, w.ask("", "GET", "/api/v1/openapi-3.0.json", "").Body.Bytes(), "", " "); err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes(), '\n')
}
