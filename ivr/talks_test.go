package ivr_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
)

func TestTalks(t *testing.T) {
	t.Parallel()
	talks, err := script.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	if len(talks) < 40 {
		t.Fatalf("only %d talks were found", len(talks))
	}
	for _, talk := range talks {
		t.Run(talk.Name, func(t *testing.T) {
			if err := talk.Run(menuOf(t, talk.Menu)); err != nil {
				t.Error(err)
			}
		})
	}
}

// menuOf returns a menu that stands beside the talks, or else ships.
func menuOf(t *testing.T, name string) *ivr.Menu {
	t.Helper()
	file := filepath.Join("testdata", name+".yaml")
	src, err := os.ReadFile(file)
	if err != nil {
		return load(t, name)
	}
	m, err := ivr.Parse(file, src)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
