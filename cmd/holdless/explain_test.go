package main

import (
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"in Finnish", []string{"main", "2", "1", "--lang", "fi", "--at", "2026-11-28 21:00"}, []string{
			"Sat 28 Nov 2026 21:00", "begins     welcome -> promised -> topics", "laskut: painakaa 1.",
			"2          desk -> times", "(notes topic: delivery)", "1          number",
		}},
		{"closed", []string{"main", "0", "-c", example, "--at", "2026-11-28 21:00"}, []string{
			"closed until Mon 30 Nov 09:00", "0          person -> instead", "We are closed now.",
		}},
		{"nobody free", []string{"main", "0", "--agents", "0"}, []string{"0 agents free", "person -> anyone -> sorry -> line -> instead"}},
		{"rings, and nobody answers", []string{"main", "0", "noanswer busy"}, []string{"(rings agents for 20s)", "sorry -> line -> instead"}},
		{"withheld", []string{"main", "1", "1", "--from", ""}, []string{"key in your telephone number"}},
		{"a wrong key", []string{"main", "9"}, []string{"9          topics", "(waits for a key)"}},
		{"the whole way", []string{"main", "1", "1", "1"}, []string{"1          confirm -> ", "We will call you", "(hangs up)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := holdless(t, append([]string{"explain"}, tt.args...)...)
			if code != exitDone {
				t.Fatalf("got %d %s", code, errs)
			}
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not in\n%s", want, out)
				}
			}
		})
	}
}

func TestExplainRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		code int
		want string
		args []string
	}{
		{"a key after the end", exitWrong, "is over", []string{"main", "1", "1", "1", "1"}},
		{"another language", exitUsage, "speaks en, fi", []string{"main", "--lang", "de"}},
		{"no time", exitUsage, "--at", []string{"main", "--at", "noon"}},
		{"no queue", exitUsage, "the queues are", []string{"main", "--queue", "nowhere"}},
		{"no file", exitUsage, "name a file", []string{"nowhere.yaml"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, _, errs := holdless(t, append([]string{"explain"}, tt.args...)...)
			if code != tt.code || !strings.Contains(errs, tt.want) || strings.Count(errs, "\n") != 1 {
				t.Errorf("got %d %s", code, errs)
			}
		})
	}
}
