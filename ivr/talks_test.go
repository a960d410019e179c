package ivr_test

import (
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
			m, err := ivr.Default(talk.Menu)
			if err != nil {
				t.Fatal(err)
			}
			if err := talk.Run(m); err != nil {
				t.Error(err)
			}
		})
	}
}
