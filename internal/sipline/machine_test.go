package sipline

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// TestMachineHearsAfterBeep calls a customer whose machine answers with a
// greeting and a tone: it is told that we called once it records, and not before.
// The greeting is longer than it takes to find out that nobody presses a key.
func TestMachineHearsAfterBeep(t *testing.T) {
	t.Parallel()
	anna, agents := answers(t)
	aino, customers := answers(t)
	voice, err := sounds.New(sounds.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var greeting []byte // prepared before anybody waits for it
	for _, c := range voice.Say("fi", ivr.Prompt{Name: "callback_here"}) {
		greeting = append(greeting, c.PCMU...)
	}
	greeting = greeting[:min(len(greeting), 12_000)]
	tried := ivr.Turn{Say: say("tried_you"), Notes: []ivr.Note{{Name: "outcome", Value: string(ivr.Machine)}}, End: true}
	d := newDesk(map[string][]ivr.Turn{
		"agent": {
			ask("press_take"),
			{Connect: &ivr.Connect{To: "customer", Addr: aino.URI(), Talk: "customer", Ref: "ref-c", Ring: time.Minute}},
			bye(),
		},
		"customer": {{Say: say("callback_here"), Listen: &ivr.Listen{Max: 1, Wait: 100 * time.Millisecond}}, tried},
	})
	l := open(t, d, nil)
	dial := liveline.NewDialer(l.Holder())
	if err := dial.Dial(within(t), callback.Ring{Talk: "agent", Addr: anna.URI(), Ref: "ref-a", Ring: time.Minute}); err != nil {
		t.Fatal(err)
	}
	agent := wait(t, agents, "agent")
	listens(t, agent, "press_take")
	press(t, agent, "1")
	machine := wait(t, customers, "customer's machine")
	pause := bytes.Repeat([]byte{media.PCMU.Silence()}, 25*media.FrameBytes)
	if err := machine.Say(within(t), machine.Encoded(slices.Concat(greeting, pause))); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(machine.Heard(), []byte("tried_you")) {
		t.Fatal("the machine was spoken to before it recorded")
	}
	tone := slices.Concat(machine.Tone(1000, 30), machine.Encoded(pause))
	if err := machine.Say(within(t), tone); err != nil && !errors.Is(err, io.EOF) { // we may be done by then
		t.Fatal(err)
	}
	listens(t, machine, "tried_you")
	d.hears(t, "agent 2 noanswer machine")
	listens(t, agent, "goodbye")
}
