package twilioline

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twiliosim"
	"github.com/holdless/holdless/scheduler"
)

// A letterbox takes texts and receipts.
type letterbox struct {
	mu       sync.Mutex
	texts    []callback.InText
	receipts []callback.Receipt
}

func (b *letterbox) text(_ context.Context, in callback.InText) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.texts = append(b.texts, in)
	return nil
}

func (b *letterbox) receipt(_ context.Context, r callback.Receipt) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.receipts = append(b.receipts, r)
	return nil
}

// last is the best that was told of a text. The desk sorts out what comes late.
func (b *letterbox) last() (best callback.Receipt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.receipts {
		if best.State == "" || best.State == callback.ReceiptTaken {
			best = r
		}
	}
	return best
}

// texting is a line that texts, in virtual time.
func texting(t *testing.T, fate twiliosim.Fate, blind bool, live func(*testing.T, *Line, *twiliosim.Sim, *letterbox)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		later := &again{t: t, chance: newChance()}
		sim := newSim(t, twiliosim.Config{App: later, Fate: func(twiliosim.Message) twiliosim.Fate { return fate }})
		box := &letterbox{}
		l := newLine(t, testConfig(), Ports{
			OnText: box.text, OnStatus: box.receipt, HTTP: &orders{RoundTripper: sim.Transport(), blind: blind},
		})
		later.line = l
		live(t, l, sim, box)
		sim.Close()
	})
}

func letter() callback.Message {
	return callback.Message{ID: "MESSAGE1", Kind: "text", To: string(aino), Body: "Kiitos ☎", Until: time.Now().Add(90 * time.Minute)}
}

func TestTextLeaves(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		fate twiliosim.Fate
		want callback.ReceiptState
		why  string
	}{
		{"delivered", twiliosim.Fate{Status: "delivered"}, callback.ReceiptArrived, ""},
		{"not delivered", twiliosim.Fate{Status: "undelivered", Code: 30003}, callback.ReceiptLost, "30003"},
		{"sent, and no more is known", twiliosim.Fate{Status: "sent"}, callback.ReceiptTaken, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			texting(t, tt.fate, false, func(t *testing.T, l *Line, sim *twiliosim.Sim, box *letterbox) {
				if err := l.Text(t.Context(), letter()); err != nil {
					t.Fatal(err)
				}
				wait(t.Context(), time.Minute)
				synctest.Wait()
				sent := sim.Messages()
				if len(sent) != 1 || sent[0].Body != "Kiitos ☎" || sent[0].From != string(linetest.Number) {
					t.Fatalf("sent %+v", sent)
				}
				if got := sent[0].Form.Get("ValidityPeriod"); got != "5400" {
					t.Errorf("may wait for %s s, want 5400", got)
				}
				got := box.last()
				if got.Message != "MESSAGE1" || got.Ref != sent[0].SID || got.State != tt.want || !strings.Contains(got.Reason, tt.why) {
					t.Errorf("receipt %+v", got)
				}
			})
		})
	}
}

// A text of which Twilio does not say whether it took it is looked up.
func TestTextUnknown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault twiliosim.Fault
		blind bool
		want  error // nil when it left; errAgain when it may be tried again
		sent  int
	}{
		{"accepted", twiliosim.Fault{Status: 500, After: true}, false, nil, 1},
		{"lost", twiliosim.Fault{Status: 500}, false, errAgain, 0},
		{"nobody knows", twiliosim.Fault{Status: 500}, true, scheduler.ErrUnknown, 0},
		{"refused", twiliosim.Fault{Status: http.StatusBadRequest}, false, scheduler.ErrPermanent, 0},
		{"too many", twiliosim.Fault{Status: http.StatusTooManyRequests}, false, errAgain, 0},
		{"no connection", twiliosim.Fault{Refuse: true}, false, errAgain, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			texting(t, twiliosim.Fate{Status: "delivered"}, tt.blind, func(t *testing.T, l *Line, sim *twiliosim.Sim, _ *letterbox) {
				sim.Fail(tt.fault)
				err := l.Text(t.Context(), letter())
				if !is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
				if n := len(sim.Messages()); n != tt.sent {
					t.Errorf("%d texts were sent, want %d", n, tt.sent)
				}
			})
		})
	}
}

var errAgain = errors.New("again")

func is(err, want error) bool {
	if want != errAgain { //nolint:errorlint // a mark of this test
		return errors.Is(err, want)
	}
	return err != nil && !errors.Is(err, scheduler.ErrUnknown) && !errors.Is(err, scheduler.ErrPermanent)
}

// A text that reaches us is handed over, and answered with nothing: each
// answer is a text of its own.
func TestTextArrives(t *testing.T) {
	t.Parallel()
	texting(t, twiliosim.Fate{}, false, func(t *testing.T, l *Line, sim *twiliosim.Sim, box *letterbox) {
		got, err := sim.Text(t.Context(), string(aino), string(linetest.Number), "5 ★")
		if err != nil || len(got.Answer) != 0 {
			t.Fatalf("answered %q, %v", got.Answer, err)
		}
		want := callback.InText{Line: textLine, ID: got.SID, From: aino, To: linetest.Number, Body: "5 ★"}
		if _, err := sim.Text(t.Context(), "PEPSI", string(linetest.Number), "buy"); err != nil {
			t.Errorf("a sender without a number: %v", err)
		}
		if n := len(box.texts); n < 2 { // each comes twice: the desk takes it once
			t.Errorf("%d texts", n)
		}
		for _, in := range box.texts {
			if in != want {
				t.Errorf("got %+v", in)
			}
		}
	})
}
