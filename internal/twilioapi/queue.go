package twilioapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// ErrNotQueued means that a call does not wait in the queue, or not any more.
var ErrNotQueued = errors.New("the call is not in the queue")

// Dequeue has a call that waits in a queue, by its name, ask url what to do now.
// However often and by whomever that is ordered, the call leaves once: who is
// not there is [ErrNotQueued].
func (c *Client) Dequeue(ctx context.Context, queue, call, url string) error {
	sid, err := c.queueSID(ctx, queue)
	if err != nil {
		return err
	}
	p := &api.UpdateMemberParams{}
	p.SetUrl(url)
	p.SetMethod(http.MethodPost)
	_, err = c.api(ctx).UpdateMember(sid, call, p)
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusNotFound {
		c.queues.Delete(queue) // or the queue is another one by now
		return fmt.Errorf("dequeue %s: %w", call, ErrNotQueued)
	}
	if err != nil {
		return fmt.Errorf("dequeue %s: %w", call, known(err, Unknown))
	}
	return nil
}

// queueSID finds a queue by its name. There are few of them, which are kept.
func (c *Client) queueSID(ctx context.Context, name string) (string, error) {
	if sid, ok := c.queues.Load(name); ok {
		return sid.(string), nil
	}
	p := &api.ListQueueParams{}
	p.SetLimit(1000)
	p.SetPageSize(100)
	all, err := c.api(ctx).ListQueue(p)
	if err != nil {
		return "", fmt.Errorf("list queues: %w", known(err, Retryable))
	}
	for i := range all {
		if text(all[i].FriendlyName) == name {
			c.queues.Store(name, text(all[i].Sid))
			return text(all[i].Sid), nil
		}
	}
	return "", fmt.Errorf("queue %s: %w", name, ErrNotQueued)
}
