package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
)

// A ProblemError says why something was not done (RFC 9457).
type ProblemError struct {
	Type     string              `json:"type" doc:"What went wrong, for programs: /problems/..."`
	Title    string              `json:"title"`
	Status   int                 `json:"status"`
	Detail   string              `json:"detail,omitempty"`
	Reason   string              `json:"reason,omitempty" doc:"Why a number may not be called, in one word"`
	Callback *Callback           `json:"callback,omitempty" doc:"The callback that is in the way"`
	Errors   []*huma.ErrorDetail `json:"errors,omitempty" doc:"What is not understood, and where"`
	Free     []time.Time         `json:"free,omitempty" doc:"Times that can be promised instead"`
}

// Error implements error.
func (p *ProblemError) Error() string { return p.Title + ": " + p.Detail }

// GetStatus implements [huma.StatusError].
func (p *ProblemError) GetStatus() int { return p.Status }

// ContentType implements [huma.ContentTypeFilter].
func (p *ProblemError) ContentType(string) string { return problemType }

// GetHeaders implements [huma.HeadersError].
func (p *ProblemError) GetHeaders() http.Header {
	if p.Status != http.StatusServiceUnavailable {
		return nil
	}
	return http.Header{"Retry-After": {awhile}}
}

// awhile is when to come again, in seconds, when the service cannot answer just
// now: it waits for its database no longer than that (RFC 9110, 10.2.3).
const awhile = "5"

const problemType = "application/problem+json"

// titles say what each problem means. They stand in the documentation.
var titles = map[string]string{
	"slot-taken":         "No place is left at that time",
	"already-booked":     "The number has an open callback in that queue",
	"number-refused":     "The number may not be called",
	"in-progress":        "The callback is at a point at which that cannot be done",
	"no-call":            "The agent has no call with which that can be done",
	"by-telephone":       "That call is put through by the agent's telephone",
	"unclear":            "Nobody knows whether it was done: look before you ask again",
	"nobody-free":        "Nobody in that queue is free",
	"not-a-place":        "Nobody may be put through there",
	"not-found":          "There is no such thing",
	"not-signed-in":      "The request names no key that holds",
	"not-allowed":        "The key has not the scope that this needs",
	"too-many-requests":  "Too many requests: wait as long as Retry-After says",
	"key-reused":         "The Idempotency-Key was used for another request",
	"method-not-allowed": "That cannot be done here",
	"invalid":            "The request is not understood",
	"not-json":           "The body is not said to be JSON",
	"too-large":          "The body is larger than any that is meant",
	"too-slow":           "The request did not arrive in time",
	"unavailable":        "The service cannot answer just now: try again, after as long as Retry-After says",
}

func problem(status int, name, detail string) *ProblemError {
	return &ProblemError{Type: "/problems/" + name, Title: titles[name], Status: status, Detail: detail}
}

// found says what is wrong with a request that the framework refuses, by the
// status that it has for it, and what to do.
func found(e *huma.ErrorModel) *ProblemError {
	switch {
	case e.Status == http.StatusRequestEntityTooLarge:
		return problem(e.Status, "too-large", largest)
	case e.Status == http.StatusRequestTimeout:
		return problem(e.Status, "too-slow", "")
	case e.Status == http.StatusUnsupportedMediaType:
		return problem(e.Status, "not-json", "Send JSON, and Content-Type: application/json.")
	case e.Status >= http.StatusInternalServerError:
		return problem(e.Status, "unavailable", "")
	case e.Status == http.StatusBadRequest && len(e.Errors) == 0:
		return problem(e.Status, "invalid", "It needs a body: send JSON, and Content-Type: application/json.")
	case e.Status == http.StatusBadRequest:
		return problem(e.Status, "invalid", "The body is no JSON, or has more behind it: errors says what is wrong.")
	}
	return problem(e.Status, "invalid", "errors says what is wrong, and where; what is asked for stands in "+Prefix+"/docs.")
}

// largest says how large a body may be.
var largest = fmt.Sprintf("A body has %d KiB at the most.", bodySize>>10)

// named gives the problems that the framework finds the form of all others. What
// was sent is not sent back, but for a word that is wrong.
func named(_ huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := found(e)
	for _, wrong := range e.Errors {
		told := *wrong
		switch value := told.Value.(type) {
		case string:
			if len(value) > 64 {
				told.Value = nil
			}
		case []any, map[string]any, map[any]any:
			told.Value = nil
		}
		p.Errors = append(p.Errors, &told)
	}
	return p, nil
}

// explain turns an error of the desk into an answer. What it does not know is
// logged, and not told.
func (s *Server) explain(err error) error {
	refused, isRefusal := errors.AsType[*number.RefusalError](err)
	switch {
	case err == nil:
		return nil
	case isRefusal:
		p := problem(http.StatusUnprocessableEntity, "number-refused", refused.Error())
		p.Reason = refused.Reason
		return p
	case errors.Is(err, callback.ErrTaken):
		return problem(http.StatusConflict, "slot-taken", "Ask /slots for the times that are free.")
	case errors.Is(err, callback.ErrBooked):
		return problem(http.StatusConflict, "already-booked", "Move that one, or cancel it first.")
	case errors.Is(err, callback.ErrMoved):
		return problem(http.StatusConflict, "in-progress", "It is at an end, or somebody is being called.")
	case errors.Is(err, callback.ErrNotFound):
		return problem(http.StatusNotFound, "not-found", "")
	}
	s.Log.Error("request not answered", "err", err)
	return problem(http.StatusServiceUnavailable, "unavailable", "")
}

func write(w http.ResponseWriter, p *ProblemError) {
	w.Header().Set("Content-Type", problemType)
	for name := range p.GetHeaders() {
		w.Header().Set(name, p.GetHeaders().Get(name))
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may have gone
}
