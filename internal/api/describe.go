package api

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holdless/holdless/internal/accounts"
)

// describeEvents has the description tell of the journal, which is a stream and
// so no operation of the framework.
func describeEvents(api *huma.OpenAPI) {
	op := &huma.Operation{
		OperationID: "hear-events", Method: http.MethodGet, Path: Prefix + "/events", Tags: []string{"events"},
		Summary:     "Hear the journal as it is written, as Server-Sent Events: id, event and data, which is an Event",
		Description: needs(accounts.ReadEvents),
		Parameters: []*huma.Param{{
			Name: "Last-Event-ID", In: "header", Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64"},
			Description: "The id of the event that was heard last, behind which it goes on; without it, what is new",
		}},
		Responses: map[string]*huma.Response{"200": {
			Description: "A stream that ends after ten minutes, or as the key is revoked: ask again",
			Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}
	for _, code := range always {
		op.Responses[strconv.Itoa(code)] = &huma.Response{Description: http.StatusText(code)}
	}
	api.Components.Schemas.Schema(reflect.TypeFor[Event](), true, "Event")
	api.AddOperation(op)
}

// eachOperation calls do with all operations that are described.
func eachOperation(api *huma.OpenAPI, do func(op *huma.Operation)) {
	for _, item := range api.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put} {
			if op != nil {
				do(op)
			}
		}
	}
}

// describeRepeats has the description say of all that changes something that it
// may be sent again, and of all that takes a body what may be wrong with that.
func describeRepeats(api *huma.OpenAPI) {
	eachOperation(api, func(op *huma.Operation) {
		if op.Method == http.MethodGet {
			return
		}
		refusals := []int{http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}
		if op.RequestBody != nil {
			refusals = append(refusals, http.StatusBadRequest, http.StatusUnsupportedMediaType)
		}
		for _, code := range refusals {
			if at := strconv.Itoa(code); op.Responses[at] == nil {
				op.Responses[at] = &huma.Response{Description: http.StatusText(code)}
			}
		}
		i := slices.IndexFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == repeatKey })
		if i < 0 {
			i = len(op.Parameters)
			most := keyMost
			op.Parameters = append(op.Parameters, &huma.Param{Name: repeatKey, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &most}})
		}
		op.Parameters[i].Description = "Chosen by who asks: the same key and request are told the same, for a day, and done once"
	})
}

// describeProblems has the description say what all problems look like.
func describeProblems(api *huma.OpenAPI) {
	schema := api.Components.Schemas.Schema(reflect.TypeFor[ProblemError](), true, "Problem")
	content := map[string]*huma.MediaType{problemType: {Schema: schema}}
	eachOperation(api, func(op *huma.Operation) {
		for code, res := range op.Responses {
			if code >= "400" {
				res.Content = content
			}
		}
	})
}

// describeHeaders has the description say what comes with answers beside their
// bodies.
func describeHeaders(api *huma.OpenAPI) {
	eachOperation(api, func(op *huma.Operation) {
		for code, res := range op.Responses {
			for _, h := range headersOf(op.Method, code) {
				if res.Headers == nil {
					res.Headers = map[string]*huma.Param{}
				}
				res.Headers[h.name] = &huma.Header{Description: h.about, Schema: &huma.Schema{Type: h.kind}}
			}
		}
	})
}

// describeOnce has the description say once what many answers share: the headers,
// and the refusals.
func describeOnce(api *huma.OpenAPI) {
	shared := api.Components
	shared.Headers, shared.Responses = map[string]*huma.Header{}, map[string]*huma.Response{}
	eachOperation(api, func(op *huma.Operation) {
		for code, res := range op.Responses {
			name := refusal(code, res)
			for of, h := range res.Headers {
				if h.Description != "" { // else it is that of one answer alone
					shared.Headers[of], res.Headers[of] = h, &huma.Header{Ref: "#/components/headers/" + of}
				}
			}
			if name != "" {
				shared.Responses[name], op.Responses[code] = res, &huma.Response{Ref: "#/components/responses/" + name}
			}
		}
	})
}

// refusal names what the refusals of a status are called that come with the same;
// "" for what is no refusal.
func refusal(code string, res *huma.Response) string {
	status, err := strconv.Atoi(code)
	if err != nil || status < http.StatusBadRequest {
		return ""
	}
	name := strings.ReplaceAll(http.StatusText(status), " ", "")
	if res.Headers[replayed.name] != nil {
		name = "Change" + name
	}
	return name
}

// A headerField is what comes with some answers.
type headerField struct{ name, kind, about string }

var (
	bounds = []headerField{
		{"RateLimit-Limit", huma.TypeInteger, "Requests that one key, or one user, may make at once"},
		{"RateLimit-Remaining", huma.TypeInteger, "How many are left of them"},
		{"RateLimit-Reset", huma.TypeInteger, "Seconds until all are there again"},
	}
	comeAgain = headerField{"Retry-After", huma.TypeInteger, "Seconds to wait before the request is sent again"}
	replayed  = headerField{"Idempotency-Replayed", huma.TypeString, "true when it was done before, and is told again"}
	who       = headerField{"WWW-Authenticate", huma.TypeString, "How to say who asks: Bearer"}
)

// headersOf are the headers of the answers of a status.
func headersOf(method, code string) []headerField {
	switch code {
	case "401": // who asks is not known, and so not counted
		return []headerField{who}
	case "429", "503":
		return append([]headerField{comeAgain}, bounds...)
	case "408", "413", "500": // nothing was done that could be told again
		return bounds
	}
	if method == http.MethodGet {
		return bounds
	}
	return append([]headerField{replayed}, bounds...)
}
