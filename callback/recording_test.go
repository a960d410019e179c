package callback

import (
	"errors"
	"testing"

	"github.com/holdless/holdless/ivr"
)

// booth is a studio of one prompt, whose takes are as good as their names.
type booth struct{ kept []string }

func (b *booth) Script(number string) (ivr.Prompt, bool) {
	return ivr.Prompt{Name: "welcome"}, number == "10001"
}

func (b *booth) Judge(take string) (string, error) {
	if take == "lost" {
		return "", errors.New("the disk is gone")
	}
	if take == ivr.TakeQuiet {
		return take, nil
	}
	return "", nil
}

func (b *booth) Keep(take, number, actor string) (string, error) {
	if take == "full" {
		return "", errors.New("the disk is full")
	}
	b.kept = append(b.kept, take+" "+number+" "+actor)
	return "en/welcome", nil
}

// TestMayRecord: it takes the PIN, and the right to; a star code is not enough,
// nor is asking without having been offered it.
func TestMayRecord(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		studio, prompts bool
		agent           string
		dialled         Phone
		want            bool
	}{
		{"with the PIN", true, true, "anna", "+358912345679", true},
		{"without the right", true, false, "anna", "+358912345679", false},
		{"without the PIN", true, true, "", "+358912345679", false},
		{"by a star code", true, true, "anna", "*5", false},
		{"nowhere to keep it", false, true, "anna", "+358912345679", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := &Desk{Agents: map[string]Agent{"anna": {Prompts: tt.prompts}}}
			if tt.studio {
				d.Studio = &booth{}
			}
			talk := &Talk{Menu: deskMenu, Agent: tt.agent, Dialled: tt.dialled, State: ivr.State{Script: "10001"}}
			if got := d.mayRecord(talk); got != tt.want {
				t.Errorf("may record: %t", got)
			}
			if got := d.script(talk) != nil; got != tt.want {
				t.Errorf("hears the prompt: %t", got)
			}
			e, err := d.records(nil, talk, ivr.Book{Do: ivr.FindPrompt, Text: "10001"})
			if err != nil || (e.Kind == ivr.Done) != tt.want {
				t.Errorf("asked all the same: %+v, %v", e, err)
			}
		})
	}
}
