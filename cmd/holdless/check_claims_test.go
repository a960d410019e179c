package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// claimed is a menu without a mistake, in two languages.
const claimed = `languages: [en, fi]
start: hello
stuck: person
nodes:
  hello: {do: say, say: welcome, then: topics}
  topics:
    do: menu
    keys:
      "1": {label: {en: billing, fi: laskut}, to: times}
      "2": bye
  times: {do: offer, then: number, none: bye}
  number: {do: ask_number, then: confirm}
  confirm: {do: book, action: confirm, then: bye, taken: times, refused: number}
  person: {do: connect, to: agents, then: bye, busy: bye}
  bye: {do: end, say: goodbye}
`

// TestCheckClaims breaks one promise of check after the other in a menu or in
// the configuration around it. Each is told with its file, line and column,
// with the line and a caret under the place, and with what to do.
func TestCheckClaims(t *testing.T) {
	t.Parallel()
	const hours = `hours: {mon-sun: "00:00-24:00"}`
	tests := []struct {
		claim, from, to string
		want            string // behind the name of the file
		caret           string // what the caret stands under; "" for no excerpt
	}{
		{"reachability", "  bye:", "  lost: {do: end}\n  bye:", "menu.yaml:15:3: nothing leads to lost; lead a key to it, or take it out", "lost"},
		{"no dead end", `"2": bye`, `"2": bey`, `menu.yaml:10:12: no node is called "bey"; did you mean "bye"?`, "bey"},
		{"no end without a person", `"2": bye`, "\"2\": pit\n  pit: {do: menu, keys: {\"1\": pit}}", "menu.yaml:11:3: pit leads to no person, no callback and no goodbye", "pit"},
		{"no loop", "busy: bye", "busy: person", "menu.yaml:14:3: the talk goes round without asking: person -> person", "person"},
		{"0 reaches a person", "stuck: person", "stuck: bye", "menu.yaml:15:3: key 0 leads to bye, and that does not reach a person; let it lead to a connect or a transfer", "bye"},
		{"0 from every node", "stuck: person", "stuck: person\nanytime: {\"*\": back}", "menu.yaml:6:3: key 0 does not reach a person; write anytime:", "hello"},
		{"more than 4 choices", `"2": bye`, `"2": bye` + keysTo("3", "4", "5"), "menu.yaml:9:7: warning: 5 keys are too many to remember; better offer 4", `"1"`},
		{"more than 5 choices", `"2": bye`, `"2": bye` + keysTo("3", "4", "5", "6"), "menu.yaml:9:7: 6 keys are too many to remember; offer at most 5, better 4", `"1"`},
		{"3 levels", `"2": bye`, `"2": two` + deeper("two", "three", "four"), "menu.yaml:13:3: four is 4 menus deep; let callers choose at most 3 times", "four"},
		{"seconds until a person", "say: welcome", `say: {en: "` + strings.Repeat("Please listen to this. ", 70) + `", fi: Hei}`, "menu.yaml:6:3: warning: callers hear up to", "topics"},
		{"every language", ", fi: laskut", "", `menu.yaml:9:20: label has no words in "fi"; add fi: to it`, "{en"},
		{"speakable", "fi: laskut", `fi: "..."`, "menu.yaml:9:38: label cannot be spoken: it has no letter", `"...`},
		{"a voice", "languages: [en, fi]", "languages: [en, tlh]", `menu.yaml:1:17: no voice speaks "tlh"; the languages are en, fi`, "tlh"},
		{"targets", "to: agents,", "to: agent:ana,", `menu.yaml:14:29: nobody is called "ana" in agents; did you mean "anna"?`, "agent:ana"},
		{"E.164", "{do: connect, to: agents,", "{do: transfer, to: 0912399,", `menu.yaml:14:30: a call cannot be transferred to "0912399"; write +358912345`, "0912399"},
		{"allowed numbers", "{do: connect, to: agents,", "{do: transfer, to: +358600123456,", "menu.yaml:14:30: no call may be transferred to +358600123456: ", "+3586"},
		{"a hash", "    do: menu", "    do: menu\n    note: #", `menu.yaml:8:10: note has no value; a # starts a comment: write "#"`, ""},
		{"a star", `"2": bye`, `*: bye`, `menu.yaml:10:7: a * without quotes means something else in YAML; write "*"`, "*"},
		{"a tab", "    do: menu", "\tdo: menu", "menu.yaml:7:1: YAML does not allow a tab here; use spaces", "\t"},
		{"a leading zero", `"2"`, `02`, `menu.yaml:10:7: "02" is not a key of a telephone; did you mean "2"?`, "02"},
		{"no as a language", "languages: [en, fi]", "languages: [en, no]", `menu.yaml:1:17: no voice speaks "no"; the languages are`, "no]"},
		{"holidays", hours, hours + ", holidays: XX", `config.yaml:6:79: queues.billing.holidays: "XX" is not one of CZ, FI`, "XX"},
		{"hours", hours, `hours: {mon-sun: "17:00-09:00"}`, `config.yaml:6:53: queues.billing.hours.mon-sun: "17:00-09:00" ends before it begins; a night is written as two days`, `"17:00`},
		{"hours cover what they promise", hours, `hours: {mon-sun: "09:00-09:05"}`, "config.yaml:6:43: warning: queues.billing.hours: no time can be offered", "{mon"},
		{"clock changes", hours, `hours: {mon-sun: "01:00-05:00"}`, "config.yaml:6:43: warning: queues.billing.hours: on 20", "{mon"},
		{"a menu", "menu: menu.yaml,", "menu: mneu.yaml,", `config.yaml:4:30: numbers.+358912345.menu: menu "mneu.yaml" is neither one that ships nor a file that can be read`, "mneu"},
		{"a menu beside", "menu: menu.yaml,", "menu: mneu.yaml,", `no such file or directory; did you mean "menu.yaml"?`, ""},
		{"a queue", "menu: menu.yaml, queue: billing", "menu: menu.yaml, queue: biling", `config.yaml:4:48: numbers.+358912345.queue: "biling" is not in queues; did you mean "billing"?`, "biling"},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			t.Parallel()
			file := written(t, "")
			config := strings.Replace(read(t, file), "menu: main,", "menu: menu.yaml,", 1)
			menu := claimed
			if strings.Contains(tt.want, "no voice speaks") { // which is all that is wrong then
				menu = strings.Replace(menu, "{label: {en: billing, fi: laskut}, to: times}", "times", 1)
			}
			menu = strings.Replace(menu, tt.from, tt.to, 1)
			changed := strings.Replace(config, tt.from, tt.to, 1)
			if menu == claimed && changed == config {
				t.Fatalf("%q is nowhere", tt.from)
			}
			write(t, file, changed)
			write(t, filepath.Join(filepath.Dir(file), "menu.yaml"), menu)
			code, out, errs := holdless(t, "check", "-c", file)
			want := filepath.Join(filepath.Dir(file), tt.want)
			if tt.caret == "" && strings.HasPrefix(tt.want, "no such") {
				want = tt.want
			}
			line, _, found := strings.Cut(out[max(0, strings.Index(out, want)):], "\n")
			if !strings.Contains(out, want) || strings.Contains(line, ": warning: ") == (code == exitWrong) {
				t.Fatalf("got %d\n%s%s\nwant %s", code, out, errs, want)
			}
			if tt.caret == "" || !found {
				return
			}
			shown := strings.SplitN(out[strings.Index(out, want):], "\n", 4)
			at := strings.Index(shown[2], "^")
			if at < 0 || !strings.HasPrefix(shown[1][at:], tt.caret) {
				t.Errorf("the caret does not stand under %s:\n%s\n%s", tt.caret, shown[1], shown[2])
			}
		})
	}
}

func keysTo(keys ...string) string {
	all := ""
	for _, k := range keys {
		all += "\n      \"" + k + "\": bye"
	}
	return all
}

// deeper chains menus, each of which leads to the next.
func deeper(names ...string) string {
	all := ""
	for i, name := range names {
		next := "bye"
		if i+1 < len(names) {
			next = names[i+1]
		}
		all += "\n  " + name + ": {do: menu, keys: {1: " + next + ", 2: bye}}"
	}
	return all
}
