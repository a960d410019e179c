package sipline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// TestTalks holds the written talks over SIP and RTP, against the real desk:
// every word and every key goes over the wire. Callers take their time, so all
// talks are held at once.
func TestTalks(t *testing.T) {
	t.Parallel()
	visitors := newTown(t)
	var all sync.WaitGroup
	for _, talk := range linetest.Talks(t, "../../ivr/testdata") {
		all.Go(func() {
			t.Run(talk.Name, func(t *testing.T) { linetest.Hold(t, talk, visitors.visitor) })
		})
	}
	all.Wait()
}

// TestRecordings has agents record what callers hear over SIP and RTP.
func TestRecordings(t *testing.T) {
	t.Parallel()
	visitors := newTown(t)
	var all sync.WaitGroup
	for _, talk := range linetest.Recordings(t, "../../ivr/testdata") {
		all.Go(func() {
			t.Run(talk.Name, func(t *testing.T) { linetest.Hold(t, talk, visitors.visitor) })
		})
	}
	all.Wait()
}

// speaker says every prompt as its own words, with a breath behind them as
// recordings have, and waits in silence.
type speaker struct{}

func (speaker) Say(lang string, p ivr.Prompt) []sounds.Clip {
	return []sounds.Clip{words(sounds.Text(lang, p) + breath)}
}

// breath is 100 ms. Without it the end of the last word may still be on its
// way when the call is ended.
var breath = strings.Repeat(" ", 5*media.FrameBytes)

func (speaker) Waiting() sounds.Clip { return words(" ") }
func (speaker) Beep() sounds.Clip    { return words(" ") }

// Take tells of what sort it is.
func (speaker) Take(wav []byte) (string, error) { return linetest.Sort(wav) }

// visitor is a caller with a telephone, and the agent who is rung for him.
type visitor struct {
	t     *testing.T
	desk  *callback.Desk
	uri   string
	phone *phone.Phone
	call  *phone.Call
	heard int              // how much of the call was listened to
	said  []byte           // the words in it since the last time
	acts  chan ivr.Event   // what the agent does
	agent chan *phone.Call // the agent's call, once it is taken
	town  *town
	room  int // how many keys an input takes that a key can end; 0 for one that none can
}

// slowly is how long a caller waits: silence is heard out, and digits may be
// followed by others.
const slowly = 5 * time.Minute

// rings is the agent's telephone, which does what the talk says.
func (v *visitor) rings(ctx context.Context, in *phone.Incoming) {
	_ = in.Ring()
	select {
	case e := <-v.acts:
		v.decide(ctx, in, e)
	case <-ctx.Done():
	}
}

func (v *visitor) decide(ctx context.Context, in *phone.Incoming, e ivr.Event) {
	var err error
	switch {
	case e.Kind == ivr.Spoke:
		var c *phone.Call
		if c, err = in.Accept(ctx); err == nil {
			v.agent <- c
		}
	case e.Text == string(ivr.Busy):
		err = in.Refuse(486, "Busy Here")
	default:
		err = in.Refuse(480, "Temporarily Unavailable")
	}
	if err != nil {
		v.t.Error(err)
	}
}

func (v *visitor) Call(from callback.Phone) error {
	shown := string(from)
	if shown == "" {
		shown = "sip:anonymous@anonymous.invalid"
	}
	call, err := v.phone.Call(within(v.t), v.uri, shown)
	v.call = call
	return err
}

func (v *visitor) Do(e ivr.Event) error {
	switch e.Kind {
	case ivr.Heard:
		return v.press(e.Text)
	case ivr.Recorded:
		return v.speak(e.Text)
	case ivr.Gone:
		return v.call.Hangup(within(v.t))
	case ivr.Spoke, ivr.NoAnswer:
		return v.meet(e)
	default: // Silence: the line finds out by itself
		return nil
	}
}

// press presses keys, and ends them with a hash, unless they are complete: a time
// of day is with its fourth digit. A call may end before the last key is let go.
func (v *visitor) press(keys string) error {
	err := v.call.Press(within(v.t), v.town.keyed(v, keys))
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// speak says something of a sort after the tone, and then the hash.
func (v *visitor) speak(sort string) error {
	if err := v.call.Say(within(v.t), v.call.Encoded(linetest.Speech(sort))); err != nil {
		return err
	}
	return v.call.Press(within(v.t), "#")
}

// meet has the agent's telephone answered or not; who answers takes the call,
// hears the caller, and hangs up.
func (v *visitor) meet(e ivr.Event) error {
	select {
	case v.acts <- e:
	case <-time.After(slowly):
		return errors.New("the agent was not rung")
	}
	if e.Kind != ivr.Spoke {
		return nil
	}
	agent := wait(v.t, v.agent, "agent")
	listens(v.t, agent, sounds.Text("en", ivr.Prompt{Name: "press_take", Key: "1"}))
	press(v.t, agent, "1")
	talkUntilHeard(v.t, v.call, agent, "hello")
	return agent.Hangup(within(v.t))
}

func (v *visitor) Hears(words string) error {
	ctx, stop := context.WithTimeout(v.t.Context(), slowly)
	defer stop()
	words = strings.Join(strings.Fields(words), " ")
	first, got := true, ""
	err := v.call.Hear(ctx, func(heard []byte) bool {
		if !v.listen(heard) && !first {
			return false
		}
		first, got = false, unoffered(string(v.said), words)
		return got == words
	})
	if err != nil {
		return fmt.Errorf("\nheard %s\n want %s: %w", got, words, err)
	}
	v.said = v.said[:0]
	return nil
}

// listen adds what has come since to the words, and reports whether there were
// any: a sound is its own words, and all else is silence, in either codec.
func (v *visitor) listen(heard []byte) (more bool) {
	for _, b := range heard[v.heard:] {
		switch n := len(v.said); {
		case b > ' ' && b <= '~':
			v.said, more = append(v.said, b), true
		case n > 0 && v.said[n-1] != ' ':
			v.said = append(v.said, ' ')
		}
	}
	v.heard = len(heard)
	return more
}

// unoffered takes out what a caller hears besides while he waits for whom we
// ring, as far as he has heard it: how to be called back instead.
func unoffered(got, words string) string {
	offer := sounds.Text("en", ivr.Prompt{Name: "press_called", Key: "2"})
	for n := len(offer); n > len("To be") && !strings.Contains(words, offer[:n]); n-- {
		got = strings.ReplaceAll(got, offer[:n], " ")
	}
	return strings.Join(strings.Fields(got), " ")
}

func (v *visitor) Over() error {
	select {
	case <-v.call.Done():
		return nil
	case <-time.After(slowly):
		return errors.New("nobody hung up")
	}
}
