package media

import (
	"errors"
	"io"
	"testing"
)

// TestPacketsOfKeys looks at what a telephone gets when keys are pressed.
func TestPacketsOfKeys(t *testing.T) {
	t.Parallel()
	s := open(t, newEngine(t))
	far := newPeer(t)
	far.dial(s, "0 101")
	last := far.next()
	sent := make(chan error, 1)
	go func() { sent <- s.SendKeys(t.Context(), "5#") }()
	for _, code := range []byte{5, 11} {
		var begin uint32
		for i := range pressFrames + endPackets {
			p := far.next()
			for p.kind != eventDefault {
				last, p = p, far.next()
			}
			e, ok := parseEvent(p.payload)
			if i == 0 {
				begin = p.ts
			}
			want := event{code: code, end: i >= pressFrames, dur: uint16(min(i+1, pressFrames) * FrameBytes)}
			if !ok || e != want || p.ts != begin || p.marker != (i == 0) || p.seq != last.seq+1 {
				t.Errorf("packet %d of key %d is %+v with %+v", i, code, p, e)
			}
			last = p
		}
		if p := far.next(); p.kind != 0 || int32(p.ts-begin) < keyFrames/2*FrameBytes {
			t.Errorf("after the key comes %+v", p)
		} else {
			last = p
		}
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func TestCloseEndsPress(t *testing.T) {
	t.Parallel()
	caller, _ := call(t, newEngine(t))
	sent := make(chan error, 1)
	go func() { sent <- caller.SendKeys(t.Context(), "12345678901234567890") }()
	until(t, caller, "keys are sent", func(st Stats) bool { return st.Sent > 3 })
	caller.Close()
	if err := <-sent; !errors.Is(err, io.EOF) {
		t.Errorf("SendKeys ended with %v, want io.EOF", err)
	}
}
