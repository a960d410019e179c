package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/holdless/holdless/internal/api/clientgen"
)

// TestGeneratedClient asks with a client that a generator made of the
// description: it understands every answer, and every problem.
func TestGeneratedClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := httptest.NewServer(w.all)
	defer srv.Close()
	key := w.key()
	c, err := clientgen.NewClientWithResponses(srv.URL, clientgen.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+key)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	slots, err := c.ListSlotsWithResponse(ctx, &clientgen.ListSlotsParams{Queue: "billing"})
	if err != nil || slots.JSON200 == nil || len(*slots.JSON200.Slots) < 2 {
		t.Fatalf("got %+v, %v", slots, err)
	}
	at, once := (*slots.JSON200.Slots)[0], "once"
	ask := clientgen.BookCallbackJSONRequestBody{Queue: "billing", Phone: phone, At: &at}
	booked, err := c.BookCallbackWithResponse(ctx, &clientgen.BookCallbackParams{IdempotencyKey: &once}, ask)
	if err != nil || booked.JSON201 == nil || !booked.JSON201.At.Equal(at) {
		t.Fatalf("got %s, %v", booked.Body, err)
	}
	again, err := c.BookCallbackWithResponse(ctx, &clientgen.BookCallbackParams{}, ask)
	if err != nil || again.ApplicationproblemJSON409 == nil || again.ApplicationproblemJSON409.Callback.Id != booked.JSON201.Id {
		t.Fatalf("got %s, %v", again.Body, err)
	}
	ask.Phone = "+358600123456"
	refused, err := c.BookCallbackWithResponse(ctx, &clientgen.BookCallbackParams{}, ask)
	if err != nil || refused.ApplicationproblemJSON422 == nil || refused.ApplicationproblemJSON422.Reason == nil {
		t.Fatalf("got %s, %v", refused.Body, err)
	}
	list, err := c.ListCallbacksWithResponse(ctx, &clientgen.ListCallbacksParams{State: &[]string{"done", "booked"}})
	if err != nil || list.JSON200 == nil || len(*list.JSON200.Callbacks) != 1 {
		t.Fatalf("got %s, %v", list.Body, err)
	}
	moved, err := c.MoveCallbackWithResponse(ctx, booked.JSON201.Id, nil, clientgen.MoveCallbackJSONRequestBody{At: (*slots.JSON200.Slots)[1]})
	if err != nil || moved.JSON200 == nil || moved.JSON200.At.Equal(at) {
		t.Fatalf("got %s, %v", moved.Body, err)
	}
	shown, err := c.ShowCallbackWithResponse(ctx, booked.JSON201.Id)
	if err != nil || shown.JSON200 == nil || shown.JSON200.State != "booked" {
		t.Fatalf("got %s, %v", shown.Body, err)
	}
	cancelled, err := c.CancelCallbackWithResponse(ctx, booked.JSON201.Id, nil)
	if err != nil || cancelled.JSON200 == nil || cancelled.JSON200.State != "cancelled" {
		t.Fatalf("got %s, %v", cancelled.Body, err)
	}
	set, err := c.SetAgentWithResponse(ctx, "anna", nil, clientgen.SetAgentJSONRequestBody{State: "break"})
	if err != nil || set.JSON200 == nil || set.JSON200.State != clientgen.AgentStateBreak {
		t.Fatalf("got %s, %v", set.Body, err)
	}
}
