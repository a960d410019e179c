package twiliosim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// answer is what a REST request is answered with.
type answer struct {
	status int
	body   any
}

func refuse(status, code int, message string) answer {
	return answer{status, map[string]any{
		"code": code, "message": message, "status": status, "more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code),
	}}
}

var notFound = refuse(http.StatusNotFound, 20404, "The requested resource was not found")

// ServeHTTP answers a REST request.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		s.problem("REST %s %s: %v", r.Method, r.URL.Path, err)
		return
	}
	f := s.fault(r.Method)
	if f == (Fault{}) && s.media(w, r) {
		return
	}
	var a answer
	if f.Status == 0 && !f.Hang && !f.Cut || f.After {
		a = s.serve(r, body)
	}
	switch {
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-s.life.Done():
		}
	case f.Cut:
		cut(w, a)
	case f.Status != 0:
		f.write(w)
	default:
		write(w, a)
	}
}

// serve carries out a request that conforms.
func (s *Sim) serve(r *http.Request, body []byte) answer {
	x, err := s.rules.request(r, body)
	if err != nil {
		s.problem("REST %s %s: %v", r.Method, r.URL.Path, err)
		if x == nil {
			return notFound
		}
		return refuse(http.StatusBadRequest, 21201, err.Error())
	}
	if !s.trusts(r) {
		return refuse(http.StatusUnauthorized, 20003, "Authenticate")
	}
	a := s.operate(x)
	s.mu.Lock()
	s.requests = append(s.requests, Request{x.op.OperationID, r.URL.Path, x.form, s.config.Now()})
	s.mu.Unlock()
	s.conforms(r, x, a)
	return a
}

// conforms holds the simulator's own answer against the contract.
func (s *Sim) conforms(r *http.Request, x *exchange, a answer) {
	body, err := json.Marshal(a.body)
	if err == nil {
		err = x.answer(r.Context(), a.status, http.Header{"Content-Type": {"application/json"}}, body)
	}
	if err != nil {
		s.problem("the simulator's own answer to %s %s: %v", r.Method, r.URL.Path, err)
	}
}

func (s *Sim) trusts(r *http.Request) bool {
	user, password, _ := r.BasicAuth()
	return user == s.Key && password == s.Secret || user == s.Account && password == s.AuthToken
}

// operate carries out what Twilio's file calls by these names.
func (s *Sim) operate(x *exchange) answer {
	if a := x.path["AccountSid"]; a != "" && a != s.Account {
		return notFound
	}
	switch x.op.OperationID {
	case "CreateCall":
		return s.createCall(x)
	case "ListCall":
		return s.listCalls(x)
	case "FetchCall":
		return s.withCall(x.path["Sid"], func(c *call) answer { return answer{http.StatusOK, c.json()} })
	case "UpdateCall":
		return s.withCall(x.path["Sid"], func(c *call) answer { return c.update(x.form) })
	case "CreateMessage":
		return s.createMessage(x)
	case "ListMessage":
		return s.listMessages(x)
	case "FetchMessage":
		return s.fetchMessage(x.path["Sid"])
	case "ListQueue":
		return s.listQueues(x)
	case "UpdateMember":
		return s.withCall(x.path["CallSid"], func(c *call) answer { return c.dequeue(x) })
	case "FetchAccount", "FetchBalance", "ListIncomingPhoneNumber", "ListCustomerProfile", "FetchPolicies":
		return s.account(x)
	}
	return s.confer(x)
}

func (s *Sim) fault(method string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(f Fault) bool { return f.Read == (method == http.MethodGet) })
	if i < 0 {
		return Fault{}
	}
	f := s.faults[i]
	s.faults = slices.Delete(s.faults, i, i+1)
	return f
}

func (f Fault) write(w http.ResponseWriter) {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", seconds(f.RetryAfter))
	}
	if f.HTML {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Status)
		say(w, fmt.Sprintf("<html><body><h1>%d</h1></body></html>", f.Status))
		return
	}
	write(w, refuse(f.Status, 20000+f.Status, http.StatusText(f.Status)))
}

// cut breaks an answer off in the middle.
func cut(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "10000")
	w.WriteHeader(max(a.status, http.StatusOK))
	say(w, `{"sid":"CA`)
	panic(http.ErrAbortHandler)
}

func write(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	if a.status == http.StatusNoContent {
		return
	}
	if body, err := json.Marshal(a.body); err == nil { // else it was found not to conform
		say(w, string(body))
	}
}

// say writes to whoever may have gone.
func say(w io.Writer, text string) { _, _ = io.WriteString(w, text) }

// list is one page of a list; all of it, up to what is asked for.
func list[T any](x *exchange, name string, all []T) answer {
	size, err := strconv.Atoi(x.query.Get("PageSize"))
	if err != nil {
		size = 50
	}
	page, _ := strconv.Atoi(x.query.Get("Page"))
	from, to := min(page*size, len(all)), min(page*size+size, len(all))
	body := map[string]any{
		name: append([]T{}, all[from:to]...), "page": page, "page_size": size, "start": from, "end": max(0, to-1),
		"uri": x.input.Request.URL.Path, "next_page_uri": nil,
	}
	if to < len(all) {
		q := x.query
		q.Set("Page", strconv.Itoa(page+1))
		q.Set("PageToken", "PA"+strconv.Itoa(to))
		body["next_page_uri"] = x.input.Request.URL.Path + "?" + q.Encode()
	}
	return answer{http.StatusOK, body}
}

// stamp writes a time as Twilio does; nothing for the zero time.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC1123Z)
}

// since tells whether t is not before what a query asks for.
func since(t time.Time, query string) bool {
	if query == "" {
		return true
	}
	from, err := time.Parse(time.RFC3339, query)
	return err == nil && !t.IsZero() && !t.Before(from)
}

// Requests lists the REST requests that were carried out, by the names that
// Twilio's file has for them.
func (s *Sim) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}
