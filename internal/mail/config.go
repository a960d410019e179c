package mail

import (
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"os"
	"slices"
	"strings"
)

// Config says which server takes letters from us.
type Config struct {
	Host         string `yaml:"host"`          // smtp.example.com, or with :port; "" for no mail
	TLS          string `yaml:"tls"`           // starttls, tls, or none, which is for servers on this machine only
	From         string `yaml:"from"`          // holdless@example.com, or Callbacks <holdless@example.com>
	Username     string `yaml:"username"`      // when the server asks for a password
	PasswordFile string `yaml:"password_file"` // its first line is the password
}

// The ways to a server.
const (
	startTLS = "starttls" // begun in the clear on port 587, and secret before anything is said (RFC 3207)
	implicit = "tls"      // secret from the first byte, on port 465 (RFC 8314)
	inClear  = "none"     // on port 25
)

var ports = map[string]string{startTLS: "587", implicit: "465", inClear: "25"}

// Defaults is what holds where the configuration says nothing.
func Defaults() Config { return Config{TLS: startTLS} }

// Check reports every mistake at once, each with its key.
func (c Config) Check() error {
	if c.Host == "" {
		return nil
	}
	var all []error
	if ports[c.TLS] == "" {
		all = append(all, fmt.Errorf("mail.tls: %q is none of starttls, tls and none", c.TLS))
	}
	if host, _ := c.server(); c.TLS == inClear && !loopback(host) {
		all = append(all, errors.New("mail.tls: letters have names and numbers in them: use starttls or tls for any other machine than this"))
	}
	if _, err := netmail.ParseAddress(c.From); err != nil {
		all = append(all, fmt.Errorf("mail.from: %q is no address like holdless@example.com", c.From))
	}
	if _, err := c.password(); err != nil {
		all = append(all, fmt.Errorf("mail.password_file: %w", err))
	}
	return errors.Join(all...)
}

// server is the host and the port of the server.
func (c Config) server() (host, port string) {
	host, port, err := net.SplitHostPort(c.Host)
	if err != nil {
		return c.Host, ports[c.TLS]
	}
	return host, port
}

// password reads the password; "" when there is none.
func (c Config) password() (string, error) {
	switch {
	case c.Username == "" && c.PasswordFile == "":
		return "", nil
	case c.Username == "" || c.PasswordFile == "":
		return "", errors.New("a password needs mail.username and mail.password_file, both")
	}
	src, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(src), "\n")
	if line = strings.TrimSpace(line); line == "" {
		return "", fmt.Errorf("the first line of %s is empty", c.PasswordFile)
	}
	return line, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return slices.Contains([]string{"localhost", "ip6-localhost"}, host) || ip != nil && ip.IsLoopback()
}
