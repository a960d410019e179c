package twilioapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// MaxRecording bounds a recording that is fetched: two minutes at 8 kHz and 16
// bits.
const MaxRecording = 2 << 20

// Twilio tells of a recording before it can be fetched. It is asked for again
// after a while, a few times.
const (
	recordingTries = 6
	recordingWait  = time.Second
)

// ErrNoRecording means that Twilio has no such recording, or not yet.
var ErrNoRecording = errors.New("there is no such recording")

// Recording fetches what a <Record> has taken down, as a WAV file. Only the name
// of it is believed, never an address that a webhook brings.
func (c *Client) Recording(ctx context.Context, name string) ([]byte, error) {
	if !sid(name, "RE") {
		return nil, fmt.Errorf("fetch recording %q: %w", name, ErrNoRecording)
	}
	for try := 1; ; try++ {
		wav, err := c.recording(ctx, name)
		if !errors.Is(err, ErrNoRecording) || try == recordingTries {
			return wav, err
		}
		again := time.NewTimer(recordingWait)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return nil, fmt.Errorf("fetch recording %s: %w", name, err)
		}
	}
}

func (c *Client) recording(ctx context.Context, name string) ([]byte, error) {
	ctx, stop := context.WithTimeout(ctx, c.config.Timeout)
	defer stop()
	req, err := c.aboutRecording(ctx, http.MethodGet, name+".wav")
	if err != nil {
		return nil, err
	}
	// The sound may lie elsewhere; our secret is not sent there.
	follows := &http.Client{Transport: c.http.Transport}
	resp, err := follows.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch recording %s: %w", name, &Error{Class: Retryable, Err: err})
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxRecording+1))
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return nil, fmt.Errorf("fetch recording %s: %w", name, ErrNoRecording)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("fetch recording %s: %w", name, refusal(http.MethodGet, resp, body, c.config.Now()))
	case err != nil:
		return nil, fmt.Errorf("fetch recording %s: %w", name, &Error{Class: Retryable, Err: err})
	case len(body) > MaxRecording:
		return nil, fmt.Errorf("fetch recording %s: it has more than %d bytes", name, MaxRecording)
	}
	return body, nil
}

// DropRecording removes a recording from Twilio's keeping. One that is not there
// is no error.
func (c *Client) DropRecording(ctx context.Context, name string) error {
	ctx, stop := context.WithTimeout(ctx, c.config.Timeout)
	defer stop()
	req, err := c.aboutRecording(ctx, http.MethodDelete, name+".json")
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("drop recording %s: %w", name, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent && resp.StatusCode != http.StatusNotFound {
		return fmt.Errorf("drop recording %s: %s", name, resp.Status)
	}
	return nil
}

func (c *Client) aboutRecording(ctx context.Context, method, file string) (*http.Request, error) {
	b := &bound{client: c, ctx: ctx}
	raw := "https://api.twilio.com/2010-04-01/Accounts/" + c.config.Account + "/Recordings/" + file
	return b.request(ctx, method, raw, url.Values{}, map[string]any{"Accept": "*/*"})
}
