package media

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	pion "github.com/pion/sdp/v3"
)

// still returns a stream of an engine that does not run.
func still(t testing.TB, c Config) *Stream {
	t.Helper()
	c.MinPort, c.MaxPort = 32000, 34999
	if !c.IP.IsValid() {
		c.IP = loopback
	}
	e, err := New(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return open(t, e)
}

// lines writes an SDP out of its lines.
func lines(all ...string) []byte { return []byte(strings.Join(all, "\r\n") + "\r\n") }

func offer(more ...string) []byte {
	return lines(append([]string{"v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"}, more...)...)
}

const event101 = "a=rtpmap:101 telephone-event/8000"

func TestAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		offer []byte
		want  string // a pattern of the media lines
		held  bool
		err   error
	}{
		{"both codecs", offer("m=audio 4000 RTP/AVP 0 8 101", event101), `^m=audio \d+ RTP/AVP 0 101 `, false, nil},
		{"the peer's favourite", offer("m=audio 4000 RTP/AVP 18 8 0"), `^m=audio \d+ RTP/AVP 8 a=rtpmap:8 PCMA/8000 a=ptime:20 a=sendrecv $`, false, nil},
		{"a codec at another number", offer("m=audio 4000 RTP/AVP 97", "a=rtpmap:97 pcma/8000"), `RTP/AVP 97 a=rtpmap:97 PCMA/8000`, false, nil},
		{"an event at another number", offer("m=audio 4000 RTP/AVP 0 126", "a=rtpmap:126 telephone-event/8000"), `0 126 .*a=fmtp:126 0-15`, false, nil},
		{"an event in so many channels", offer("m=audio 4000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000/1"), `RTP/AVP 0 101 `, false, nil},
		{"an event at 48 kHz only", offer("m=audio 4000 RTP/AVP 0 110", "a=rtpmap:110 telephone-event/48000"), `RTP/AVP 0 a=`, false, nil},
		{"video too", offer("m=video 5000 RTP/AVP 31", "m=audio 4000 RTP/AVP 0", "m=text 6 RTP/AVP 98 99"), `^m=video 0 RTP/AVP 31 m=audio \d+ RTP/AVP 0 .*m=text 0 RTP/AVP 98 99 $`, false, nil},
		{"encrypted first", offer("m=audio 3000 RTP/SAVP 0", "m=audio 4000 RTP/AVP 0"), `^m=audio 0 RTP/SAVP 0 m=audio [1-9]`, false, nil},
		{"the floor of a conference refused", offer("m=audio 4000 RTP/AVP 0", "m=application 5 TCP/BFCP *"), `m=application 0 TCP/BFCP \* $`, false, nil},
		{"bare line ends", []byte("v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 4000 RTP/AVP 0\n"), `RTP/AVP 0 `, false, nil},
		{"the address below the media", lines("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "m=audio 4000 RTP/AVP 0", "c=IN IP4 127.0.0.1"), `sendrecv`, false, nil},
		{"broken attributes", offer("m=audio 4000 RTP/AVP 0 101", "a=rtpmap:0", "a=rtpmap", "a=", "a=rtcp:", "a=ptime:x", event101), `RTP/AVP 0 101 `, false, nil},
		{"hold: sendonly", offer("m=audio 4000 RTP/AVP 0", "a=sendonly"), `a=recvonly`, true, nil},
		{"hold: inactive", offer("m=audio 4000 RTP/AVP 0", "a=inactive"), `a=inactive`, true, nil},
		{"hold for the session", offer("a=sendonly", "m=audio 4000 RTP/AVP 0"), `a=recvonly`, true, nil},
		{"the peer only listens", offer("m=audio 4000 RTP/AVP 0", "a=recvonly"), `a=sendonly`, false, nil},
		{"hold of old", offer("m=audio 4000 RTP/AVP 0", "c=IN IP4 0.0.0.0"), `a=recvonly`, true, nil},

		{"no codec in common", offer("m=audio 4000 RTP/AVP 18 9"), "", false, ErrNoCodec},
		{"our numbers for other codecs", offer("m=audio 4000 RTP/AVP 0", "a=rtpmap:0 opus/48000/2"), "", false, ErrNoCodec},
		{"our numbers for each other", offer("m=audio 4000 RTP/AVP 0", "a=rtpmap:0 PCMA/8000"), "", false, ErrNoCodec},
		{"only encrypted", offer("m=audio 4000 RTP/SAVP 0"), "", false, ErrNoCodec},
		{"only video", offer("m=video 4000 RTP/AVP 31"), "", false, ErrNoCodec},
		{"nothing offered", offer(), "", false, ErrNoCodec},
		{"port 0", offer("m=audio 0 RTP/AVP 0"), "", false, ErrNoCodec},
		{"the other family", offer("m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1"), "", false, ErrAddress},
		{"a name", offer("m=audio 4000 RTP/AVP 0", "c=IN IP4 phone.example.com"), "", false, ErrAddress},
		{"many at once", offer("m=audio 4000 RTP/AVP 0", "c=IN IP4 224.2.1.1/127"), "", false, ErrAddress},
		{"everybody", offer("m=audio 4000 RTP/AVP 0", "c=IN IP4 255.255.255.255"), "", false, ErrAddress},
		{"no address", lines("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "m=audio 4000 RTP/AVP 0"), "", false, ErrAddress},
		{"empty", nil, "", false, ErrSDP},
		{"not SDP", []byte("hello"), "", false, ErrSDP},
		{"a port too large", offer("m=audio 70000 RTP/AVP 0"), "", false, ErrSDP},
		{"no formats", offer("m=audio 4000 RTP/AVP"), "", false, ErrSDP},
		{"half a connection", offer("c=IN IP4", "m=audio 4000 RTP/AVP 0"), "", false, ErrSDP},
		{"control characters", offer("m=audio 4000 RTP/AVP 0", "m=x\x00y 1 z 2"), "", false, ErrSDP},
		{"too many media", offer(strings.Split(strings.Repeat("m=audio 4000 RTP/AVP 0\n", maxMedia+1), "\n")[:maxMedia+1]...), "", false, ErrSDP},
		{"too long", offer("a=" + strings.Repeat("x", maxSDP)), "", false, ErrSDP},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := still(t, Config{})
			got, err := s.Answer(tt.offer)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if tt.err != nil {
				return
			}
			checkSDP(t, got)
			_, media, _ := strings.Cut(string(got), "t=0 0\r\n")
			media = strings.ReplaceAll(media, "\r\n", " ")
			if !regexp.MustCompile(tt.want).MatchString(media) {
				t.Errorf("answer %s, want %s", media, tt.want)
			}
			if s.Held() != tt.held {
				t.Errorf("held %t", s.Held())
			}
		})
	}
}

// checkSDP has another library read what we write.
func checkSDP(t testing.TB, b []byte) {
	t.Helper()
	var d pion.SessionDescription
	if err := d.Unmarshal(b); err != nil {
		t.Errorf("our own SDP cannot be read: %v\n%s", err, b)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	public := netip.MustParseAddr("198.51.100.4")
	s := still(t, Config{Public: public})
	if _, err := s.Answer(offer("m=audio 4000 RTP/AVP 0")); !errors.Is(err, ErrAddress) {
		t.Errorf("a peer far away that says it is on our own host: %v", err)
	}
	got := string(s.Offer())
	if !strings.Contains(got, "c=IN IP4 198.51.100.4\r\n") || s.Local().Addr() != public {
		t.Errorf("the public address is not told:\n%s", got)
	}
}

func TestAddressIPv6(t *testing.T) {
	t.Parallel()
	e, err := New(Config{IP: netip.IPv6Loopback(), MinPort: 35000, MaxPort: 35999}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Open()
	if err != nil {
		t.Skip("this machine has no IPv6:", err)
	}
	defer s.Close()
	b := s.Offer()
	checkSDP(t, b)
	if !strings.Contains(string(b), "c=IN IP6 ::1\r\n") {
		t.Errorf("offer\n%s", b)
	}
	if _, err := s.Answer(lines("v=0", "c=IN IP6 ::1", "m=audio 4000 RTP/AVP 0")); err != nil {
		t.Error(err)
	}
}

func version(t *testing.T, b []byte) string {
	t.Helper()
	checkSDP(t, b)
	m := regexp.MustCompile(`(?m)^o=- (\d+ \d+) `).FindSubmatch(b)
	if m == nil {
		t.Fatalf("no origin in\n%s", b)
	}
	return string(m[1])
}

// TestReOffers walks a call through hold, resume, port 0 and refusal.
func TestReOffers(t *testing.T) {
	t.Parallel()
	s := still(t, Config{})
	answer := func(want error, held bool, more ...string) string {
		t.Helper()
		b, err := s.Answer(offer(more...))
		if !errors.Is(err, want) {
			t.Fatalf("error %v, want %v", err, want)
		}
		if s.Held() != held {
			t.Fatalf("held %t, want %t", s.Held(), held)
		}
		if want != nil {
			return ""
		}
		return version(t, b)
	}
	first := answer(nil, false, "m=audio 4000 RTP/AVP 8 101", event101)
	if again := answer(nil, false, "m=audio 4000 RTP/AVP 8 101", event101); again != first {
		t.Errorf("nothing changed, but the version went from %s to %s", first, again)
	}
	hold := answer(nil, true, "m=audio 4000 RTP/AVP 8 101", event101, "a=sendonly")
	if hold == first {
		t.Error("the version did not count up")
	}
	answer(ErrNoCodec, true, "m=audio 4000 RTP/AVP 18")
	answer(nil, true, "m=audio 0 RTP/AVP 8")
	answer(nil, false, "m=audio 4000 RTP/AVP 0 8 101", event101)
	if s.Codec() != PCMA {
		t.Errorf("codec %s: the one in use is to be kept", s.Codec())
	}
	answer(ErrNoCodec, false, "m=audio 4000 RTP/AVP 18")
	answer(nil, false, "m=audio 4002 RTP/AVP 0")
	if s.Codec() != PCMU || s.session.hasEvents || s.session.remote.Port() != 4002 {
		t.Errorf("session %+v", s.session)
	}
	answer(ErrNoCodec, false, "m=audio 0 RTP/AVP 0", "m=image 4004 udptl t38") // fax instead of sound (T.38, D.2.2)
	answer(nil, true, "m=audio 4002 RTP/AVP 0", "c=IN IP4 0.0.0.0")
	if s.session.remote.Port() != 4002 {
		t.Error("hold forgot where the peer is")
	}
	answer(nil, false, "m=audio 0 RTP/AVP 0", "m=audio 4006 RTP/AVP 0") // the sound moves to another line (RFC 3264, 8.1)
	if s.session.remote.Port() != 4006 || !strings.HasPrefix(s.session.answered(), "m=audio 0 RTP/AVP 0\r\nm=audio $port ") {
		t.Errorf("moved to %s:\n%s", s.session.remote, s.session.answered())
	}
}

func TestOffer(t *testing.T) {
	t.Parallel()
	s := still(t, Config{})
	first := s.Offer()
	if version(t, s.Offer()) != version(t, first) {
		t.Error("the same offer has another version")
	}
	for _, want := range []string{" RTP/AVP 0 8 101\r\n", "a=rtpmap:0 PCMU/8000\r\n", "a=rtpmap:8 PCMA/8000\r\n", "a=rtpmap:101 telephone-event/8000\r\n", "a=fmtp:101 0-15\r\n", "a=sendrecv\r\n"} {
		if !strings.Contains(string(first), want) {
			t.Errorf("%q is not in the offer\n%s", want, first)
		}
	}
	if err := s.Accept(offer("m=audio 4000 RTP/AVP 8 101", event101)); err != nil {
		t.Fatal(err)
	}
	if again := string(s.Offer()); !strings.Contains(again, " RTP/AVP 8 0 101\r\n") {
		t.Errorf("the codec in use is not offered first:\n%s", again)
	}
}

func TestAcceptRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer []byte
		want   error
	}{
		{"port 0", offer("m=audio 0 RTP/AVP 0"), ErrNoCodec},
		{"a codec not offered", offer("m=audio 4000 RTP/AVP 18"), ErrNoCodec},
		{"no media", offer(), ErrNoCodec},
		{"other media", offer("m=video 4000 RTP/AVP 0"), ErrNoCodec},
		{"not SDP", []byte("?"), ErrSDP},
		{"no address", lines("v=0", "m=audio 4000 RTP/AVP 0"), ErrAddress},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := still(t, Config{})
			s.Offer()
			if err := s.Accept(tt.answer); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if s.session.agreed {
				t.Error("something was agreed upon")
			}
		})
	}
}

// TestOfferAmongOthers keeps the lines of the peer's offer in ours.
func TestOfferAmongOthers(t *testing.T) {
	t.Parallel()
	s := still(t, Config{})
	if _, err := s.Answer(offer("m=video 5000 RTP/AVP 31", "m=audio 4000 RTP/AVP 8 96", "a=rtpmap:96 telephone-event/8000")); err != nil {
		t.Fatal(err)
	}
	got := string(s.Offer())
	if !regexp.MustCompile(`m=video 0 RTP/AVP 31\r\nm=audio \d+ RTP/AVP 8 0 96\r\n`).MatchString(got) {
		t.Errorf("offer\n%s", got)
	}
	if err := s.Accept(offer("m=video 0 RTP/AVP 31", "m=audio 4004 RTP/AVP 8")); err != nil {
		t.Fatal(err)
	}
	if s.session.remote.Port() != 4004 {
		t.Errorf("port %d", s.session.remote.Port())
	}
}

func FuzzSDP(f *testing.F) {
	f.Add(offer("m=audio 4000 RTP/AVP 0 8 101", event101, "a=sendonly", "a=rtcp:4009 IN IP4 127.0.0.1"))
	f.Add(offer("m=video 5000 RTP/AVP 31", "m=audio 0 RTP/AVP 8"))
	f.Add(lines("v=0", "c=IN IP6 ::1", "m=audio 4000/2 RTP/AVP 97", "a=rtpmap:97 PCMU/8000/1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e := &Engine{config: Config{IP: loopback, MinPort: 2000, MaxPort: 3000}}
		s := newStream(e, &pair{port: 2000})
		for range 2 {
			answer, err := s.Answer(b)
			if err != nil {
				return
			}
			for _, r := range string(answer) {
				if r < ' ' && r != '\r' && r != '\n' || r > '~' {
					t.Fatalf("the answer repeats %q", r)
				}
			}
			d, err := parseSDP(b)
			if err != nil {
				t.Fatal(err)
			}
			if n := fmt.Sprint(strings.Count(string(answer), "\r\nm=")); n != fmt.Sprint(len(d.media)) {
				t.Fatalf("%s media lines answer %d", n, len(d.media))
			}
			if _, err := parseSDP(s.Offer()); err != nil {
				t.Fatal(err)
			}
		}
	})
}
