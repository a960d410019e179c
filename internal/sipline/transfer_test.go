package sipline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/ivr"
)

// A board is a switchboard that knows one place.
type board struct {
	*desk
	place, back string
	ended       chan ivr.Outcome
}

func (b *board) Transfer(_ context.Context, talk, to string) (callback.Handover, error) {
	switch {
	case talk == "agent" && strings.HasPrefix(to, "sip:+"):
		return callback.Handover{}, fmt.Errorf("transfer: %w", callback.ErrUnlisted)
	case talk != "agent" || !strings.HasPrefix(to, "sip:bo@"):
		return callback.Handover{}, callback.ErrForbidden
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	brief := ""
	if b.turns["brief"] != nil { // who is rung hears what it is about
		brief = "brief"
	}
	return callback.Handover{
		To:   ivr.Connect{Addr: b.place, Ref: "ref-bo", Ring: time.Minute, Talk: brief},
		Back: ivr.Connect{Addr: b.back, Ref: "ref-back", Ring: time.Minute},
	}, nil
}

func (b *board) TransferIdle(ctx context.Context, talk, to string) (callback.Handover, error) {
	return b.Transfer(ctx, talk, "sip:"+to+"@pbx.example.com")
}

func (b *board) Deserted(context.Context, string) error { return nil }

func (b *board) Parted(context.Context, callback.Handover) error { return nil }

func (b *board) Transferred(_ context.Context, _ string, _ callback.Handover, o ivr.Outcome) error {
	b.ended <- o
	return nil
}

// roll has anna in the talk "agent".
type roll struct{ *desk }

func (roll) Speaks(context.Context, string) (string, error) { return "agent", nil }

func (roll) Owns(_ context.Context, agent, talk string) (bool, error) {
	return agent == "anna" && talk == "agent", nil
}

// together brings an agent together with a customer, as a promise is kept.
func together(t *testing.T, bo *phone.Phone) (l *Line, b *board, agent, customer *phone.Call, agents <-chan *phone.Call) {
	t.Helper()
	anna, agents := answers(t)
	aino, customers := answers(t)
	connect := ivr.Turn{Connect: &ivr.Connect{To: "customer", Addr: aino.URI(), Talk: "customer", Ref: "ref-c", Ring: time.Minute}}
	b = &board{place: bo.URI(), back: anna.URI(), ended: make(chan ivr.Outcome, 4), desk: newDesk(map[string][]ivr.Turn{
		"agent":    {ask("press_take"), connect, ask("ask_solved"), bye()},
		"customer": {ask("callback_here"), {Connect: &ivr.Connect{To: ivr.Waiting}}, bye()},
	})}
	l = open(t, b.desk, nil)
	l.holder.Switchboard, l.holder.Desk = b, roll{b.desk}
	dial := liveline.NewDialer(l.Holder())
	if err := dial.Dial(within(t), callback.Ring{Talk: "agent", Addr: anna.URI(), Ref: "ref-a", Ring: time.Minute}); err != nil {
		t.Fatal(err)
	}
	agent = wait(t, agents, "agent")
	listens(t, agent, "press_take")
	press(t, agent, "1")
	customer = wait(t, customers, "customer")
	listens(t, customer, "callback_here")
	press(t, customer, "1")
	talkUntilHeard(t, agent, customer, "hello from the agent")
	return l, b, agent, customer, agents
}

// news waits for the last of what an agent is told about a transfer.
func (b *board) news(t *testing.T, agent *phone.Call) (all []int) {
	t.Helper()
	for len(all) == 0 || all[len(all)-1] < 200 {
		all = append(all, wait(t, agent.News(), "news of the transfer"))
	}
	return all
}

// TestPutThrough has an agent put a customer through to a colleague: the two
// speak, and go on when the agent has left.
func TestPutThrough(t *testing.T) {
	t.Parallel()
	bos := make(chan *phone.Call, 1)
	bo := telephone(t, func(ctx context.Context, in *phone.Incoming) {
		_ = in.Ring()
		<-time.After(time.Second)
		if c, err := in.Accept(ctx); err == nil {
			bos <- c
		}
	})
	l, b, agent, customer, _ := together(t, bo)
	if err := agent.Transfer(within(t), "sip:bo@pbx.example.com"); err != nil {
		t.Fatal(err)
	}
	third := wait(t, bos, "colleague")
	if got := b.news(t, agent); !slices.Equal(got, []int{100, 180, 200}) {
		t.Errorf("the agent is told %v", got)
	}
	listens(t, customer, "(waiting)")
	if got := wait(t, b.ended, "outcome"); got != "" {
		t.Errorf("the desk is told %q", got)
	}
	b.hears(t, "agent 2 spoke")
	if err := agent.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	talkUntilHeard(t, third, customer, "hello from the colleague")
	talkUntilHeard(t, customer, third, "hello from the customer")
	if err := third.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	b.hears(t, "customer 2 spoke")
	listens(t, customer, "goodbye")
	wait(t, customer.Done(), "goodbye by the line")
	for l.Calls() > 0 {
		<-time.After(10 * time.Millisecond)
	}
}

// TestPutThroughBriefed has an agent put a customer through to somebody who
// hears what it is about first, and takes the call with a key; and to a voicemail,
// which cannot: the customer and the agent speak on.
func TestPutThroughBriefed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		key     string
		outcome ivr.Outcome
		news    int // the last
	}{{"a person", "1", "", 200}, {"a voicemail", "", ivr.Machine, 480}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bo, bos := answers(t)
			_, b, agent, customer, _ := together(t, bo)
			takes := ivr.Turn{Connect: &ivr.Connect{To: ivr.Waiting}}
			if tt.key == "" {
				takes = bye()
			}
			b.put("brief", ivr.Turn{Say: say("caller_waiting", "brief_topic"), Listen: &ivr.Listen{Max: 1, Wait: time.Second}}, takes, bye())
			if err := agent.Transfer(within(t), "sip:bo@pbx.example.com"); err != nil {
				t.Fatal(err)
			}
			third := wait(t, bos, "who is rung")
			listens(t, third, "brief_topic")
			if tt.key != "" {
				if err := agent.Hangup(within(t)); err != nil { // as telephones do at once
					t.Fatal(err)
				}
				press(t, third, tt.key)
			} else if got := b.news(t, agent); got[len(got)-1] != tt.news {
				t.Errorf("the agent is told %v", got)
			}
			listens(t, customer, "(waiting)")
			if got := wait(t, b.ended, "outcome"); got != tt.outcome {
				t.Errorf("the desk is told %q", got)
			}
			if tt.key == "" {
				wait(t, third.Done(), "goodbye to the voicemail")
				talkUntilHeard(t, agent, customer, "it was a voicemail")
				return
			}
			talkUntilHeard(t, third, customer, "hello from outside")
			talkUntilHeard(t, customer, third, "hello from the customer")
			if err := customer.Hangup(within(t)); err != nil {
				t.Fatal(err)
			}
			listens(t, third, "goodbye")
		})
	}
}

// busy is a telephone that takes no calls.
func busy(t *testing.T) *phone.Phone { return telephone(t, nil) }

// TestPutThroughInVain holds that the two speak on when nobody takes the call.
func TestPutThroughInVain(t *testing.T) {
	t.Parallel()
	_, b, agent, customer, _ := together(t, busy(t))
	if err := agent.Transfer(within(t), "sip:bo@pbx.example.com"); err != nil {
		t.Fatal(err)
	}
	if got := b.news(t, agent); !slices.Equal(got, []int{100, 486}) {
		t.Errorf("the agent is told %v", got)
	}
	talkUntilHeard(t, agent, customer, "the line is busy")
	talkUntilHeard(t, customer, agent, "never mind")
	if got := wait(t, b.ended, "outcome"); got != ivr.Busy {
		t.Errorf("the desk is told %q", got)
	}
}

// TestPutThroughAndLeave holds that an agent who leaves at once, as telephones
// do, is rung again when nobody takes the call: the customer is not lost.
func TestPutThroughAndLeave(t *testing.T) {
	t.Parallel()
	rings, left := make(chan struct{}, 1), make(chan struct{})
	slow := telephone(t, func(ctx context.Context, in *phone.Incoming) {
		rings <- struct{}{}
		select {
		case <-left:
		case <-ctx.Done():
		}
		_ = in.Refuse(486, "Busy Here")
	})
	l, b, agent, customer, agents := together(t, slow)
	if err := agent.Transfer(within(t), "sip:bo@pbx.example.com"); err != nil {
		t.Fatal(err)
	}
	wait(t, rings, "colleague")
	before := l.Calls()
	if err := agent.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	for l.Calls() == before {
		<-time.After(10 * time.Millisecond)
	}
	close(left)
	again := wait(t, agents, "agent, once more")
	talkUntilHeard(t, again, customer, "it is me again")
	if err := customer.Hangup(within(t)); err != nil {
		t.Fatal(err)
	}
	b.hears(t, "agent 2 spoke")
	listens(t, again, "ask_solved")
}

// TestPutThroughRefused holds that customers put nobody through, nor agents to
// anywhere.
func TestPutThroughRefused(t *testing.T) {
	t.Parallel()
	_, b, agent, customer, _ := together(t, busy(t))
	for _, tt := range []struct {
		by     *phone.Call
		to     string
		reason string
	}{
		{customer, "sip:bo@pbx.example.com", "Decline"},
		{agent, "sip:stranger@example.com", "Decline"},
		{agent, "sip:+358409999999@example.com", "Number Not Allowed For Transfers"},
	} {
		err := tt.by.Transfer(within(t), tt.to)
		if no, ok := errors.AsType[*phone.RefusedError](err); !ok || no.Code != 603 || no.Reason != tt.reason {
			t.Errorf("%s: %v, want 603 %s", tt.to, err, tt.reason)
		}
	}
	talkUntilHeard(t, agent, customer, "still here")
	if len(b.ended) > 0 {
		t.Errorf("the desk is told %q", <-b.ended)
	}
}

// TestTransferBetweenTalks holds that a wish is heard which comes while the two
// are not yet joined again, and that one with nobody to speak with is declined.
func TestTransferBetweenTalks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &leg{asked: make(chan *liveline.TransferError), gone: make(chan struct{})}
		go func() {
			<-time.After(joinedWithin / 2)
			(<-l.asked).Answer(callback.ErrUnlisted)
		}()
		if no := l.mayTransfer(&liveline.TransferError{}); no == nil || no.reason != "Number Not Allowed For Transfers" {
			t.Errorf("soon joined again: %+v", no)
		}
		if no := l.mayTransfer(&liveline.TransferError{}); no == nil || no.reason != "Decline" {
			t.Errorf("nobody to speak with: %+v", no)
		}
		close(l.gone)
		if begun := time.Now(); l.mayTransfer(&liveline.TransferError{}) == nil || time.Since(begun) > 0 {
			t.Error("who has left is waited for")
		}
	})
}

// TestReferTo reads whom a telephone wants, and what it must not smuggle in.
func TestReferTo(t *testing.T) {
	tests := []struct {
		field, to, replaces string
		code                int
	}{
		{"Refer-To: <sip:bo@10.0.0.7:5062;transport=udp>", "sip:bo@10.0.0.7:5062;transport=udp", "", 0},
		{"Refer-To: sip:bo@10.0.0.7", "sip:bo@10.0.0.7", "", 0},
		{"r: \"Bo\" <sip:bo@10.0.0.7>", "sip:bo@10.0.0.7", "", 0},
		{"Refer-To: <tel:+358401234567>", "tel:+358401234567", "", 0},
		{"Refer-To: <sip:bo@10.0.0.7?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2&Subject=x>", "sip:bo@10.0.0.7", "a@b;to-tag=1;from-tag=2", 0},
		{"Refer-To: <sip:bo@10.0.0.7?Replaces=a%40b%3Bto-tag%3D1>", "", "", 400},
		{"Refer-To: <sip:bo@10.0.0.7?Replaces=a%0D%0AEvil%3A%20x%3Bto-tag%3D1%3Bfrom-tag%3D2>", "", "", 400},
		{"Refer-To: <sip:bo@10.0.0.7;method=BYE>", "", "", 603},
		{"Refer-To: <http://example.com/>", "", "", 400},
		{"Refer-To: <sip:bo@10.0.0.7>\r\nRefer-To: <sip:bo@10.0.0.8>", "", "", 400},
		{"Subject: nothing", "", "", 400},
	}
	for _, tt := range tests {
		got, no := (&leg{}).transfer(parsed(t, request("REFER", "c1", toUs, 2, tt.field)), nil)
		switch {
		case tt.code != 0:
			if no == nil || no.code != tt.code {
				t.Errorf("%s: %+v, want %d", tt.field, no, tt.code)
			}
		case no != nil:
			t.Errorf("%s: %+v", tt.field, no)
		case got.To != tt.to || got.Replaces != tt.replaces:
			t.Errorf("%s: %q, %q", tt.field, got.To, got.Replaces)
		}
	}
}

// TestReplaces has an INVITE say which call it takes the place of (RFC 3891).
func TestReplaces(t *testing.T) {
	t.Parallel()
	const call = "a@b;to-tag=1;from-tag=2"
	o := &outgoing{line: &Line{}, call: liveline.Call{Replaces: call, Ref: "ref"}, stream: newSilent()}
	if got := o.invite().GetHeader("Replaces"); got == nil || got.Value() != call {
		t.Errorf("Replaces: %v", got)
	}
}
