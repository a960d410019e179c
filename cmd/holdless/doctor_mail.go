package main

import (
	"context"
	"fmt"

	"github.com/holdless/holdless/internal/mail"
)

// mail looks whether the server of letters knows us.
func (d *doctor) mail(ctx context.Context) []symptom {
	host := d.config.Mail.Host
	if host == "" {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, askTime)
	defer stop()
	sender, err := mail.New(d.config.Mail, mail.Ports{})
	if err == nil {
		err = sender.Reach(ctx)
	}
	if err != nil {
		return []symptom{{ill, fmt.Sprintf("mail: %s does not take letters from us: %v", host, err), "correct mail in the configuration: host, tls, username, password_file"}}
	}
	return []symptom{{good, "mail: " + host + " takes letters from us", ""}}
}
