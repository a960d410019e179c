package sipline

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// password is the first line of the file; "" without one.
func (t Trunk) password() (string, error) {
	if t.PasswordFile == "" {
		return "", nil
	}
	b, err := os.ReadFile(t.PasswordFile)
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	if first = strings.TrimSpace(first); first == "" {
		return "", fmt.Errorf("the first line of %s is empty", t.PasswordFile)
	}
	return first, nil
}

func (c Config) listensTLS() bool {
	return slices.ContainsFunc(c.Listen, func(s string) bool { return strings.HasPrefix(s, "tls:") })
}

// check reports a certificate or authorities that cannot be used.
func (t TLS) check(listens bool) error {
	var errs []error
	switch _, err := t.own(); {
	case (t.Cert == "") != (t.Key == ""):
		errs = append(errs, errors.New("cert and key belong together"))
	case t.Cert == "" && listens:
		errs = append(errs, errors.New("cert and key are needed, since a tls: address is listened on"))
	case t.Cert != "" && err != nil:
		errs = append(errs, fmt.Errorf("cert: %w", err))
	}
	if _, err := t.authorities(); err != nil {
		errs = append(errs, fmt.Errorf("ca: %w", err))
	}
	return errors.Join(errs...)
}

// own is the certificate that this machine shows.
func (t TLS) own() (tls.Certificate, error) { return tls.LoadX509KeyPair(t.Cert, t.Key) }

// authorities are those that trunks are checked against; nil for those of the
// system.
func (t TLS) authorities() (*x509.CertPool, error) {
	if t.CA == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(t.CA)
	if err != nil {
		return nil, err
	}
	all := x509.NewCertPool()
	if !all.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no certificate", t.CA)
	}
	return all, nil
}
