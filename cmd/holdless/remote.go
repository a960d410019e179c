package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

// remoteDesk asks the desk of a service that runs on this machine.
type remoteDesk struct{ client *http.Client }

// dialDesk returns nil when no service runs on that data.
func dialDesk(ctx context.Context, data string) *remoteDesk {
	file := socketFile(data)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "unix", file)
	}
	conn, err := dial(ctx, "", "")
	if err != nil {
		return nil
	}
	_ = conn.Close() // it was opened to see that it can be
	return &remoteDesk{&http.Client{Transport: &http.Transport{DialContext: dial}}}
}

func (d *remoteDesk) close() { d.client.CloseIdleConnections() }

// put puts one question. An error is in the words of the service.
func put[A any](ctx context.Context, d *remoteDesk, path string, q any) (A, error) {
	var a A
	body, err := json.Marshal(q)
	if err != nil {
		return a, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://holdless"+path, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	res, err := d.client.Do(req)
	if err != nil {
		return a, fmt.Errorf("ask the service: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, err := io.ReadAll(res.Body)
		return a, errors.Join(errors.New(strings.TrimSpace(string(text))), err)
	}
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		return a, fmt.Errorf("ask the service: %w", err)
	}
	return a, nil
}

func (d *remoteDesk) List(ctx context.Context, f callback.Filter) ([]callback.Callback, error) {
	return put[[]callback.Callback](ctx, d, "/list", f)
}

func (d *remoteDesk) Show(ctx context.Context, id string) (callback.Callback, []callback.Attempt, error) {
	a, err := put[showReply](ctx, d, "/show", id)
	return a.Callback, a.Attempts, err
}

func (d *remoteDesk) Texts(ctx context.Context, id string) ([]callback.Sent, error) {
	return put[[]callback.Sent](ctx, d, "/texts", id)
}

func (d *remoteDesk) Book(ctx context.Context, r callback.Request) (callback.Callback, error) {
	return put[callback.Callback](ctx, d, "/book", r)
}

func (d *remoteDesk) Move(ctx context.Context, id string, at time.Time, actor string) (callback.Callback, error) {
	return put[callback.Callback](ctx, d, "/move", moveAsk{id, at, actor})
}

func (d *remoteDesk) Cancel(ctx context.Context, id, actor string) error {
	_, err := put[struct{}](ctx, d, "/cancel", cancelAsk{id, actor})
	return err
}

func (d *remoteDesk) SetDuty(ctx context.Context, to callback.Duty) error {
	_, err := put[struct{}](ctx, d, "/agent", to)
	return err
}

func (d *remoteDesk) Team(ctx context.Context) ([]callback.Status, error) {
	return put[[]callback.Status](ctx, d, "/team", struct{}{})
}

func (d *remoteDesk) Dialing(ctx context.Context) (callback.Dialing, error) {
	return put[callback.Dialing](ctx, d, "/dialing", struct{}{})
}

func (d *remoteDesk) StopDialing(ctx context.Context, actor, why string) error {
	_, err := put[struct{}](ctx, d, "/dialing/stop", stopAsk{actor, why})
	return err
}

func (d *remoteDesk) StartDialing(ctx context.Context, actor string) error {
	_, err := put[struct{}](ctx, d, "/dialing/start", startAsk{actor})
	return err
}

func (d *remoteDesk) Backup(ctx context.Context, file string) error {
	_, err := put[struct{}](ctx, d, "/backup", backupAsk{file})
	return err
}

func (d *remoteDesk) AllowCalls(ctx context.Context, p callback.Phone, actor string) error {
	_, err := put[struct{}](ctx, d, "/allow", eraseAsk{p, actor})
	return err
}

func (d *remoteDesk) Erase(ctx context.Context, p callback.Phone, actor string) (callback.Erased, error) {
	return put[callback.Erased](ctx, d, "/erase", eraseAsk{p, actor})
}
