package sms

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
)

// module finds what make test-tools has installed of npm.
func module(t *testing.T, name string) string {
	t.Helper()
	needs(t, "node")
	dir := os.Getenv("HOLDLESS_TEST_NODE")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(cache, "holdless", "node")
	}
	file := filepath.Join(dir, "node_modules", name)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("needs npm %s: make test-tools", name)
	}
	return file
}

// overSMPP is Kannel's way to an SMSC of SMPP.
func overSMPP(port int) string {
	return fmt.Sprintf(`group = smsc
smsc = smpp
smsc-id = smpp
host = 127.0.0.1
port = %d
transceiver-mode = true
smsc-username = foo
smsc-password = bar
system-type = ""
reconnect-delay = 1
source-addr-autodetect = true`, port)
}

// TestKannelOverSMPP sends a text of the GSM alphabet, one of UCS-2 and one of
// three parts to a server of SMPP that is not ours, and takes the receipts,
// which come in another order and twice, and a reply.
func TestKannelOverSMPP(t *testing.T) {
	t.Parallel()
	lib := module(t, "smpp")
	needs(t, "bearerbox", "smsbox")
	var smsc *process
	g := newGateway(t, func(port int) string {
		smsc = start(t, t.TempDir(), "node", absolute(t, "testdata/smsc.js"), lib, fmt.Sprint(port), "5")
		smsc.says(t, "listens", 1)
		return overSMPP(port)
	})
	g.text(t, "token-gsm", "We will call you today at 15:30.")
	g.text(t, "token-ucs2", "Θα σας καλέσουμε στις 15:30.")
	g.text(t, "token-long", strings.Repeat("0123456789", 32))
	smsc.says(t, "part ", 5)
	for _, want := range []string{`"coding":0,"text":"We will call you today at 15:30."`, `"coding":8,"text":"Θα σας καλέσουμε στις 15:30."`} {
		smsc.says(t, want, 1)
	}
	for _, token := range []string{"token-gsm", "token-ucs2", "token-long"} {
		g.till.until(t, "the receipt of "+token, func(d *till) bool { return d.told(token, callback.ReceiptArrived) })
	}
	g.till.until(t, "the reply", func(d *till) bool { return len(d.texts) > 0 })
	if in := g.till.bodies()["5 ★ kiitos"]; in.From != aino || in.To != service {
		t.Errorf("got %+v", g.till.bodies())
	}
}

// TestKannelKeepsReceipts proves that what a carrier tells of texts, and what
// people answer, is not lost while the desk is down.
func TestKannelKeepsReceipts(t *testing.T) {
	t.Parallel()
	lib := module(t, "smpp")
	needs(t, "bearerbox", "smsbox")
	tokens := []string{"token-1", "token-2", "token-3", "token-4", "token-5"}
	g := newGateway(t, func(port int) string {
		smsc := start(t, t.TempDir(), "node", absolute(t, "testdata/smsc.js"), lib, fmt.Sprint(port), fmt.Sprint(len(tokens)))
		smsc.says(t, "listens", 1)
		return overSMPP(port)
	})
	g.gone.set(true)
	for _, token := range tokens {
		g.text(t, token, "We will call you today at 15:30.")
	}
	g.gone.refuses(t, 2*len(tokens))
	<-downtime(t)
	g.till.until(t, "nothing", func(d *till) bool { return len(d.receipts)+len(d.texts) == 0 })
	g.gone.set(false)
	for _, token := range tokens {
		g.till.until(t, "the receipt of "+token, func(d *till) bool { return d.told(token, callback.ReceiptArrived) })
	}
	g.till.until(t, "the reply", func(d *till) bool { return len(d.texts) == 1 })
}

func absolute(t *testing.T, file string) string {
	t.Helper()
	abs, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// judge is what Twilio's calculator says of texts.
const judge = `const {SegmentedMessage} = require(process.argv[1]);
let s = '';
process.stdin.setEncoding('utf8').on('data', d => s += d).on('end', () => console.log(JSON.stringify(
  JSON.parse(s).map(x => { const m = new SegmentedMessage(x); return {n: m.segmentsCount, gsm: m.encodingName === 'GSM-7'}; }))));`

// TestSegmentsAsTwilioCounts counts 3000 random texts as Twilio's own
// calculator does.
func TestSegmentsAsTwilioCounts(t *testing.T) {
	t.Parallel()
	lib := module(t, "sms-segments-calculator")
	texts := randomTexts(3000)
	src, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "-e", judge, lib)
	cmd.Stdin = strings.NewReader(string(src))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var want []struct {
		N   int  `json:"n"`
		GSM bool `json:"gsm"`
	}
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		if n := Segments(texts[i]); n != w.N || GSM(texts[i]) != w.GSM {
			t.Errorf("%q: %d, GSM %t; want %+v", texts[i], n, GSM(texts[i]), w)
		}
	}
	if len(want) != len(texts) {
		t.Errorf("%d of %d were judged", len(want), len(texts))
	}
}

// randomTexts are of all lengths, every other one in the GSM alphabet.
func randomTexts(count int) []string {
	chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same every time
	gsm, all := []rune("abc XYZ 09 äöå€{}^[]~|\\"), []rune("abcdefghij ABC123.,!?äöåÄÖ€{}[]^~|\\ěščřžΔΩαβγăâîșțŵŷ☎👍\n")
	texts := make([]string, count)
	for i := range texts {
		letters := all
		if i%2 == 0 {
			letters = gsm
		}
		var b strings.Builder
		for range 1 + chance.IntN(400) {
			b.WriteRune(letters[chance.IntN(len(letters))])
		}
		texts[i] = b.String()
	}
	return texts
}
