package main

import (
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
)

// sample has one field of every sort that a configuration has.
type sample struct {
	callback.Config `yaml:",inline"`
	Data            string            `yaml:"data"`
	Max             int               `yaml:"max"`
	On              bool              `yaml:"on"`
	Slot            callback.Span     `yaml:"slot"`
	Langs           []string          `yaml:"langs"`
	Trunks          map[string]sample `yaml:"trunks"`
}

func TestDecodeTellsEveryMistake(t *testing.T) {
	t.Setenv("HOLDLESS_TEST_SECRET", "hunter2: [")
	tests := []struct {
		name string
		src  string
		want []string // place and words of each mistake
	}{
		{"nothing", "", nil},
		{"a comment", "# nothing\n", nil},
		{"good", "data: x\nmax: 3\non: true\nslot: 15m\nlangs: [en]\ntrunks:\n  a: {max: 1}\n", nil},
		{"unknown keys at two depths", "dta: x\ntrunks:\n  a:\n    maxx: 1\n", []string{
			`f.yaml:1:1: there is no key "dta" here; did you mean "data"?`,
			`f.yaml:4:5: there is no key "maxx" here; did you mean "max"?`,
		}},
		{"an unknown key, and a value that does not fit", "dta: x\nmax: many\n", []string{
			`f.yaml:1:1: there is no key "dta" here; did you mean "data"?`,
			"f.yaml:2:6: this must be a number",
		}},
		{"a key twice", "max: 1\nmax: 2\n", []string{`f.yaml:2:1: "max" is here twice; first on line 1; remove one`}},
		{"a number is needed", "max: many\nslot: soon\n", []string{
			"f.yaml:1:6: this must be a number",
			`f.yaml:2:7: a length of time is written like "90s", "15m", "2h" or "7d"`,
		}},
		{"a misspelt key whose value does not fit", "maxx: many\n", []string{
			`f.yaml:1:1: there is no key "maxx" here; did you mean "max"?`,
			"f.yaml:1:7: this must be a number",
		}},
		{"one mistake in one place", "max: ${HOLDLESS_TEST_NONE}\n", []string{"f.yaml:1:6: the environment has no HOLDLESS_TEST_NONE"}},
		{"a tab", "trunks:\n\ta: 1\n", []string{"f.yaml:2:1: this is not YAML: ", "spaces"}},
		{"an environment that is not there", "data: ${HOLDLESS_TEST_NONE}\n", []string{"f.yaml:1:7: the environment has no HOLDLESS_TEST_NONE"}},
		{"too large", "# " + strings.Repeat("x", configSize), []string{"f.yaml:1:1: the file has 256 KiB; 256 are allowed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s sample
			err := decode("f.yaml", []byte(tt.src), &s).err()
			if len(tt.want) == 0 {
				if err != nil {
					t.Errorf("got %v, want no mistake", err)
				}
				return
			}
			if err == nil {
				t.Fatal("got no mistake")
			}
			if got := strings.Count(err.Error(), "f.yaml:"); strings.HasPrefix(tt.want[0], "f.yaml:") && got != strings.Count(strings.Join(tt.want, " "), "f.yaml:") {
				t.Errorf("got %d mistakes, want those alone:\n%v", got, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got\n%v\nwant\n%s", err, want)
				}
			}
		})
	}
}

// TestNumbersSurvive keeps the plus and the zero of numbers without quotes.
func TestNumbersSurvive(t *testing.T) {
	t.Parallel()
	src := "numbers:\n  +358912345: {menu: main, queue: +0412}\ncallbacks: {deny: [+358401234567, 0600, 0x1F]}\nqueues:\n  a: {caller_id: +358912345}\n"
	var s sample
	if err := decode("f.yaml", []byte(src), &s).err(); err != nil {
		t.Fatal(err)
	}
	if r, ok := s.Numbers["+358912345"]; !ok || r.Queue != "+0412" {
		t.Errorf("got numbers %v", s.Numbers)
	}
	if got := s.Queues["a"].CallerID; got != "+358912345" {
		t.Errorf("got caller ID %q", got)
	}
	want := [3]callback.Phone{"+358401234567", "0600", "0x1F"}
	if len(s.Callbacks.Deny) != 3 || [3]callback.Phone(s.Callbacks.Deny) != want {
		t.Errorf("got deny %v, want %v", s.Callbacks.Deny, want)
	}
}

// TestSecretsAreNotShown puts a value of the environment in, as it is, and
// never into a message.
func TestSecretsAreNotShown(t *testing.T) {
	t.Setenv("HOLDLESS_TEST_SECRET", "hunter2: [")
	var s sample
	r := decode("f.yaml", []byte("data: ${HOLDLESS_TEST_SECRET}\nmax: ${HOLDLESS_TEST_SECRET}\n"), &s)
	if r.err() == nil {
		t.Fatal("a text was taken for a number")
	}
	if strings.Contains(r.err().Error(), "hunter2") {
		t.Errorf("the secret is shown: %v", r.err())
	}
	if s.Data != "hunter2: [" {
		t.Errorf("got data %q", s.Data)
	}
}
