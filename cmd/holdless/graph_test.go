package main

import (
	"strings"
	"testing"
)

func TestGraph(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		code int
		want string
		args []string
	}{
		{"text", exitDone, "1 laskut: desk (hours)", []string{"main", "--lang", "fi"}},
		{"a picture", exitDone, "<svg ", []string{"main", "--format", "svg"}},
		{"no such format", exitUsage, "none of svg, mermaid, dot, text", []string{"main", "--format", "gif"}},
		{"no such language", exitUsage, "it speaks en, fi", []string{"main", "--lang", "xx"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := holdless(t, append([]string{"graph"}, tt.args...)...)
			if code != tt.code || !strings.Contains(out+errs, tt.want) {
				t.Errorf("got %d %s\n%s", code, errs, out)
			}
		})
	}
}
