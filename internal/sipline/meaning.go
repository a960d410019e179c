package sipline

import (
	"fmt"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/ivr"
)

// meaning says what a final answer means for the person who was called.
func meaning(res *sip.Response) *failure {
	err := fmt.Errorf("answered %d %s", res.StatusCode, cut(res.Reason))
	switch code := res.StatusCode; code {
	case 486, 600:
		return failed(ivr.Busy, err)
	case 408, 480, 487:
		return failed(ivr.Unanswered, err)
	case 403, 603, 607, 608:
		return failed(ivr.Rejected, err)
	case 404, 410, 484, 604:
		return failed(ivr.BadNumber, err)
	default:
		if code >= 500 && code < 600 || code == 401 || code == 407 {
			return elsewhere(ivr.Carrier, err)
		}
		return failed(ivr.Carrier, err)
	}
}
