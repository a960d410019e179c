package linetest

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
	"github.com/holdless/holdless/sounds/audio"
)

// pin is what the agent keys in who records what callers hear.
const pin = "471100"

// deskMenu is the menu of agents.
const deskMenu = "desk"

// Recordings reads the talks in dir in which an agent records what callers hear.
// A Phone does Recorded by speaking, of the sort that is the name of the take.
func Recordings(t *testing.T, dir string) []script.Talk {
	t.Helper()
	all, err := script.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(s script.Talk) bool { return s.Menu != deskMenu || len(s.Prompts) == 0 })
	if len(all) < 3 {
		t.Fatalf("%s has %d talks in which something is recorded", dir, len(all))
	}
	return all
}

// good is the sort of speech that can be used.
const good = "good"

// seconds is how long Speech is: so long that it does not matter when the one at
// the telephone has heard that he may speak.
const seconds = 3

// Speech is mu-law of one sort: good, or what is wrong with it.
func Speech(sort string) []byte {
	level := 4000.0
	switch sort {
	case ivr.TakeQuiet:
		level = 190
	case ivr.TakeLoud:
		level = 80_000
	}
	b := make([]byte, seconds*audio.Rate)
	for i := range b {
		b[i] = audio.ULaw(int16(min(max(level*math.Sin(2*math.Pi*500*float64(i)/audio.Rate), -32768), 32767)))
	}
	return b
}

// Sort tells of what sort a take is, by the judgement of the product. It stands
// for the name of the take.
func Sort(wav []byte) (string, error) {
	reason, err := sounds.Judge(wav)
	if err == nil && reason == "" {
		reason = good
	}
	return reason, err
}

// mailbox takes what can be heard.
type mailbox struct{}

func (mailbox) Keep(take string) (time.Duration, error) {
	if take == good {
		return seconds * time.Second, nil
	}
	return 0, nil
}

func (mailbox) Drop(string) error { return nil }

// studio is what can be recorded in a talk.
type studio struct{ talk script.Talk }

func (s studio) Script(number string) (ivr.Prompt, bool) {
	p, ok := s.talk.Prompts[number]
	return p, ok
}

func (s studio) Judge(take string) (string, error) {
	if take == good {
		return "", nil
	}
	return take, nil
}

func (s studio) Keep(string, string, string) (string, func() error, error) {
	return "en/welcome", func() error { return nil }, nil
}
