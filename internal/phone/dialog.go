package phone

import (
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"
)

// dialog is what the two ends of a call remember of each other (RFC 3261, 12).
type dialog struct {
	callID    sip.CallIDHeader
	local     sip.FromHeader
	remote    sip.ToHeader
	target    sip.Uri  // the other end's Contact
	routes    []string // in the order in which we send them
	transport string
	source    string // where the other end really is, when it called us

	mu  sync.Mutex
	seq uint32
}

// called is the dialog of a call that we placed (RFC 3261, 12.1.2).
func called(invite *sip.Request, res *sip.Response) *dialog {
	d := &dialog{
		callID: *invite.CallID(), local: *invite.From(), remote: *res.To(),
		target: invite.Recipient, transport: invite.Transport(), seq: invite.CSeq().SeqNo,
	}
	if c := res.Contact(); c != nil {
		d.target = c.Address
	}
	for _, h := range res.GetHeaders("Record-Route") {
		d.routes = append([]string{h.Value()}, d.routes...)
	}
	return d
}

// answered is the dialog of a call that came in (RFC 3261, 12.1.1). The To of
// the request carries our tag already.
func answered(invite *sip.Request) *dialog {
	d := &dialog{
		callID: *invite.CallID(), local: invite.To().AsFrom(), remote: invite.From().AsTo(),
		target: invite.From().Address, transport: invite.Transport(), source: invite.Source(), seq: 1,
	}
	if c := invite.Contact(); c != nil {
		d.target = c.Address
	}
	for _, h := range invite.GetHeaders("Record-Route") {
		d.routes = append(d.routes, h.Value())
	}
	return d
}

// request builds the next request within the dialog (RFC 3261, 12.2.1.1).
func (d *dialog) request(method sip.RequestMethod) *sip.Request {
	d.mu.Lock()
	d.seq++
	seq := d.seq
	d.mu.Unlock()
	return d.numbered(method, seq)
}

// ack confirms a 200; it has the number of its INVITE (RFC 3261, 13.2.2.4).
func (d *dialog) ack(seq uint32) *sip.Request { return d.numbered(sip.ACK, seq) }

func (d *dialog) numbered(method sip.RequestMethod, seq uint32) *sip.Request {
	req := sip.NewRequest(method, *d.target.Clone())
	for _, r := range d.routes {
		req.AppendHeader(sip.NewHeader("Route", r))
	}
	req.AppendHeader(sip.HeaderClone(&d.local))
	req.AppendHeader(sip.HeaderClone(&d.remote))
	req.AppendHeader(&d.callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	req.SetTransport(d.transport)
	if d.source != "" && strings.EqualFold(d.transport, "tcp") {
		req.SetDestination(d.source) // the connection is there: who called need not be one to be called
	}
	req.SetBody(nil)
	return req
}

// key names the dialog from our side: forked answers differ in the other
// end's tag alone, and there is only one of those that we keep.
func (d *dialog) key() string {
	tag, _ := d.local.Params.Get("tag")
	return d.callID.Value() + ";" + tag
}

// keyOf is the key of the dialog that a request of the other end belongs to.
func keyOf(req *sip.Request) string {
	if req.CallID() == nil || req.To() == nil {
		return ""
	}
	tag, _ := req.To().Params.Get("tag")
	return req.CallID().Value() + ";" + tag
}
