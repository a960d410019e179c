package media

import (
	"net/netip"
	"testing"
	"time"
)

// TestLengthsOfPackets takes sound in packets of 10 to 60 ms.
func TestLengthsOfPackets(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for _, n := range []int{80, 160, 240, 320, 480} {
		s := open(t, e)
		far := newPeer(t)
		far.dial(s, "0 101")
		heard := hear(s)
		want := make([]byte, 4*n)
		for i := range want {
			want[i] = byte(i%200) + 1
		}
		for i := range 4 {
			far.packet(0, far.head.ts, want[i*n:(i+1)*n])
			far.head.ts += uint32(n)
		}
		heard.until(t, want)
	}
}

// TestOneKeyManyWays presses keys that come as events, as SIP INFO and as
// tones at once. Each counts once.
func TestOneKeyManyWays(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for _, tt := range []struct {
		name  string
		press func(s *Stream, far *peer, code byte)
	}{
		{"event first", func(s *Stream, far *peer, code byte) {
			before := s.Stats().Received
			far.press(code)
			until(t, s, "the event came", func(st Stats) bool { return st.Received == before+6 })
			s.Inject(keyNames[code])
		}},
		{"INFO first", func(s *Stream, far *peer, code byte) {
			s.Inject(keyNames[code])
			before := s.Stats().Received
			far.press(code)
			until(t, s, "the event came", func(st Stats) bool { return st.Received == before+6 })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, e)
			far := newPeer(t)
			far.dial(s, "0 101")
			for _, code := range []byte{1, 1, 2, 11, 1} {
				tt.press(s, far, code)
			}
			if got := keys(t, s, 5); got != "112#1" || s.Pending() {
				t.Errorf("keys %q, more %t", got, s.Pending())
			}
		})
	}
}

// TestTonesAsKeys hears keys in the sound of a telephone without events, which
// sends them by SIP INFO as well.
func TestTonesAsKeys(t *testing.T) {
	t.Parallel()
	s := open(t, newEngine(t))
	far := newPeer(t)
	far.dial(s, "8")
	for i, k := range []byte("15#") {
		sound := tones(string(k), PCMA)
		for len(sound) > 0 {
			far.packet(byte(PCMA), far.head.ts, sound[:FrameBytes])
			far.head.ts += FrameBytes
			sound = sound[FrameBytes:]
		}
		if got := key(t, s); got != k {
			t.Errorf("key %d is %c, want %c", i, got, k)
		}
		s.Inject(k)
	}
	if s.Pending() {
		t.Error("a key counted twice")
	}
}

// TestToneKeysSent presses keys towards a stream that has no events.
func TestToneKeysSent(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	caller, callee := open(t, e), open(t, e)
	strip := func(b []byte) []byte { return without101.ReplaceAll(b, nil) }
	answer, err := callee.Answer(strip(caller.Offer()))
	if err != nil {
		t.Fatal(err)
	}
	if err := caller.Accept(answer); err != nil {
		t.Fatal(err)
	}
	caller.Start()
	callee.Start()
	if err := caller.SendKeys(t.Context(), "12*"); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, callee, 3); got != "12*" {
		t.Errorf("keys %q", got)
	}
}

// TestAnotherTelephone follows a peer that sends keys another way than before,
// as after a transfer.
func TestAnotherTelephone(t *testing.T) {
	t.Parallel()
	s := still(t, Config{})
	far := func(key byte) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.pressed(key, byEvent)
	}
	far('1')
	for _, key := range []byte("23456") {
		s.Inject(key)
	}
	if got := keys(t, s, 4); got != "1456" || s.Pending() {
		t.Errorf("keys %q, more %t", got, s.Pending())
	}
}

func TestKeysAreBounded(t *testing.T) {
	t.Parallel()
	s := still(t, Config{})
	s.Inject('x')
	if s.Pending() {
		t.Error("x is a key")
	}
	for range maxKeys + 5 {
		s.Inject('1')
	}
	if st := s.Stats(); st.KeysLost != 5 || len(s.keys) != maxKeys {
		t.Errorf("%d keys, %d lost", len(s.keys), st.KeysLost)
	}
	s.Flush()
	if s.Pending() {
		t.Error("keys wait after Flush")
	}
}

// TestHoldStopsSound puts a sound on hold: nothing is sent, and what was left
// is said after that.
func TestHoldStopsSound(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	s := open(t, e)
	far := newPeer(t)
	far.dial(s, "0 101")
	clip := make([]byte, 20*FrameBytes)
	for i := range clip {
		clip[i] = byte(i/FrameBytes) + 1
	}
	done := make(chan error, 1)
	go func() { done <- s.Play(t.Context(), clip) }()
	for far.next().payload[0] != 3 {
	}
	if _, err := s.Answer(far.offer("0 101", "a=inactive\r\n")); err != nil {
		t.Fatal(err)
	}
	far.quiet()
	if n := far.quiet(); n != 0 || !s.Held() {
		t.Errorf("%d bytes came on hold", n)
	}
	if _, err := s.Answer(far.offer("0 101", "")); err != nil {
		t.Fatal(err)
	}
	last := byte(0)
	for last != 20 {
		p := far.next()
		if last != 0 && p.payload[0] != last+1 {
			t.Fatalf("frame %d after %d", p.payload[0], last)
		}
		last = p.payload[0]
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestMute sends nothing when there is nothing to say.
func TestMute(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	e.config.Mute = true
	s := open(t, e)
	far := newPeer(t)
	far.dial(s, "0 101")
	if n := far.quiet(); n != 0 {
		t.Errorf("%d bytes of nothing", n)
	}
	if err := s.Play(t.Context(), []byte("a"), []byte("b")); err != nil {
		t.Fatal(err)
	}
	if first, second := far.next(), far.next(); !first.marker || second.marker {
		t.Error("the marker is not on the first packet after a pause")
	}
}

// TestCodecChangesInASound goes on saying a sound in the new codec.
func TestCodecChangesInASound(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	s := open(t, e)
	far := newPeer(t)
	far.dial(s, "0 101")
	clip := make([]byte, 100*FrameBytes)
	for i := range clip {
		clip[i] = PCMU.Encode(5000)
	}
	s.Loop(clip)
	far.next()
	if _, err := s.Answer(far.offer("8 101", "")); err != nil {
		t.Fatal(err)
	}
	for {
		if p := far.next(); p.kind == byte(PCMA) {
			if got := PCMA.Decode(p.payload[0]); got < 4600 || got > 5400 {
				t.Errorf("sample 5000 became %d", got)
			}
			return
		}
	}
}

// TestSignsOfTheQuiet holds that a peer who says nothing from the first moment on
// is there as long as comfort noise comes, or reports, and that a goodbye is none.
func TestSignsOfTheQuiet(t *testing.T) {
	t.Parallel()
	s := open(t, newEngine(t))
	far := newPeer(t)
	far.dial(s, "0 101")
	before := s.hearsSince()
	far.packet(13, far.head.ts, []byte{70}) // RFC 3389
	until(t, s, "noise came", func(st Stats) bool { return st.Malformed == 1 })
	noise := s.hearsSince()
	if !noise.After(before) {
		t.Error("noise is no sign of life")
	}
	far.to = netip.AddrPortFrom(s.Local().Addr(), s.Local().Port()+1)
	bye := newReports()
	far.raw(append(bye.write(nil, 7, time.Now()), 0x81, goodbye, 0, 1, 0, 0, 0, 7))
	far.raw([]byte{1})
	until(t, s, "a goodbye came", func(st Stats) bool { return st.Malformed == 2 })
	if parted := s.hearsSince(); !parted.Equal(noise) {
		t.Error("a goodbye is a sign of life")
	}
	far.raw(bye.write(nil, 7, time.Now()))
	far.raw([]byte{1})
	until(t, s, "a report came", func(st Stats) bool { return st.Malformed == 3 })
	if !s.hearsSince().After(noise) {
		t.Error("a report is no sign of life")
	}
}

// TestSigns tells silence of the peer from comfort noise.
func TestSigns(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	s := open(t, e)
	far := newPeer(t)
	far.dial(s, "0 101")
	far.sound(0x21)
	until(t, s, "the peer is heard", func(st Stats) bool { return st.Received == 1 })
	before := s.hearsSince()
	<-time.After(60 * time.Millisecond)
	if silent := s.Silence(); silent < 60*time.Millisecond {
		t.Errorf("silent for %v", silent)
	}
	far.packet(13, far.head.ts, []byte{70}) // RFC 3389
	until(t, s, "noise came", func(st Stats) bool { return st.Malformed == 1 })
	noise := s.hearsSince()
	if !noise.After(before) {
		t.Error("noise does not end a silence")
	}
	if _, err := s.Answer(far.offer("0 101", "")); err != nil {
		t.Fatal(err)
	}
	if back := s.hearsSince(); !back.After(noise) {
		t.Error("silence does not begin anew when the peer comes back")
	}
}

// hearsSince is when silence began.
func (s *Stream) hearsSince() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.heard.After(s.began) {
		return s.heard
	}
	return s.began
}

// FuzzReceive gives a stream packets of a stranger who is taken for the peer.
func FuzzReceive(f *testing.F) {
	b := make([]byte, headBytes+eventBytes)
	head{kind: 101, seq: 1}.write(b)
	f.Add(b)
	head{kind: 8}.write(b)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		s := newStream(&Engine{config: Config{IP: loopback}}, &pair{})
		s.ear = newEar()
		for range 3 {
			p, ok := parse(b)
			if !ok {
				return
			}
			it := item{packet: p}
			it.kind, it.codec = s.session.kindOf(p.kind)
			s.hear(&it, time.Unix(0, 0))
			if len(p.payload) > 0 {
				s.shifted(&p)
			}
		}
		if s.Stats().Lost < 0 {
			t.Fatalf("stats %+v", s.Stats())
		}
	})
}

// TestPanicEndsOneCall breaks one call, and goes on with the others.
func TestPanicEndsOneCall(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	_, broken := call(t, e)
	_, other := call(t, e)
	broken.Bridge(other)
	caller, callee := call(t, e)
	heard := hear(caller)
	broken.Tap(func(Codec, uint32, []byte) { panic("on purpose") })
	<-broken.Closed()
	if err := callee.Play(t.Context(), []byte("still here")); err != nil {
		t.Fatal(err)
	}
	heard.until(t, []byte("still here"))
}
