package sms

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/holdless/holdless/callback"
)

// Config says by which driver texts leave, and how.
type Config struct {
	Driver    string         `yaml:"driver"`     // log, twilio, kannel or http
	From      callback.Phone `yaml:"from"`       // the number that texts come from and are answered to
	PerSecond float64        `yaml:"per_second"` // texts that leave in a second, to all numbers together and from all processes
	Fold      []string       `yaml:"fold"`       // languages written without accents, to fit the cheaper alphabet
	Webhooks  string         `yaml:"webhooks"`   // how the carrier's software reaches us; "" for http.listen
	Kannel    KannelConfig   `yaml:"kannel"`
	HTTP      HTTPConfig     `yaml:"http"`
}

// KannelConfig is how Kannel is reached.
type KannelConfig struct {
	URL          string `yaml:"url"`           // its sendsms
	Username     string `yaml:"username"`      // of the group sendsms-user
	PasswordFile string `yaml:"password_file"` // its first line is the password
	SMSC         string `yaml:"smsc"`          // the connection to use; "" for the one Kannel chooses
	SecretFile   string `yaml:"secret_file"`   // its first line must be in the URL of every webhook
}

// HTTPConfig is how any other service is reached.
type HTTPConfig struct {
	URL       string            `yaml:"url"`        // https; its query may have {{query .To}} and the like
	Method    string            `yaml:"method"`     // POST or GET
	Headers   map[string]string `yaml:"headers"`    // may have {{.Token}}
	TokenFile string            `yaml:"token_file"` // its first line is {{.Token}}
	Body      string            `yaml:"body"`       // has {{json .To}}, {{json .Body}} and the like
	Success   string            `yaml:"success"`    // a regular expression that a good answer matches; "" for any 2xx
	ID        string            `yaml:"id"`         // where the answer has the carrier's name of the text: messages.0.id
	Inbound   InboundConfig     `yaml:"inbound"`
}

// InboundConfig is how such a service tells us of replies and receipts. Each
// name is one of a query, a form, or a path in JSON; @body is the whole body.
type InboundConfig struct {
	SecretFile string   `yaml:"secret_file"` // bearer token, or secret= in the URL
	HMACFile   string   `yaml:"hmac_file"`   // key of an HMAC-SHA256 over the body
	HMACHeader string   `yaml:"hmac_header"` // the header that has it
	From       string   `yaml:"from"`
	To         string   `yaml:"to"`
	Text       string   `yaml:"text"`
	ID         string   `yaml:"id"`
	Ref        string   `yaml:"ref"` // of a receipt: the carrier's name of the text
	Token      string   `yaml:"token"`
	Status     string   `yaml:"status"`
	Reason     string   `yaml:"reason"`
	Delivered  []string `yaml:"delivered"` // values of status
	Failed     []string `yaml:"failed"`
}

// Defaults is the configuration that holds when nothing else is said.
func Defaults() Config {
	return Config{
		Driver: "log", PerSecond: 10, Fold: []string{},
		Kannel: KannelConfig{URL: "http://127.0.0.1:13013/cgi-bin/sendsms"},
		HTTP: HTTPConfig{
			Method: "POST", Headers: map[string]string{"Content-Type": "application/json"},
			Inbound: InboundConfig{
				HMACHeader: "X-Signature",
				From:       "from", To: "to", Text: "text", ID: "id", Ref: "id", Status: "status", Reason: "reason",
				Delivered: []string{"delivered"}, Failed: []string{"failed", "undelivered"},
			},
		},
	}
}

var drivers = []string{"log", "twilio", "kannel", "http"}

// Check says what is wrong with a configuration, and where: the key first.
func (c Config) Check() map[string]string {
	wrong := mistakes{}
	if !slices.Contains(drivers, c.Driver) {
		wrong.add("driver", "there is no driver %q; the drivers are: %s", c.Driver, strings.Join(drivers, ", "))
	}
	if c.PerSecond <= 0 {
		wrong.add("per_second", "must be more than 0")
	}
	for _, lang := range c.Fold {
		if !slices.Contains(Foldable(), lang) {
			wrong.add("fold", "%q cannot be written without accents; these can: %s", lang, strings.Join(Foldable(), ", "))
		}
	}
	if c.Webhooks != "" {
		wrong.address("webhooks", c.Webhooks)
	}
	switch c.Driver {
	case "kannel":
		c.Kannel.check(wrong)
	case "http":
		c.HTTP.check(wrong)
	}
	if c.Driver != "log" && c.From == "" {
		wrong.add("from", "name the number that people answer to")
	}
	return wrong
}

// mistakes are what is wrong, by key.
type mistakes map[string]string

func (m mistakes) add(key, format string, args ...any) {
	if _, ok := m[key]; !ok {
		m[key] = fmt.Sprintf(format, args...)
	}
}

// address wants a URL by which no secret leaves this machine in the clear.
func (m mistakes) address(key, text string) {
	bare, _, _ := strings.Cut(text, "?")
	u, err := url.Parse(bare)
	switch {
	case strings.Contains(bare, "{{"):
		m.add(key, "only what follows the ? may be filled in: a text must not choose where it is sent")
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		m.add(key, "%q is not a URL; write one like https://sms.example.net/send", bare)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		m.add(key, "secrets would be readable on the way: use https for any other machine than this")
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// secret wants a file with a secret in it.
func (m mistakes) secret(key, file string) {
	if file == "" {
		m.add(key, "name the file that has it: without a secret anybody could do it")
		return
	}
	if _, err := readSecret(file); err != nil {
		m.add(key, "%v", err)
	}
}

// readSecret reads the first line of a file.
func readSecret(file string) (string, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(src), "\n")
	if line = strings.TrimSpace(line); line == "" {
		return "", fmt.Errorf("the first line of %s is empty", file)
	}
	return line, nil
}

// secretOf reads a secret where there is one.
func secretOf(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	return readSecret(file)
}
