package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/phone"
)

// The recipe for Twilio as a SIP trunk is good as it stands in the document, and
// carries calls in both directions: from every network that it allows and from
// no other, with numbers in full.
func TestElasticTrunk(t *testing.T) {
	t.Parallel()
	rung := make(chan [2]string, 1)
	edge := openEdge(t, "127.0.0.1:0", func(_ context.Context, in *phone.Incoming) {
		rung <- [2]string{in.From(), in.To()}
		_ = in.Refuse(486, "Busy Here")
	})
	r := trunkService(t, recipe{mark: "  host: acme.pstn.twilio.com", change: []string{
		"acme.pstn.twilio.com", edge.Addr(), "udp:0.0.0.0:5060", "udp:127.0.0.1:0",
		"allow: [54.171.127.192/30, 35.156.191.128/30", "allow: [127.0.0.4/30, 127.0.0.8/30",
	}})
	to := "sip:+358912345@" + r.line.Addrs()[0].String()
	for addr, allowed := range map[string]bool{"127.0.0.1:0": true, "127.0.0.6:0": true, "127.0.0.9:0": true, "127.0.0.77:0": false} {
		patient := patience
		if !allowed {
			patient = 3 * time.Second // strangers get no answer at all
		}
		ctx, stop := context.WithTimeout(t.Context(), patient)
		call, err := openEdge(t, addr, nil).Call(ctx, to, "+358401234567")
		if (err == nil) != allowed {
			t.Errorf("a call from %s: %v", addr, err)
		}
		if err == nil && call.Hangup(ctx) != nil {
			t.Errorf("a call from %s cannot be ended", addr)
		}
		stop()
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ring := callback.Ring{Talk: "none", Addr: "+358407654321", Ref: "ref-1", CallerID: "+358912345", Ring: time.Minute}
	if err := r.dialer.Dial(ctx, ring); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-rung:
		if want := [2]string{"+358912345", "+358407654321"}; got != want {
			t.Errorf("the trunk was asked to connect %v, want %v", got, want)
		}
	case <-ctx.Done():
		t.Error("the trunk was never called")
	}
	r.stop()
	r.end(t)
}

// openEdge is one of the carrier's machines.
func openEdge(t *testing.T, listen string, answer func(context.Context, *phone.Incoming)) *phone.Phone {
	t.Helper()
	p, err := phone.Open(phone.Config{Listen: listen, Answer: answer})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// A recipe is a configuration of the document, and what is changed in it so that
// the carrier is on this machine.
type recipe struct {
	mark   string // words that are in no other
	files  map[string]string
	change []string // old and new, in turn
}

// trunkService runs the configuration of the document, once it was checked.
func trunkService(t *testing.T, what recipe) *running {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "..", "docs", "twilio.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := blocks(string(src))
	i := slices.IndexFunc(all, func(b block) bool { return b.kind == "yaml" && strings.Contains(b.text, what.mark) })
	if i < 0 {
		t.Fatal("the document has no recipe for a trunk")
	}
	dir := t.TempDir()
	put := func(file, text string) string {
		file = filepath.Join(dir, file)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	conf := strings.Replace(all[i].text, "/etc/holdless/trunk-password", put("password", "secret\n"), 1)
	for name, text := range what.files {
		conf = strings.Replace(conf, "/etc/holdless/"+name, put(name, text), 1)
	}
	if code, out, errs := holdless(t, "check", "-c", put("recipe.yaml", conf+"data: "+dir+"\n")); code != 0 {
		t.Fatalf("the recipe is not good: exit %d %s%s", code, out, errs)
	}
	conf = strings.NewReplacer(append(what.change,
		"public_ip: 198.51.100.7", "", "mon-fri: \"09:00-17:00\"", "mon-sun: \"00:00-24:00\"")...).Replace(conf)
	return startWith(t, put("config.yaml", conf+"data: "+dir+"/data\nhttp: {listen: 127.0.0.1:0}\n"))
}
