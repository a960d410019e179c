package yamledit_test

import (
	"errors"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/holdless/holdless/internal/yamledit"
)

const file = `# The service of Acme.
zone: Europe/Helsinki   # where we are

queues:
  billing:
    agents: [anna, "ben"]
    hours:                    # ask Anna
      mon-fri: "09:00-17:00"  # not on Friday afternoons
      # Saturdays are Ben's.
      sat: 10:00-14:00
    exceptions: {"2026-12-24": "09:00-12:00", "2026-12-31": closed}   # the board said so
    capacity: 2  # seats
    notice:
    text: |
      one
      two
  # The other.
  delivery: {hours: {mon: "08:00-09:00"}, capacity: 1}
last: yes # end`

func TestSet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		path  string
		value string
		from  string // what is replaced in the file, and
		to    string // by what; nothing else may change
	}{
		{"a quoted value with a comment", "queues billing hours mon-fri", `"08:00-16:00"`, `"09:00-17:00"`, `"08:00-16:00"`},
		{"a plain value", "queues billing hours sat", "closed", "sat: 10:00-14:00", "sat: closed"},
		{"a number with a comment", "queues billing capacity", "3", "capacity: 2  #", "capacity: 3  #"},
		{"a plain value with a comment", "zone", "Europe/Prague", "Europe/Helsinki ", "Europe/Prague "},
		{"the last value", "last", "no", "last: yes", "last: no"},
		{"in brackets", "queues billing exceptions 2026-12-24", "closed", `"09:00-12:00", `, `closed, `},
		{"the last in brackets", "queues billing exceptions 2026-12-31", `"09:00-10:00"`, `closed}`, `"09:00-10:00"}`},
		{"in brackets in brackets", "queues delivery hours mon", "closed", `{mon: "08:00-09:00"}`, `{mon: closed}`},
		{"new in lines", "queues billing hours sun", "closed", "sat: 10:00-14:00\n", "sat: 10:00-14:00\n      sun: closed\n"},
		{"new in brackets", "queues billing exceptions 2027-01-06", "closed", `{"2026-12-24"`, `{"2027-01-06": closed, "2026-12-24"`},
		{"new in brackets in brackets", "queues delivery hours tue", "closed", "{mon:", "{tue: closed, mon:"},
		{"new with a name above", "queues delivery notice en", `"Closed: # fire"`, "{hours: {mon", `{notice: {en: "Closed: # fire"}, hours: {mon`},
		{"in what is empty", "queues billing notice en", `"Fire."`, "notice:\n", "notice: {en: \"Fire.\"}\n"},
		{"at the end of the file", "more", "1", "last: yes # end", "last: yes # end\nmore: 1\n"},
		{"a text in lines", "queues billing text", `"three"`, "text: |\n      one\n      two\n", "text: \"three\"\n"},
		{
			"a mapping in lines", "queues billing hours", `{mon: closed}`,
			"hours:                    # ask Anna\n      mon-fri: \"09:00-17:00\"  # not on Friday afternoons\n      # Saturdays are Ben's.\n      sat: 10:00-14:00\n",
			"hours: {mon: closed}  # ask Anna\n",
		},
		{"one of a list", "queues billing agents #1", `{en: "Ben"}`, `"ben"`, `{en: "Ben"}`},
		{"a list", "queues billing agents", `[anna]`, `[anna, "ben"]`, `[anna]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := yamledit.Set([]byte(file), tt.value, strings.Fields(tt.path)...)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(file, tt.from, tt.to, 1); string(got) != want || want == file {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, path, from, to string }{
		{"a line", "queues billing hours sat", "      sat: 10:00-14:00\n", ""},
		{"the first in brackets", "queues billing exceptions 2026-12-24", `"2026-12-24": "09:00-12:00", `, ""},
		{"the last in brackets", "queues billing exceptions 2026-12-31", `, "2026-12-31": closed`, ""},
		{"the only one", "queues delivery hours mon", `hours: {mon: "08:00-09:00"}, `, ""},
		{"a text in lines", "queues billing text", "    text: |\n      one\n      two\n", ""},
		{"what is not there", "queues billing nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := yamledit.Delete([]byte(file), strings.Fields(tt.path)...)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(file, tt.from, tt.to, 1); string(got) != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// What cannot be changed by itself is left alone.
func TestErrShape(t *testing.T) {
	t.Parallel()
	for _, src := range []string{"a: &x {b: 1}\nc: *x\n", "[1, 2]", "", "a: {b:\n  1, c: 2}\n", "a: 'one\n  two'\nb: 2\n", "?", "\r{}", "x: \u2028\na: {b: 1}\n"} {
		got, err := yamledit.Set([]byte(src), "9", "a", "b")
		if err == nil && strings.HasPrefix(src, "a: &x") {
			continue // the anchor says the same below, which is no mistake of ours
		}
		if !errors.Is(err, yamledit.ErrShape) {
			t.Errorf("%q became %q, %v", src, got, err)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"Hello.", `He said "no": # 1 \ {x}`, "{a", "yes", "12", "ä – ö", "- x"} {
		var got string
		if err := yaml.Load([]byte(yamledit.Text(s)), &got); err != nil || got != s {
			t.Errorf("%q is read as %q, %v", s, got, err)
		}
	}
}

// FuzzSet: whatever a file has in it, a change says what was wanted and leaves
// the rest, or nothing is changed. What is taken out is gone.
func FuzzSet(f *testing.F) {
	f.Add(file, "queues", "billing", "Fire.")
	f.Add("a:\n  b: \"x\"  # c\n", "a", "b", "y")
	f.Add("a: {b: 1, c: [2]}\r\n", "a", "c", "#")
	f.Add("? a\n: b\n", "a", "b", "c")
	f.Fuzz(func(t *testing.T, src, one, two, value string) {
		if len(src) > 2000 {
			t.Skip("long files are slow, and no other")
		}
		left, err := yamledit.Delete([]byte(src), one, two)
		if again, twice := yamledit.Delete(left, one, two); err == nil && (twice != nil || string(again) != string(left)) {
			t.Errorf("%q became %q and then %q, %v", src, left, again, twice)
		}
		got, err := yamledit.Set([]byte(src), yamledit.Text(value), one, two)
		if err != nil {
			return
		}
		var all map[string]any
		if err := yaml.Load(got, &all); err != nil {
			t.Skip("not a mapping of names") // other kinds of keys
		}
		inner, _ := all[one].(map[string]any)
		if want := strings.Join(strings.Fields(value), " "); inner != nil && inner[two] != nil && inner[two] != want {
			t.Errorf("%q became %q", src, got)
		}
	})
}
