package interop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
)

// certificate writes a certificate for loopback and its key, and returns the
// authority that has signed it.
func certificate(t testing.TB) (cert, key, ca string) {
	t.Helper()
	mine, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority of a test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "127.0.0.1"},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	ca = signed(t, authority, authority, mine)
	private, err := x509.MarshalPKCS8PrivateKey(mine)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, text := range map[string]string{
		cert: signed(t, leaf, authority, mine), key: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, ca
}

func signed(t testing.TB, what, by *x509.Certificate, with *ecdsa.PrivateKey) string {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, what, by, &with.PublicKey, with)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// TestBaresipOverTLS has baresip call over TLS, hear the prompt whole, and be
// hung up on over the connection that it came by.
func TestBaresipOverTLS(t *testing.T) {
	t.Parallel()
	const from = "+358401234201"
	cert, key, ca := certificate(t)
	phone := openSoftphone(t, from, "tls", ca)
	port := freePort(t)
	s := serve(t, fmt.Sprintf(`sip:
  listen: [udp:SIP, "tls:127.0.0.1:%d"]
  tls: {cert: %s, key: %s}
  trunks: {local: {host: %s, allow: [127.0.0.1]}}
sounds: {cache: false}
callbacks: {slot: 1m, lead: 5m, permitted: "00:00-24:00"}
numbers: {"+358912345": {menu: %s, queue: billing}}
agents: {anna: {name: Anna, phone: "sip:anna@127.0.0.1:9"}}
queues: {billing: {agents: [anna], hours: {mon-sun: "00:00-24:00"}}}
`, port, cert, key, openCarrier(t).addr(), menu(t, "short.yaml", shortMenu)))
	phone.do("dial", fmt.Sprintf("sip:%s@127.0.0.1:%d;transport=tls", number, port))
	phone.until("CALL_ESTABLISHED")
	phone.until("CALL_CLOSED")
	if share, last := recognise(phone.heard(), speech(t)(ivr.Prompt{Name: "goodbye"})); share < 0.9 || !last {
		t.Errorf("%.0f%% of the goodbye was heard, its end: %v", 100*share, last)
	}
	eventually(t, patience, "no call is up", func() bool { return s.live() == "0" })
	if log := s.log.String(); strings.Contains(log, "level=ERROR") || !strings.Contains(log, "node=bye") {
		t.Errorf("the service wrote:\n%s", log)
	}
}

// shortMenu says goodbye at once.
const shortMenu = `languages: [en]
start: bye
stuck: person
nodes:
  bye: {do: end, say: goodbye}
  person: {do: connect, say: connecting, to: agents, then: bye, busy: bye}
`
