package callback

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

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

func (b *booth) Keep(take, number, actor string) (string, func() error, error) {
	if take == "full" {
		return "", nil, errors.New("the disk is full")
	}
	return "en/welcome", func() error {
		b.kept = append(b.kept, take+" "+number+" "+actor)
		return nil
	}, nil
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

// A leaf is a transaction that only takes lines down, and may come to nothing.
type leaf struct {
	Store
	Tx
	lines []Entry
	lost  bool
}

func (l *leaf) Record(e Entry) error {
	l.lines = append(l.lines, e)
	return nil
}

func (l *leaf) Update(_ context.Context, fn func(Tx) error) error {
	if err := fn(l); err != nil || !l.lost {
		return err
	}
	return errors.New("the disk is gone")
}

// TestTakeFollowsItsLine: callers hear a take once it is stored who has kept it,
// and never when that was not.
func TestTakeFollowsItsLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, take string
		lost       bool
		want       []string
		lines      int
	}{
		{"stored", "good", false, []string{"good 10001 agent:anna"}, 1},
		{"not stored", "good", true, nil, 1},
		{"no room for it", "full", false, nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			room, store := &booth{}, &leaf{lost: tt.lost}
			d := &Desk{Store: store, Studio: room, Agents: map[string]Agent{"anna": {Prompts: true}}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
			talk := &Talk{Menu: deskMenu, Agent: "anna", Dialled: "+358912345679", State: ivr.State{Script: "10001"}}
			err := d.update(t.Context(), func(tx Tx) error {
				_, err := d.records(tx, talk, ivr.Book{Do: ivr.KeepTake, Text: tt.take})
				if len(room.kept) > 0 {
					t.Error("it is heard before anything is stored")
				}
				return err
			})
			if (err != nil) != tt.lost || !slices.Equal(room.kept, tt.want) || len(store.lines) != tt.lines {
				t.Errorf("kept %q with %d lines, %v", room.kept, len(store.lines), err)
			}
		})
	}
}
