package twilioline

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
)

func TestDocument(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		verbs []verb
		want  string
	}{
		{"nothing", nil, `<Response/>`},
		{"an empty value", []verb{{name: "Gather", attrs: []attr{{"finishOnKey", ""}}}}, `<Response><Gather finishOnKey=""/></Response>`},
		{"order", []verb{{name: "Dial", attrs: []attr{{"b", "1"}, {"a", "2"}}}}, `<Response><Dial b="1" a="2"/></Response>`},
		{
			"text that looks like an element",
			[]verb{{name: "Say", kids: []verb{text(`</Say><Dial>+1900</Dial>"'&`)}}},
			`<Response><Say>&lt;/Say&gt;&lt;Dial&gt;+1900&lt;/Dial&gt;&#34;&#39;&amp;</Say></Response>`,
		},
		{
			"a value that looks like another",
			[]verb{{name: "Dial", attrs: []attr{{"callerId", `" action="x`}}}},
			`<Response><Dial callerId="&#34; action=&#34;x"/></Response>`,
		},
		{
			"speech within a sentence",
			[]verb{{name: "Say", kids: []verb{
				text("Call "),
				{name: "say-as", attrs: []attr{{"interpret-as", "telephone"}}, kids: []verb{text("+358401234567")}},
				{name: "break", attrs: []attr{{"time", "1s"}}},
				{name: "lang", attrs: []attr{{"xml:lang", "cy-GB"}}, kids: []verb{text("bore da")}},
				text("."),
			}}},
			`<Response><Say>Call <say-as interpret-as="telephone">+358401234567</say-as><break time="1s"/><lang xml:lang="cy-GB">bore da</lang>.</Say></Response>`,
		},
		{"what XML cannot carry", []verb{{name: "Say", kids: []verb{text("a\x00\x07\x7f\ufffe\xffb\u0085ž")}}}, "<Response><Say>ab\u0085ž</Say></Response>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := strings.CutPrefix(document(tt.verbs...), xml.Header)
			if !ok || got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
			var any struct{}
			if err := xml.Unmarshal([]byte(got), &any); err != nil {
				t.Errorf("not XML: %v", err)
			}
		})
	}
}

func TestPatience(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		listen         ivr.Listen
		pause, timeout int
	}{
		{"one key", ivr.Listen{Max: 1, Wait: 6 * time.Second, Gap: time.Second}, 0, 6},
		{"a time of day", ivr.Listen{Max: 4, Wait: 8 * time.Second, Gap: 1500 * time.Millisecond}, 6, 2},
		{"a number", ivr.Listen{Max: 16, Wait: 10 * time.Second, Gap: 4 * time.Second}, 6, 4},
		{"no gap", ivr.Listen{Max: 3, Wait: 5 * time.Second}, 0, 5},
		{"a gap as long as the wait", ivr.Listen{Max: 3, Wait: 2 * time.Second, Gap: 2 * time.Second}, 0, 2},
		{"no wait at all", ivr.Listen{Max: 1}, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if pause, timeout := patience(tt.listen); pause != tt.pause || timeout != tt.timeout {
				t.Errorf("got %d and %d, want %d and %d", pause, timeout, tt.pause, tt.timeout)
			}
		})
	}
}

func FuzzDocument(f *testing.F) {
	f.Add("a", "b")
	f.Add("</Say>", "\x00\xff\"")
	f.Fuzz(func(t *testing.T, value, words string) {
		doc := document(verb{name: "Say", attrs: []attr{{"voice", value}}, kids: []verb{text(words)}})
		var got struct {
			Say struct {
				Voice string `xml:"voice,attr"`
				Text  string `xml:",chardata"`
				Inner []any  `xml:",any"`
			}
		}
		if err := xml.Unmarshal([]byte(doc), &got); err != nil {
			t.Fatalf("%q: %v", doc, err)
		}
		if len(got.Say.Inner) > 0 {
			t.Fatalf("%q has elements within", doc)
		}
	})
}
