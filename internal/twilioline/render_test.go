package twilioline

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/twiliosim"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// turns are all that a menu can ask of a line, with the document for it.
// Addresses are shortened: U stands for the beginning of each, R for its end.
var turns = []struct {
	name string
	side side
	turn ivr.Turn
	want string
}{
	{
		"one key",
		side{talk: "T"},
		ivr.Turn{No: 3, Lang: "fi", Listen: &ivr.Listen{Max: 1, Wait: 6 * time.Second}, Say: []ivr.Prompt{{Name: "goodbye"}}},
		`<Gather input="dtmf" numDigits="1" timeout="6" finishOnKey="" actionOnEmptyResult="true" action="U/talk/T/3/keysR" method="POST">` +
			`<Say language="fi-FI" voice="Google.fi-FI-Standard-A">Kiitos soitosta. Kuulemiin.</Say></Gather>` +
			`<Redirect method="POST">U/talk/T/3/keysR</Redirect>`,
	},
	{
		"a time of day",
		side{talk: "T"},
		ivr.Turn{No: 4, Lang: "fi", Listen: &ivr.Listen{Max: 4, Finish: "#", Wait: 8 * time.Second, Gap: 1500 * time.Millisecond}},
		`<Gather input="dtmf" numDigits="4" timeout="2" finishOnKey="#" actionOnEmptyResult="true" action="U/talk/T/4/keysR" method="POST">` +
			`<Pause length="6"/></Gather><Redirect method="POST">U/talk/T/4/keysR</Redirect>`,
	},
	{
		"any number of keys",
		side{talk: "T"},
		ivr.Turn{No: 1, Lang: "fi", Listen: &ivr.Listen{Finish: "#", Wait: 5 * time.Second}},
		`<Gather input="dtmf" timeout="5" finishOnKey="#" actionOnEmptyResult="true" action="U/talk/T/1/keysR" method="POST"/>` +
			`<Redirect method="POST">U/talk/T/1/keysR</Redirect>`,
	},
	{
		"a customer who listens",
		side{talk: "C", near: "A", at: 2},
		ivr.Turn{No: 1, Lang: "fi", Listen: &ivr.Listen{Max: 1, Wait: time.Second}},
		`<Gather input="dtmf" numDigits="1" timeout="1" finishOnKey="" actionOnEmptyResult="true" action="U/meet/A/2/C/1/keysR" method="POST"/>` +
			`<Redirect method="POST">U/meet/A/2/C/1/keysR</Redirect>`,
	},
	{
		"an agent of ours",
		side{talk: "T"},
		ivr.Turn{No: 5, Lang: "fi", Connect: &ivr.Connect{
			To: "agents", Addr: "sip:anna@192.0.2.10", Talk: "W", Ring: 20 * time.Second, CallerID: "+358912345678",
		}},
		`<Enqueue action="U/talk/T/5/dialR" method="POST" waitUrl="U/wait/T/5/0R" waitUrlMethod="POST">holdless</Enqueue>`,
	},
	{
		"the next agent of ours",
		side{talk: "T"},
		ivr.Turn{No: 7, Lang: "fi", Connect: &ivr.Connect{To: "agents", Addr: "sip:bo@192.0.2.10", Talk: "W", Tried: []string{"anna", "cai"}}},
		`<Enqueue action="U/talk/T/7/dialR" method="POST" waitUrl="U/wait/T/5/0R" waitUrlMethod="POST">holdless</Enqueue>`,
	},
	{
		"an address",
		side{talk: "T"},
		ivr.Turn{No: 5, Lang: "fi", Connect: &ivr.Connect{To: "sip:desk@192.0.2.10", Addr: "sip:desk@192.0.2.10", Ring: 20 * time.Second, CallerID: "+358912345678"}},
		`<Dial action="U/talk/T/5/dialR" method="POST" timeout="20" callerId="+358912345678"><Sip>sip:desk@192.0.2.10</Sip></Dial>`,
	},
	{
		"a number",
		side{talk: "T"},
		ivr.Turn{No: 5, Lang: "fi", Connect: &ivr.Connect{To: "+358401234567", Addr: "+358401234567", Ring: 1500 * time.Millisecond}},
		`<Dial action="U/talk/T/5/dialR" method="POST" timeout="2" callerId="+358912345678"><Number>+358401234567</Number></Dial>`,
	},
	{
		"an agent who takes a caller",
		side{talk: "W", near: "C", at: 5, call: "CA1"},
		ivr.Turn{No: 2, Lang: "fi", Connect: &ivr.Connect{To: ivr.Waiting}},
		`<Dial action="U/meet/C/5/W/CA1/2/dialR" method="POST">` + roomC + `participantLabel="agent"` + roomD,
	},
	{
		"an agent who waits for a customer",
		side{talk: "A"},
		ivr.Turn{No: 2, Lang: "fi", Connect: &ivr.Connect{To: customer, Addr: "+358401234567", Talk: "C"}},
		`<Dial action="U/talk/A/2/dialR" method="POST">` + roomC + `participantLabel="agent"` + roomD,
	},
	{
		"a customer who takes the call",
		side{talk: "C", near: "A", at: 2},
		ivr.Turn{No: 2, Lang: "fi", Connect: &ivr.Connect{To: ivr.Waiting}},
		`<Dial action="U/meet/A/2/C/2/dialR" method="POST">` + roomC + `participantLabel="customer"` + roomD,
	},
	{"the end", side{talk: "T"}, ivr.Turn{No: 9, Lang: "fi", End: true}, `<Hangup/>`},
	{
		"words of a supervisor",
		side{talk: "T"},
		ivr.Turn{No: 9, Lang: "fi", End: true, Say: []ivr.Prompt{{Text: `</Say> "A" & B`}}},
		`<Say language="fi-FI" voice="Google.fi-FI-Standard-A">&lt;/Say&gt; &#34;A&#34; &amp; B</Say><Hangup/>`,
	},
}

const (
	roomC = `<Conference beep="false" startConferenceOnEnter="true" endConferenceOnExit="true" `
	roomD = ` waitUrl="U/waitR" waitMethod="POST" statusCallback="U/conference/CR" statusCallbackEvent="start end join leave"` +
		` statusCallbackMethod="POST">C</Conference></Dial>`
)

// Each turn is exactly one document, the same each time, of which Twilio's
// published vocabulary knows every word.
func TestTurns(t *testing.T) {
	t.Parallel()
	sim := newSim(t, twiliosim.Config{})
	c := testConfig()
	c.Say = map[string]Speech{"fi": {Language: "fi-FI", Voice: "Google.fi-FI-Standard-A"}}
	l := newLine(t, c, Ports{})
	short := strings.NewReplacer(public1+root, "U", strings.ReplaceAll(retries, "&", "&amp;"), "R")
	for _, tt := range turns {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			doc, err := l.document(tt.side, tt.turn)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.TrimPrefix(short.Replace(doc), xml.Header+"<Response>")
			got = strings.TrimSuffix(strings.TrimSuffix(got, "</Response>"), xml.Header+"<Response/>")
			if got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
			if again, _ := l.document(tt.side, tt.turn); again != doc {
				t.Errorf("again it is %s", again)
			}
			if wrong := sim.CheckVoice(doc); len(wrong) > 0 {
				t.Errorf("not in the vocabulary: %v", wrong)
			}
		})
	}
	if _, err := l.document(side{talk: "T"}, ivr.Turn{No: 1}); err == nil {
		t.Error("a turn without anything to do has a document")
	}
}

// Who waits in the queue may press every key, # and * too: without an empty
// finishOnKey, Twilio keeps # to itself.
func TestEveryKeyInTheQueue(t *testing.T) {
	t.Parallel()
	l := newLine(t, testConfig(), Ports{})
	doc := l.hold(side{talk: "T"}, ivr.Turn{No: 5, Lang: "en", Connect: &ivr.Connect{To: "agents"}}, 5, 0, "0")
	for _, want := range []string{`numDigits="1"`, `finishOnKey=""`, `actionOnEmptyResult="true"`} {
		if !strings.Contains(doc, want) {
			t.Errorf("%s is not in %s", want, doc)
		}
	}
}

// Twilio speaks each language with the voice that was found to be the best it has,
// unless another is named.
func TestVoicesOfTwilio(t *testing.T) {
	t.Parallel()
	want := map[string]Speech{
		"en": {Language: "en-GB"}, "fi": {"fi-FI", "Polly.Suvi-Neural"}, "cs": {"cs-CZ", "Google.cs-CZ-Standard-A"},
		"el": {"el-GR", "Google.el-GR-Standard-A"}, "cy": {"cy-GB", "Polly.Gwyneth"}, "ro": {"ro-RO", "Polly.Carmen"}, "sv": {"sv-SE", "Polly.Astrid"},
	}
	c := testConfig()
	c.Say = map[string]Speech{}
	for _, lang := range sounds.Languages() {
		c.Say[lang] = Speech{}
	}
	for _, lang := range sounds.Languages() {
		if got := c.voice(lang); got != want[lang] {
			t.Errorf("%s is spoken by %+v, want %+v", lang, got, want[lang])
		}
	}
}

// Every language can be said by Twilio, in the language it calls ours.
func TestSpoken(t *testing.T) {
	t.Parallel()
	sim := newSim(t, twiliosim.Config{})
	l := newLine(t, testConfig(), Ports{})
	for _, lang := range sounds.Languages() {
		say := l.spoken(lang, ivr.Prompt{Name: "goodbye"})
		if wrong := sim.CheckVoice(document(say)); len(wrong) > 0 || len(say.attrs) != 1 {
			t.Errorf("%s: %v", lang, wrong)
		}
	}
	c := testConfig()
	c.Say = map[string]Speech{"cy": {}, "fi": {Voice: "Google.fi-FI-Standard-A"}, "el": {Language: "el-GR"}}
	l = newLine(t, c, Ports{})
	for lang, want := range map[string]string{"cy": "Polly.Gwyneth", "fi": "Google.fi-FI-Standard-A", "el": "", "ro": ""} {
		if got := l.config.voice(lang); got.Voice != want || got.Language[:2] != lang {
			t.Errorf("%s is spoken by %+v, want %q", lang, got, want)
		}
		if wrong := sim.CheckVoice(document(l.spoken(lang, ivr.Prompt{Name: "goodbye"}))); len(wrong) > 0 {
			t.Errorf("%s: %v", lang, wrong)
		}
	}
}
