package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/accounts"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := w.key()
	c := says[Callback](t, w.ask(key, "POST", "/api/v1/callbacks", books), 201)
	refuses(t, w.ask(w.key(accounts.ReadAgents), "GET", "/api/v1/events", ""), 403, "not-allowed")
	srv := httptest.NewUnstartedServer(w.all)
	srv.Config.ReadTimeout = 5 * time.Second // as a server has that strangers can reach
	srv.Start()
	defer srv.Close()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Last-Event-ID", "0")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var got string
	until := func(want string) {
		for buf := make([]byte, 4096); !strings.Contains(got, want); {
			n, err := res.Body.Read(buf)
			if err != nil {
				t.Fatalf("%v after %s", err, got)
			}
			got += string(buf[:n])
		}
	}
	until("event: callback.booked")
	<-time.After(srv.Config.ReadTimeout + time.Second)
	if res := w.ask(key, "POST", "/api/v1/callbacks/"+c.ID+"/cancel", "{}"); res.Code != http.StatusOK && res.Code != http.StatusNoContent {
		t.Fatalf("%d %s", res.Code, res.Body)
	}
	until("event: callback.cancelled")
	if !strings.HasPrefix(got, "id: 0\n\n") {
		t.Errorf("it does not begin with where it begins: %.40q", got)
	}
	if !strings.Contains(got, c.ID) || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("got %s", got)
	}
	if end, err := w.desk.LastEntry(t.Context()); err != nil || end < 1 {
		t.Errorf("the journal ends at %d, %v", end, err)
	}
}
