package twiliosim

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed" // the published files
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// openapi is Twilio's OpenAPI file, trimmed by tools/twilio.
//
//go:embed testdata/openapi.json.gz
var openapi []byte

const formType = "application/x-www-form-urlencoded"

// A contract is what Twilio has published of its REST interface. It does not
// change, and is read once.
type contract struct{ router routers.Router }

var loadContract = sync.OnceValues(readContract)

func readContract() (*contract, error) {
	src, err := unzip(openapi)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(src)
	if err != nil {
		return nil, err
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, err
	}
	return &contract{router}, nil
}

func unzip(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// An exchange is a request that the contract knows, and its answer.
type exchange struct {
	op    *openapi3.Operation
	path  map[string]string
	query url.Values
	form  url.Values
	input *openapi3filter.RequestValidationInput
}

// options leave the check of passwords to us.
var options = &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true}

var errNoPath = errors.New("there is no such path")

// request holds a request against the contract. The exchange is nil when it
// is none that Twilio knows.
func (k *contract) request(r *http.Request, body []byte) (*exchange, error) {
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	route, path, err := k.router.FindRoute(r)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, errNoPath)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: path, Route: route, Options: options}
	x := &exchange{op: route.Operation, path: path, query: r.URL.Query(), form: form, input: in}
	if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
		return x, short(err)
	}
	return x, errors.Join(x.strangers(), x.addresses(), ours(x))
}

// answer holds an answer of the simulator's own against the contract. Twilio
// has not published its errors there.
func (x *exchange) answer(ctx context.Context, status int, header http.Header, body []byte) error {
	if x.op.Responses.Status(status) == nil {
		return nil
	}
	return short(openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: x.input, Status: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)),
	}))
}

func (x *exchange) properties() openapi3.Schemas {
	if x.op.RequestBody == nil {
		return nil
	}
	return x.op.RequestBody.Value.Content.Get(formType).Schema.Value.Properties
}

// strangers finds parameters that Twilio has not published: the validator
// drops them.
func (x *exchange) strangers() error {
	var all []error
	known := x.properties()
	for key := range x.form {
		if known[key] == nil {
			all = append(all, fmt.Errorf("there is no parameter %q", key))
		}
	}
	for key := range x.query {
		if x.op.Parameters.GetByInAndName("query", key) == nil {
			all = append(all, fmt.Errorf("there is no query parameter %q", key))
		}
	}
	return errors.Join(all...)
}

// addresses finds what is not an address and must be one.
func (x *exchange) addresses() error {
	var all []error
	for key, p := range x.properties() {
		if p.Value.Format != "uri" || !x.form.Has(key) {
			continue
		}
		u, err := url.Parse(x.form.Get(key))
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			all = append(all, fmt.Errorf("%s is not an absolute address", key))
		}
	}
	return errors.Join(all...)
}

// short cuts the schemas out of what the validator says.
func short(err error) error {
	if err == nil {
		return nil
	}
	first, _, _ := strings.Cut(err.Error(), "\nSchema:")
	return errors.New(first)
}
