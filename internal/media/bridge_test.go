package media

import (
	"bytes"
	"math"
	"testing"
	"time"
)

func TestBridge(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	caller, near := call(t, e)
	agent, far := call(t, e)
	toCaller, toAgent := hear(caller), hear(agent)
	near.Bridge(far)
	if err := caller.Play(t.Context(), []byte("it is the caller who speaks")); err != nil {
		t.Fatal(err)
	}
	toAgent.until(t, []byte("it is the caller who speaks"))
	if err := agent.Play(t.Context(), []byte("and the agent who answers")); err != nil {
		t.Fatal(err)
	}
	toCaller.until(t, []byte("and the agent who answers"))
	if err := caller.SendKeys(t.Context(), "42"); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, agent, 2); got != "42" {
		t.Errorf("keys through the bridge: %q", got)
	}
	if got := keys(t, near, 2); got != "42" {
		t.Errorf("keys at the bridge: %q", got)
	}

	far.Unbridge()
	if err := caller.Play(t.Context(), []byte("nobody hears this")); err != nil {
		t.Fatal(err)
	}
	if err := far.Play(t.Context(), []byte("parted")); err != nil {
		t.Fatal(err)
	}
	toAgent.until(t, []byte("parted"))
	if toAgent.has([]byte("nobody")) {
		t.Error("sound went on after the end of the bridge")
	}
}

// TestBridgeNumbers looks at what the far telephone gets: one source, numbers
// that go on, its own payload types.
func TestBridgeNumbers(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	near, far := open(t, e), open(t, e)
	from, to := newPeer(t), newPeer(t)
	from.dial(near, "0 101")
	if _, err := far.Answer(bytes.ReplaceAll(to.offer("0 101", ""), []byte("101"), []byte("97"))); err != nil {
		t.Fatal(err)
	}
	far.Start()
	first := to.next()
	near.Bridge(far)
	for range 3 {
		from.sound(0x31)
	}
	from.press(8)
	from.head.ssrc, from.head.seq, from.head.ts = 77, 9, 1<<31 // another telephone takes over
	for range 3 {
		from.sound(0x32)
	}
	last, seen := first, map[byte]int{}
	for seen[0x32] < 3 {
		p := to.next()
		if p.ssrc != first.ssrc || p.seq != last.seq+1 || int32(p.ts-last.ts) < 0 || p.ts-last.ts > 8000 {
			t.Errorf("packet %+v after %+v", p, last)
		}
		if p.kind == 97 {
			seen['k']++
		} else {
			seen[p.payload[0]]++
		}
		last = p
	}
	if seen[0x31] != 3 || seen['k'] != 6 {
		t.Errorf("packets %v", seen)
	}
}

// TestBridgeKeepsOurKeys holds that a key which was pressed for us, and is held
// while the two are joined, does not reach the other telephone; the next one
// does.
func TestBridgeKeepsOurKeys(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	near, far := open(t, e), open(t, e)
	from, to := newPeer(t), newPeer(t)
	from.dial(near, "0 101")
	to.dial(far, "0 101")
	held := func(code byte, dur uint16, end bool) {
		payload := make([]byte, eventBytes)
		event{code: code, dur: dur, end: end}.write(payload)
		from.packet(101, from.head.ts, payload)
	}
	held(1, 160, false)
	if got := keys(t, near, 1); got != "1" {
		t.Fatalf("we were told %q", got)
	}
	near.Bridge(far)
	held(1, 320, false)
	held(1, 480, true)
	from.head.ts += 4000
	from.press(2)
	for {
		p := to.next()
		if p.kind != 101 {
			continue
		}
		if got, _ := parseEvent(p.payload); got.code != 2 {
			t.Errorf("key %c was passed on", keyNames[got.code])
		}
		break
	}
	if got := keys(t, near, 1); got != "2" {
		t.Errorf("at the bridge: %q", got)
	}
}

// TestBridgePassesKeysOn holds that a key reaches the other telephone, however
// it came and whatever that telephone understands.
func TestBridgePassesKeysOn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, formats string // of the other telephone
		press         func(near *Stream, from *peer)
	}{
		{"INFO to events", "0 101", func(near *Stream, _ *peer) { near.Inject('5'); near.Inject('6') }},
		{"INFO to tones", "0", func(near *Stream, _ *peer) { near.Inject('5') }},
		{"events to tones", "0", func(_ *Stream, from *peer) { from.press(5) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEngine(t)
			near, far := open(t, e), open(t, e)
			from, to := newPeer(t), newPeer(t)
			from.dial(near, "0 101")
			to.dial(far, tt.formats)
			near.Bridge(far)
			tt.press(near, from)
			var pad keypad
			ear, got := newEar(), ""
			for want := map[bool]string{true: "56", false: "5"}[tt.name == "INFO to events"]; got != want; {
				p := to.next()
				if key, ok := pad.hear(&p); p.kind == 101 && ok {
					got += string(key)
				}
				for _, b := range p.payload {
					if p.kind != 0 {
						break
					}
					if key, ok := ear.hear(PCMU.Decode(b)); ok {
						got += string(key)
					}
				}
			}
		})
	}
}

func TestBridgeOfTwoCodecs(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	near, far := open(t, e), open(t, e)
	from, to := newPeer(t), newPeer(t)
	from.dial(near, "0 101")
	to.dial(far, "8 101")
	near.Bridge(far)
	from.sound(PCMU.Encode(9000))
	for {
		p := to.next()
		if p.kind != byte(PCMA) {
			t.Fatalf("payload type %d, want PCMA", p.kind)
		}
		if p.payload[0] == PCMA.Silence() {
			continue
		}
		if got := PCMA.Decode(p.payload[0]); math.Abs(float64(got)-9000) > 600 {
			t.Errorf("sample 9000 became %d", got)
		}
		return
	}
}

func TestBridgeEndsWithClose(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	_, near := call(t, e)
	_, far := call(t, e)
	near.Bridge(near) // means nothing
	near.Bridge(far)
	near.Close()
	if err := far.Play(t.Context(), []byte("still here")); err != nil {
		t.Error(err)
	}
	far.mu.Lock()
	defer far.mu.Unlock()
	if far.link.far != nil {
		t.Error("the far end is bridged with a closed stream")
	}
}

// TestBridgeInNewHands moves a bridge from one partner to another.
func TestBridgeInNewHands(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	caller, near := call(t, e)
	_, one := call(t, e)
	agent, two := call(t, e)
	heard := hear(agent)
	near.Bridge(one)
	near.Bridge(two)
	if err := caller.Play(t.Context(), []byte("to the second")); err != nil {
		t.Fatal(err)
	}
	heard.until(t, []byte("to the second"))
}

// TestBridgeKeepsThePathOpen fills the gap when the far end sends nothing.
func TestBridgeKeepsThePathOpen(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	near, far := open(t, e), open(t, e)
	from, to := newPeer(t), newPeer(t)
	from.dial(near, "0 101")
	to.dial(far, "0 101")
	near.Bridge(far)
	began := time.Now()
	last := to.next()
	for time.Since(began) < 2*lull {
		last = to.next()
	}
	if last.payload[0] != PCMU.Silence() {
		t.Errorf("the gap is filled with %x", last.payload[:1])
	}
}

// TestBridgeKeepsAKeyTogether lets our own silence come between the packets of
// one key: its numbers go on, its timestamp stays the same.
func TestBridgeKeepsAKeyTogether(t *testing.T) {
	t.Parallel()
	s := still(t, Config{})
	first := s.shifted(&packet{ssrc: 1, seq: 10, ts: 5000})
	s.sendSilence(time.Now())
	s.out.ts += 50 * FrameBytes
	second := s.shifted(&packet{ssrc: 1, seq: 11, ts: 5000})
	if second.ts != first.ts || second.seq != first.seq+2 {
		t.Errorf("a key went on as %+v after %+v", second, first)
	}
	if other := s.shifted(&packet{ssrc: 2, seq: 500, ts: 9}); other.seq != second.seq+1 || other.ts != s.out.ts {
		t.Errorf("another source went on as %+v", other)
	}
}

// TestBridgeTakesNothingFromOthers keeps sound of an old partner out.
func TestBridgeTakesNothingFromOthers(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	_, near := call(t, e)
	_, far := call(t, e)
	other := open(t, e)
	near.Bridge(far)
	raw := make([]byte, headBytes+FrameBytes)
	p, _ := parse(append([]byte{0x80}, raw[1:]...))
	at := far.lastRelay()
	far.relay(&item{packet: p, kind: audio}, other, at.Add(time.Hour))
	if far.lastRelay() != at {
		t.Error("a stream that is not the far end was passed on")
	}
	far.relay(&item{packet: p, kind: audio}, near, at.Add(time.Hour))
	if far.lastRelay() != at.Add(time.Hour) {
		t.Error("the far end was not passed on")
	}
}

func (s *Stream) lastRelay() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link.last
}

// TestBridgeOnHold has one end put the other on hold with music of its own, and
// come back: the music is heard, and then each hears the other.
func TestBridgeOnHold(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	near, far := open(t, e), open(t, e)
	agent, customer := newPeer(t), newPeer(t)
	agent.dial(near, "0 101")
	customer.dial(far, "0 101")
	near.Music([]byte{'n'})
	far.Music(bytes.Repeat([]byte{'m'}, FrameBytes))
	near.Bridge(far)
	says := func(from, to *peer, b byte) {
		for from.sound(b); to.next().payload[0] != b; from.sound(b) {
		}
	}
	for i, way := range []string{"sendonly", "sendrecv", "inactive", "sendrecv"} {
		if _, err := near.Answer(agent.offer("0 101", "a="+way+"\r\n")); err != nil {
			t.Fatal(err)
		}
		if holds := way != "sendrecv"; near.Held() != holds || far.Held() {
			t.Errorf("%s: held %v, and the other %v", way, near.Held(), far.Held())
		}
		if way != "inactive" {
			says(agent, customer, byte(0x30+i))
		}
		if way != "sendrecv" { // who is silent meanwhile leaves it to us
			for customer.next().payload[0] != 'm' {
			}
		}
		if way == "sendrecv" {
			says(customer, agent, byte(0x40+i))
			for range 2 * musicAfter / (20 * time.Millisecond) {
				if customer.next().payload[0] == 'm' {
					t.Fatal("music for nobody who waits")
				}
			}
		}
	}
}
