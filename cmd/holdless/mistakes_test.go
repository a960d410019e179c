package main

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/holdless/holdless/ivr"
)

// TestEveryMistakeAtOnce has a mistake of every sort in one file, and nothing
// that only follows from one.
func TestEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()
	const src = `data: ./data
zone: Atlantis
languages: [en, xx]
sip: {listen: [udp:127.0.0.1:0], max_calls: many, trunks: {local: {host: ""}}}
http: {listen: 127.0.0.1:0, public_url: nowhere, drain: x}
numbers: {+358912345: {menu: lost.yaml, queue: biling}}
agents: {anna: {name: Anna, phone: "sip:anna@127.0.0.1:9"}}
queus:
  billing: {agnts: [anna, bob], hours: {mon: "17:00-09:00"}}
callbacks: {slot: soon, attempts: 0, reminder: 1h, reminder: 2h}
survey: {kind: thumbs, delay: "${HOLDLESS_TEST_NONE}"}
lists: "99 * * * *"
reminders: hourly
retentoin: {calls: 1d}
nothing_like_it: 5
log: {level: loud}
`
	_, err := takeText("f.yaml", []byte(src))
	ms, ok := errors.AsType[ivr.Mistakes](err)
	if !ok {
		t.Fatal(err)
	}
	var got []string
	for _, m := range ms {
		got = append(got, fmt.Sprintf("%d:%d", m.Line, m.Column))
		if m.Text == "" || m.Excerpt == "" {
			t.Errorf("got %+v, want what is wrong, and where", m)
		}
	}
	want := []string{
		"2:7",          // no zone
		"3:17",         // no language
		"4:45",         // no number
		"4:74",         // no host
		"5:41", "5:50", // no address, not known
		"6:30", "6:48", // no menu, no queue
		"8:1",          // misspelt
		"9:13", "9:20", // misspelt, and nobody
		"9:46",           // ends before it begins
		"10:19", "10:35", // no time, no try
		"10:52",          // twice
		"11:16", "11:31", // no kind, no environment
		"12:8", "13:12", // never comes
		"14:1", "15:1", // misspelt, and not known
		"16:14", // no level
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v\n%v", got, want, err)
	}
}
