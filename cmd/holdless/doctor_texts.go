package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// texts looks at the driver, and whether there is somebody to take texts.
func (d *doctor) texts(ctx context.Context) []symptom {
	c := d.config.SMS
	address := map[string]string{"kannel": c.Kannel.URL, "http": c.HTTP.URL}[c.Driver]
	switch {
	case c.Driver == "log":
		return []symptom{{poor, "texts: the driver log sends nothing to anybody", "confirmations and surveys only go to the log; see docs/texts.md"}}
	case address == "":
		return []symptom{{good, "texts: driver " + c.Driver, ""}}
	}
	host, err := hostOf(address)
	if err == nil {
		err = reach(ctx, host)
	}
	if err != nil {
		return []symptom{{
			ill, fmt.Sprintf("texts: nobody at %s takes them: %v", host, err),
			fmt.Sprintf("start that service, or correct sms.%s.url", c.Driver),
		}}
	}
	return []symptom{{good, fmt.Sprintf("texts: driver %s, and somebody is at %s", c.Driver, host), ""}}
}

// hostOf is where an address with holes for a text leads to.
func hostOf(address string) (string, error) {
	address, _, _ = strings.Cut(address, "?") // there may be templates behind it
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("%q is no address", address)
	}
	if u.Port() != "" {
		return u.Host, nil
	}
	port := "80"
	if u.Scheme == "https" {
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}

func reach(ctx context.Context, host string) error {
	ctx, stop := context.WithTimeout(ctx, askTime)
	defer stop()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	return conn.Close()
}
