package phone

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Transfer asks the other end to put whom we speak with through to somebody, a
// SIP URI, without asking him first (RFC 3515). It returns once the other end
// tries; what comes of it is in News.
func (c *Call) Transfer(ctx context.Context, to string) error {
	req := c.dialog.request(sip.REFER)
	req.AppendHeader(sip.NewHeader("Refer-To", "<"+to+">"))
	req.AppendHeader(c.phone.contact(c.dialog.transport))
	res, err := c.phone.client.Do(ctx, req, addVia)
	if err != nil {
		return fmt.Errorf("transfer to %s: %w", to, err)
	}
	if !res.IsSuccess() {
		return &RefusedError{Code: res.StatusCode, Reason: res.Reason}
	}
	return nil
}

// News tells how a transfer goes: statuses of SIP, the last of them 200 or
// more.
func (c *Call) News() <-chan int { return c.news }

// onNotify takes a line of an answer (RFC 3420).
func (c *Call) onNotify(body []byte) {
	fields := strings.Fields(string(body))
	if len(fields) < 2 {
		return
	}
	if code, err := strconv.Atoi(fields[1]); err == nil {
		select {
		case c.news <- code:
		default: // nobody asked
		}
	}
}
