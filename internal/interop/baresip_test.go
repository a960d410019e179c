package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// A softphone is baresip, without anybody at it.
type softphone struct {
	t      testing.TB
	dir    string
	conn   net.Conn
	events chan event
	past   int // samples that were recorded before the last key
}

// An event is what baresip says on its control port.
type event struct {
	Event bool   `json:"event"`
	Type  string `json:"type"`
	OK    bool   `json:"ok"`
	Data  string `json:"data"`
}

const baresipConfig = `poll_method epoll
sip_listen 127.0.0.1:%d
call_max_calls 4
audio_player aufile,%[2]s/played.wav
audio_source aufile,%[2]s/said.wav
audio_alert aufile,%[2]s/alert.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module sndfile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
statmode_default off
ctrl_tcp_listen 127.0.0.1:%[3]d
snd_path %[2]s
`

// openSoftphone starts baresip with a number. Over TLS it trusts the authority
// in a file.
func openSoftphone(t testing.TB, from, transport, ca string) *softphone {
	t.Helper()
	path := need(t, "baresip", "baresip-core")
	s := &softphone{t: t, dir: t.TempDir(), events: make(chan event, 64)}
	control := freePort(t)
	config := fmt.Sprintf(baresipConfig, freePort(t), s.dir, control)
	if ca != "" {
		s.write("ca.pem", []byte(ca))
		config += "sip_cafile " + s.dir + "/ca.pem\n"
	}
	s.write("config", []byte(config))
	s.write("accounts", fmt.Appendf(nil, "<sip:%s@127.0.0.1;transport=%s>;regint=0;audio_codecs=pcmu\n", from, transport))
	s.write("said.wav", wave(make([]int16, 10*60*8000)))
	cmd := exec.Command(path, "-f", s.dir)
	cmd.Dir = s.dir
	out := &lines{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may be gone
		_ = cmd.Wait()         // killed
		if t.Failed() {
			t.Logf("baresip wrote:\n%s", out.String())
		}
	})
	eventually(t, patience, "baresip takes commands", func() bool {
		var err error
		s.conn, err = net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", control))
		return err == nil
	})
	t.Cleanup(func() { s.conn.Close() })
	go s.listen()
	return s
}

func (s *softphone) write(name string, b []byte) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), b, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// listen reads netstrings of JSON: the length, a colon, the text, a comma.
func (s *softphone) listen() {
	defer close(s.events)
	r := bufio.NewReader(s.conn)
	for {
		head, err := r.ReadString(':')
		if err != nil {
			return
		}
		size, err := strconv.Atoi(strings.TrimSuffix(head, ":"))
		if err != nil || size < 0 || size > 1<<20 {
			return
		}
		b := make([]byte, size+1)
		if _, err := io.ReadFull(r, b); err != nil {
			return
		}
		var e event
		if json.Unmarshal(b[:size], &e) == nil && e.Event {
			s.events <- e
		}
	}
}

// do gives a command.
func (s *softphone) do(command, params string) {
	s.t.Helper()
	b, err := json.Marshal(map[string]string{"command": command, "params": params})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(s.conn, "%d:%s,", len(b), b); err != nil {
		s.t.Fatal(err)
	}
}

// press holds a key down for as long as a finger does.
func (s *softphone) press(key string) {
	s.t.Helper()
	s.past = len(s.recorded())
	s.do("sndcode", key)
	<-time.After(120 * time.Millisecond)
	s.do("sndcode", "\x04") // let go
}

// until waits for something that baresip tells.
func (s *softphone) until(what string) {
	s.t.Helper()
	late := time.After(patience)
	for {
		select {
		case e, ok := <-s.events:
			if !ok {
				s.t.Fatalf("baresip ended before %s", what)
			}
			if e.Type == what {
				return
			}
		case <-late:
			s.t.Fatalf("baresip never told %s", what)
		}
	}
}

// hears waits until baresip has recorded a sound, to its end, since the last
// key.
func (s *softphone) hears(what string, sound []int16) {
	s.t.Helper()
	late := time.After(patience)
	for from := s.past; ; {
		if heard := s.recorded(); len(heard) >= from+len(sound) {
			if share, last := recognise(heard[from:], sound); share >= 0.9 && last {
				return
			}
			from = max(s.past, len(heard)-len(sound)-slip) // what had not ended by now begins after that
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-late:
			s.t.Fatalf("%s is not heard", what)
		}
	}
}

// recorded is what baresip has recorded of the other side so far.
func (s *softphone) recorded() []int16 {
	s.t.Helper()
	names, _ := filepath.Glob(filepath.Join(s.dir, "*-dec.wav"))
	if len(names) != 1 {
		return nil
	}
	b, err := os.ReadFile(names[0])
	if err != nil || !bytes.Contains(b, []byte("data")) || len(b) < 100 {
		return nil
	}
	return samples(s.t, b)
}

// heard is what baresip has recorded of the other side.
func (s *softphone) heard() []int16 {
	s.t.Helper()
	var names []string
	eventually(s.t, patience, "a recording", func() bool {
		names, _ = filepath.Glob(filepath.Join(s.dir, "*-dec.wav"))
		return len(names) == 1
	})
	b, err := os.ReadFile(names[0])
	if err != nil {
		s.t.Fatal(err)
	}
	return samples(s.t, b)
}

// TestBaresip has baresip book by keys, and compares what it recorded with
// what was to be said, to the end of the last word.
func TestBaresip(t *testing.T) {
	t.Parallel()
	const from = "+358401234200"
	phone := openSoftphone(t, from, "udp", "")
	s := serve(t, `sip: {listen: [udp:SIP], trunks: {local: {host: `+openCarrier(t).addr()+`}}}
sounds: {cache: false}
survey: {consent: assumed}
callbacks: {slot: 1m, lead: 5m, permitted: "00:00-24:00"}
numbers: {"+358912345": {menu: main, queue: billing}}
agents: {anna: {name: Anna, phone: "sip:anna@127.0.0.1:9"}}
queues: {billing: {agents: [anna], hours: {mon-sun: "00:00-24:00"}}}
`)
	phone.do("dial", "sip:"+number+"@"+s.sip)
	phone.until("CALL_ESTABLISHED")
	said := speech(t)
	for _, p := range []ivr.Prompt{{Name: "welcome"}, {Name: "press_days", Key: "4"}, {Name: "press_right", Key: "1"}} {
		phone.hears(p.Name, said(p))
		phone.press("1")
	}
	phone.until("CALL_CLOSED")
	if p, err := s.show(s.booked(from)); err != nil || p.State != "booked" {
		t.Errorf("the callback is %s, want booked: %v", p.State, err)
	}
	heard := phone.heard()
	for _, name := range []string{"welcome", "goodbye"} {
		if share, last := recognise(heard, said(ivr.Prompt{Name: name})); share < 0.9 || !last {
			t.Errorf("%.0f%% of %q was heard, its end: %v", 100*share, name, last)
		} else {
			t.Logf("%.0f%% of %q was heard", 100*share, name)
		}
	}
	for _, name := range []string{"nobody_free", "no_times", "sorry"} {
		if share, _ := recognise(heard, said(ivr.Prompt{Name: name})); share > 0.4 {
			t.Errorf("%.0f%% of %q was heard, which was never said", 100*share, name)
		}
	}
}

// speech returns a voice like that of the service.
func speech(t testing.TB) func(ivr.Prompt) []int16 {
	t.Helper()
	v, err := sounds.New(sounds.Config{Languages: []string{"en"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return func(p ivr.Prompt) []int16 {
		var all []int16
		for _, clip := range v.Say("en", p) {
			for _, b := range clip.PCMU {
				all = append(all, media.PCMU.Decode(b))
			}
		}
		if len(all) < 8000/4 {
			t.Fatalf("%q is said by %d samples", p.Name, len(all))
		}
		return all
	}
}
