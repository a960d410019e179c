package dispatch_test

import (
	"slices"
	"testing"

	"github.com/holdless/holdless/callback/dispatch"
)

// Who is not free can be taken by nobody.
func TestNeedsWhoIsNotFree(t *testing.T) {
	t.Parallel()
	n := dispatch.NewNeeds([]string{"bo"})
	if n.Spares("dee") || n.Left([]string{"dee"}) != 0 {
		t.Error("who is not free may be taken")
	}
}

// Whom a customer needs who is being called goes last, and is not counted among
// those who can be taken.
func TestNeeds(t *testing.T) {
	t.Parallel()
	one := dispatch.NewNeeds([]string{"bo", "ann", "cy"})
	one.Call([]string{"bo", "dee"}, 1) // dee is not free
	two := dispatch.NewNeeds([]string{"bo", "ann", "cy"})
	two.Call([]string{"bo", "ann"}, 1)
	three := dispatch.NewNeeds([]string{"bo", "ann", "cy"})
	three.Call([]string{"dee"}, 1)
	tests := []struct {
		name   string
		needs  dispatch.Needs
		sorted []string
		spared int
		left   int
	}{
		{"nobody is called", dispatch.Needs{}, []string{"bo", "ann", "cy"}, 3, 3},
		{"one needs him alone", one, []string{"ann", "cy", "bo"}, 2, 2},
		{"one needs who is not free", three, []string{"bo", "ann", "cy"}, 3, 3},
		{"one needs either", two, []string{"bo", "ann", "cy"}, 3, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			free := []string{"bo", "ann", "cy"}
			if all, spared := tt.needs.Sort(free); !slices.Equal(all, tt.sorted) || spared != tt.spared {
				t.Errorf("sorted %v, of whom %d are spared; want %v, %d", all, spared, tt.sorted, tt.spared)
			}
			if left := tt.needs.Left(free); left != tt.left {
				t.Errorf("%d are left, want %d", left, tt.left)
			}
		})
	}
}
