// Package mail sends letters to agents by SMTP.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/scheduler"
)

// patience bounds how long a server may take with a letter.
const patience = 30 * time.Second

// A Letter is what one agent gets.
type Letter struct {
	To       string // address
	Name     string
	Subject  string
	Text     string
	HTML     string // the same; "" for text alone
	Calendar string // iCalendar; "" for none
	Method   string // of the calendar (RFC 5546): REQUEST, CANCEL or PUBLISH
}

// A Sender carries out the orders of [callback.MailKind]. It is a
// [scheduler.Texter].
type Sender struct {
	config  Config
	client  *gomail.Client
	compose func(context.Context, callback.Message) (Letter, error)
	now     func() time.Time
}

// Ports are what a Sender needs of others.
type Ports struct {
	// Compose writes the letter that a message orders, as it must be by now.
	Compose func(context.Context, callback.Message) (Letter, error)
	Now     func() time.Time
	TLS     *tls.Config // nil for the authorities of the system
}

// New makes a Sender. It connects to nobody yet.
func New(c Config, p Ports) (*Sender, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	host, port := c.server()
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("mail.host: %q is no port", port)
	}
	options := []gomail.Option{gomail.WithPort(number), gomail.WithTimeout(patience)}
	switch c.TLS {
	case implicit:
		options = append(options, gomail.WithSSL())
	case inClear:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if p.TLS != nil {
		options = append(options, gomail.WithTLSConfig(p.TLS))
	}
	if c.Username != "" {
		password, err := c.password()
		if err != nil {
			return nil, err
		}
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.Username), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(host, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare mail: %w", err)
	}
	return &Sender{config: c, client: client, compose: p.Compose, now: p.Now}, nil
}

// Text implements [scheduler.Texter]: it sends the letter that m orders. A
// letter that may have left is sent again, with the same Message-ID.
func (s *Sender) Text(ctx context.Context, m callback.Message) error {
	l, err := s.compose(ctx, m)
	if err != nil {
		return fmt.Errorf("write %s to %s: %w", m.Body, m.To, err)
	}
	msg, err := s.message(l, m)
	if err != nil {
		return fmt.Errorf("%w: address %s to %s: %w", scheduler.ErrPermanent, m.Body, m.To, err)
	}
	return outcome(m, s.client.DialAndSendWithContext(ctx, msg))
}

func (s *Sender) message(l Letter, m callback.Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	from, err := netmail.ParseAddress(s.config.From)
	if err != nil {
		return nil, err
	}
	msg.FromMailAddress(from)
	if err := msg.AddToFormat(l.Name, l.To); err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	msg.SetMessageIDWithValue(m.ID + "@" + domain)
	msg.SetDateWithValue(s.now())
	msg.Subject(l.Subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody answers it by machine
	msg.SetBodyString(gomail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	}
	return msg, l.enclose(msg)
}

// enclose puts the calendar where programs look for it: an invitation is
// another form of the letter (RFC 6047, section 2), a list is a file.
func (l Letter) enclose(msg *gomail.Msg) error {
	kind := gomail.ContentType("text/calendar; method=" + l.Method)
	switch l.Method {
	case "":
		return nil
	case "PUBLISH":
		return msg.AttachReader("callbacks.ics", strings.NewReader(l.Calendar), gomail.WithFileContentType(kind))
	}
	msg.AddAlternativeString(kind, l.Calendar)
	return nil
}

// outcome says whether it helps to try again.
func outcome(m callback.Message, err error) error {
	var refused *gomail.SendError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && refused.ErrorCode() >= 500: // RFC 5321, 4.2.1: permanent
		return fmt.Errorf("%w: send %s to %s: %w", scheduler.ErrPermanent, m.Body, m.To, err)
	}
	return fmt.Errorf("send %s to %s: %w", m.Body, m.To, err)
}

// Reach goes as far as the password with the server, and sends nothing.
func (s *Sender) Reach(ctx context.Context) error {
	if err := s.client.DialWithContext(ctx); err != nil {
		return err
	}
	return s.client.Close()
}
