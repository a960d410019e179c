package twiliosim

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"syscall"
)

// Into carries requests straight to a handler, without a network: within a
// bubble of synctest, too.
func Into(h http.Handler) http.RoundTripper { return into{h} }

type into struct{ handler http.Handler }

// RoundTrip has the handler answer.
func (t into) RoundTrip(req *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	r, err := served(req)
	if err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		t.handler.ServeHTTP(w, r)
	}()
	select {
	case gone := <-done:
		if gone == nil {
			resp := w.Result()
			resp.Request = req
			return resp, nil
		}
		if gone != http.ErrAbortHandler { //nolint:errorlint // it is a value of recover
			panic(gone)
		}
		return nil, fmt.Errorf("%s %s: %w", req.Method, req.URL.Path, io.ErrUnexpectedEOF)
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// served turns what a client sends into what a server sees.
func served(req *http.Request) (*http.Request, error) {
	var body []byte
	if req.Body != nil {
		defer req.Body.Close()
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	r := req.Clone(req.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.RequestURI = req.URL.RequestURI()
	r.RemoteAddr = "192.0.2.1:1234"
	if r.Host == "" {
		r.Host = req.URL.Host
	}
	return r, nil
}

// At carries requests to a server at base, http://127.0.0.1:8080, whatever
// host they name.
func At(base string) http.RoundTripper {
	u, err := url.Parse(base)
	if err != nil {
		panic(fmt.Sprintf("twiliosim: %v", err))
	}
	return at{u}
}

type at struct{ base *url.URL }

// RoundTrip sends the request to the base.
func (t at) RoundTrip(req *http.Request) (*http.Response, error) {
	r := req.Clone(req.Context())
	if r.Host == "" {
		r.Host = req.URL.Host
	}
	r.URL.Scheme, r.URL.Host = t.base.Scheme, t.base.Host
	r.URL.Path = strings.TrimSuffix(t.base.Path, "/") + r.URL.Path
	return http.DefaultTransport.RoundTrip(r)
}

// Transport carries REST requests to the simulator, without a network. Only
// here can a connection be refused.
func (s *Sim) Transport() http.RoundTripper { return line{s} }

type line struct{ sim *Sim }

// RoundTrip has the simulator answer, unless it refuses.
func (l line) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodPost && l.sim.refuses() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	return Into(l.sim).RoundTrip(req)
}

// refuses takes the next fault if it is one of the connection.
func (s *Sim) refuses() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == 0 || !s.faults[0].Refuse {
		return false
	}
	s.faults = s.faults[1:]
	return true
}
