package twilioline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
	"github.com/holdless/holdless/sounds"
)

// The document that callers hear while we are down is in Twilio's vocabulary in
// every language, leads to a person where there is one, and needs nothing of
// ours.
func TestFallback(t *testing.T) {
	t.Parallel()
	sim := newSim(t, twiliosim.Config{})
	for _, lang := range sounds.Languages() {
		for _, to := range []callback.Phone{"", aino} {
			c := testConfig()
			c.FallbackTo = to
			doc := c.Fallback(lang)
			if wrong := sim.CheckVoice(doc); len(wrong) > 0 {
				t.Errorf("%s: %v", lang, wrong)
			}
			if strings.Contains(doc, public1) || !strings.HasSuffix(doc, "<Hangup/></Response>") {
				t.Errorf("%s: %s", lang, doc)
			}
			if strings.Contains(doc, "<Number>"+string(aino)+"</Number>") != (to != "") {
				t.Errorf("%s, to %q: %s", lang, to, doc)
			}
		}
	}
}

// A caller whose webhook fails at Twilio reaches a person by the document of
// another place.
func TestFallbackReachesAPerson(t *testing.T) {
	t.Parallel()
	c := testConfig()
	c.FallbackTo = aino
	l := newLine(t, c, Ports{Desk: nil}) // a desk that is asked panics
	sim, err := twiliosim.New(twiliosim.Config{Public: public1, App: twiliosim.Into(l), Speed: 1000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	sim.AddNumber(twiliosim.Number{Number: string(linetest.Number), VoiceURL: public1 + root + "/voice", VoiceFallbackURL: public1 + root + "/fallback"})
	got, err := sim.Await(t.Context(), sim.Ring("+358407654321", string(linetest.Number), twiliosim.Person{Talk: lasts(0)}))
	if err != nil || !heard(got, "talks to "+string(aino)) {
		t.Errorf("%v:\n%s", err, strings.Join(got.Log, "\n"))
	}
}

// What Twilio takes a customer for is asked only when the configuration says so,
// only of customers, and decides nothing: who presses the key is a person.
func TestDetection(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		by, press string
		asked     bool
		first     bool
		outcome   string
	}{
		{"machine_end_beep", "1", true, false, "spoke"},
		{"fax", "1", true, true, "spoke"},
		{"human", "", true, false, "machine"},
		{"unknown", "", true, true, "machine"},
		{"machine_end_other", "1", false, false, "spoke"},
	} {
		t.Run(fmt.Sprintf("%+v", tt), func(t *testing.T) {
			t.Parallel()
			day(t, func(w *town) {
				w.config.DetectMachines = tt.asked
				if tt.first {
					w.customerFirst()
				}
				w.customer.Press = presses(tt.press)
				w.customer.Answer = answeredBy(tt.by)
			}, func(w *town) {
				c := w.books()
				w.until("14:30")
				w.passes(80 * time.Second)
				_, calls := w.show(c.ID)
				outcome := ""
				for _, a := range calls {
					if a.Leg == callback.CustomerLeg {
						outcome = a.Outcome
					}
				}
				if outcome != tt.outcome {
					t.Errorf("outcome %s", outcome)
				}
				for _, call := range w.sim.Calls() {
					asked := call.Form.Get("MachineDetection") != ""
					if want := tt.asked && call.To == string(aino); asked != want {
						t.Errorf("call to %s: asked who answers: %v", call.To, asked)
					}
				}
			})
		})
	}
}
