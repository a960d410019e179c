package sipline

import (
	"cmp"
	"strings"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/ivr"
)

// invite builds the INVITE (RFC 3261, 8.1.1).
func (o *outgoing) invite() *sip.Request {
	u := o.hop.uri
	if o.user != "" {
		u.User = o.user
	}
	r := sip.NewRequest(sip.INVITE, u)
	from := sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: o.callerID(), Host: bracketed(o.way.host)}, Params: sip.NewParams()}
	if o.hop.trunk != nil {
		from.Address.Host = o.hop.trunk.target.host
	}
	from.Params.Add("tag", o.from)
	maxForwards, callID := sip.MaxForwardsHeader(70), sip.CallIDHeader(o.call.Ref)
	for _, h := range []sip.Header{
		&maxForwards, &from, &sip.ToHeader{Address: sip.Uri{Scheme: "sip", User: u.User, Host: u.Host}},
		&callID, &sip.CSeqHeader{SeqNo: o.seq, MethodName: sip.INVITE}, o.way.contact(),
		sip.NewHeader("Allow", allowValue()), sip.NewHeader("Supported", supported),
		sip.NewHeader("Session-Expires", seconds(o.session)), sip.NewHeader("Content-Type", "application/sdp"),
	} {
		r.AppendHeader(h)
	}
	if o.call.Replaces != "" {
		r.AppendHeader(sip.NewHeader("Replaces", o.call.Replaces))
	}
	r.SetBody(o.stream.Offer())
	o.way.stamp(r)
	return r
}

// callerID is the number to show.
func (o *outgoing) callerID() string {
	id := o.call.CallerID
	if id == "" && o.hop.trunk != nil {
		id = cmp.Or(o.hop.trunk.conf.CallerID, o.hop.trunk.conf.Username)
	}
	if id = quoted(id); id == "" || strings.ContainsAny(id, " <>@;:") {
		return "holdless"
	}
	return id
}

// again builds the INVITE that an answer asks for, or says what it means.
func (o *outgoing) again(last *sip.Request, res *sip.Response) (*sip.Request, *failure) {
	code := res.StatusCode
	trunk := o.hop.trunk
	switch {
	case trunk != nil && asksPassword(res) && o.asked < maxAsked:
		o.asked++
		next, err := trunk.again(last, res, o.way, func() uint32 { o.seq++; return o.seq })
		if err != nil {
			return nil, elsewhere(ivr.Carrier, err)
		}
		return next, nil
	case code == 422 && minSE(res) > o.session: // RFC 4028, 7.3
		o.session = minSE(res)
	case trunk != nil && trunk.conf.Redirect && code >= 300 && code < 400 && o.follow(res):
	default:
		no := meaning(res)
		no.next = no.next && !o.rang
		return nil, no
	}
	o.seq++
	return o.invite(), nil
}

// follow takes a redirection, but never away from the trunk: the number that
// it names is checked as any other.
func (o *outgoing) follow(res *sip.Response) bool {
	to := res.Contact()
	if to == nil || o.moves >= maxRedirects {
		return false
	}
	n := string(number(&to.Address))
	if !isNumber(n) || n == o.hop.uri.User || n == o.user {
		return false
	}
	o.moves++
	o.user = n
	return true
}
