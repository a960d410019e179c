package phone

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"github.com/emiago/sipgo/sip"
)

// quietFor is how long nothing may come back before somebody looks whether
// anything is there at all. A server that lives says so in 200 ms (RFC 3261,
// 17.2.1).
const quietFor = time.Second

// knock finds out whether a machine has nothing at a UDP port: it then says so
// by ICMP, which a socket that also takes calls is not told, and the
// transaction would wait half a minute for. Nothing comes of the channel when
// something is there, or the machine is silent. It ends with ctx.
func (p *Phone) knock(ctx context.Context, invite *sip.Request) <-chan error {
	found := make(chan error, 1)
	p.run.Go(func() {
		addr := reached(invite)
		var d net.Dialer
		conn, err := d.DialContext(ctx, "udp", addr)
		if err != nil {
			return
		}
		defer conn.Close() //nolint:errcheck // nothing is lost with it
		defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
		// RFC 5626, 3.5.1: two line ends are a sign of life, and no message.
		if _, err = conn.Write([]byte("\r\n\r\n")); err == nil {
			_, err = conn.Read(make([]byte, 16))
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			found <- fmt.Errorf("nothing listens at %s", addr)
		}
	})
	return found
}

// reached is where a request is sent to.
func reached(req *sip.Request) string {
	port := req.Recipient.Port
	if port == 0 {
		port = 5060
	}
	host := req.Recipient.Host
	if n := len(host); n > 1 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}
