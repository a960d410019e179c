// Package hooks tells other programs what happens, by the rules of Standard
// Webhooks.
package hooks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/holdless/holdless/callback"
)

// An Endpoint is one program that is told.
type Endpoint struct {
	URL        string            `yaml:"url"`         // https://..., where the program listens
	SecretFile string            `yaml:"secret_file"` // its lines are secrets, whsec_..., that sign; the first is the newest
	Events     []string          `yaml:"events"`      // kinds of lines of the journal: callback.done, or callback.* for all that begin so
	Headers    map[string]string `yaml:"headers"`     // and Authorization: "Bearer ${CRM_TOKEN}"
	Body       string            `yaml:"body"`        // a template, for programs with a form of their own; "" for the standard one
	Private    bool              `yaml:"private"`     // it may be in the inner network
}

// Check says what is wrong with an endpoint, by key.
func (e Endpoint) Check() map[string]string {
	wrong := map[string]string{}
	u, err := url.Parse(e.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		wrong["url"] = fmt.Sprintf("%q is no address; write https://crm.example.com/hook", e.URL)
	case u.User != nil:
		wrong["url"] = "it has a password in it; write headers: {Authorization: ...}"
	case u.Scheme == "http" && !e.Private:
		wrong["url"] = "it names people: write https://, or private: true for a program of the inner network"
	}
	if e.SecretFile == "" && len(e.Headers) == 0 {
		wrong["secret_file"] = "without it, and without headers, the program cannot tell who calls it"
	}
	if len(e.Events) == 0 {
		wrong["events"] = "none is chosen: write [callback.*]"
	}
	if _, err := e.template(); err != nil {
		wrong["body"] = err.Error()
	}
	return wrong
}

func (e Endpoint) wants(kind string) bool {
	return slices.ContainsFunc(e.Events, func(p string) bool {
		begin, all := strings.CutSuffix(p, "*")
		return kind == p || all && strings.HasPrefix(kind, begin)
	})
}

// slack keeps words from being taken for a link, or for a call to a whole channel,
// where < begins one; all that Slack wants escaped are these three.
var slack = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (e Endpoint) template() (*template.Template, error) {
	if e.Body == "" {
		return nil, nil
	}
	return template.New("body").Option("missingkey=error").Funcs(template.FuncMap{
		"json": func(v any) (string, error) {
			src, err := json.Marshal(v)
			return string(src), err
		},
		"slack": slack.Replace,
	}).Parse(e.Body)
}

// A Hook is how it stands with one endpoint.
type Hook struct {
	Name         string
	Seq          int64 // how far the journal was read
	FailingSince time.Time
	DisabledAt   time.Time
}

// A Delivery is one event on its way to one endpoint.
type Delivery struct {
	ID       string // webhook-id: the same at every try
	Hook     string
	Seq      int64 // of the line of the journal
	Kind     string
	Callback string
	Phone    callback.Phone
	Body     string
	MadeAt   time.Time
	DueAt    time.Time
	Lease    time.Time // until then somebody is sending it
	Tries    int
	DoneAt   time.Time
	Status   int    // that was answered last; 0 for none
	Err      string // why it was not taken the last time
}

// A Mark is where a page of deliveries ends; the zero one is before all.
type Mark struct {
	Seq int64
	ID  string
}

// Store keeps what must be told. What is asked for and is not there is
// [callback.ErrNotFound].
type Store interface {
	UpdateHooks(ctx context.Context, fn func(Tx) error) error
	ViewHooks(ctx context.Context, fn func(Tx) error) error
}

// Tx is one transaction.
type Tx interface {
	Hook(name string) (Hook, error) // locked, in an Update
	PutHook(Hook) error             // adds or replaces
	Delivery(id string) (Delivery, error)
	AddDelivery(Delivery) error
	PutDelivery(Delivery) error
	// DueDeliveries locks those that are due and not leased, the oldest first.
	DueDeliveries(hook string, now time.Time, max int) ([]Delivery, error)
	Deliveries(hook string, before Mark, max int) ([]Delivery, error) // newest first

	Entries(after int64, max int) ([]callback.Entry, error)
	LastEntry() (int64, error)
	Callback(id string) (callback.Callback, error)
	Talk(id string) (callback.Talk, error)
	Record(callback.Entry) error
}

// A Publisher tells all endpoints. Its fields are set once, before use.
type Publisher struct {
	Store     Store
	Endpoints map[string]Endpoint // by name
	Secrets   map[string][]string // of their files, by the name of the endpoint
	Now       func() time.Time
	Log       *slog.Logger

	patience time.Duration // with an answer; 0 for sendTime
	from     net.Dialer    // how endpoints are reached
}

// What is told of an event.
type (
	// Payload is the body of a webhook, as Standard Webhooks wishes it.
	Payload struct {
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      Data      `json:"data"`
	}
	// Data is what happened, and the callback as it stood when that was told.
	Data struct {
		Event    int64     `json:"event"`
		Queue    string    `json:"queue,omitempty"`
		Phone    string    `json:"phone,omitempty"`
		Actor    string    `json:"actor,omitempty"`
		Name     string    `json:"name,omitempty"`
		Value    string    `json:"value,omitempty"`
		Call     string    `json:"call,omitempty"`
		Line     string    `json:"line,omitempty"`    // of a call that is over, as the next three: sip, twilio, text, ...
		Menu     string    `json:"menu,omitempty"`    // that it was held with
		Agent    string    `json:"agent,omitempty"`   // with whom the person spoke
		Seconds  int       `json:"seconds,omitempty"` // that it took
		Callback *Callback `json:"callback,omitempty"`
	}
	// Callback is the promise that an event is about.
	Callback struct {
		ID       string    `json:"id"`
		Queue    string    `json:"queue"`
		Phone    string    `json:"phone"`
		Name     string    `json:"name"`
		Topic    string    `json:"topic"`
		Language string    `json:"language"`
		Note     string    `json:"note"`
		Owner    string    `json:"owner"`
		Agent    string    `json:"agent"`
		State    string    `json:"state"`
		At       time.Time `json:"at"`
		Attempts int       `json:"attempts"`
	}
)

// payload gathers what is told of a line of the journal.
func payload(tx Tx, e callback.Entry) (Payload, error) {
	p := Payload{Type: e.Kind, Timestamp: e.At.UTC(), Data: Data{
		Event: e.Seq, Queue: e.Queue, Phone: string(e.Phone), Actor: e.Actor, Name: e.Name, Value: e.Value, Call: e.Talk,
	}}
	if err := p.Data.called(tx, e); err != nil || e.Callback == "" {
		return p, err
	}
	c, err := tx.Callback(e.Callback)
	if errors.Is(err, callback.ErrNotFound) {
		return p, nil
	}
	p.Data.Callback = &Callback{
		ID: c.ID, Queue: c.Queue, Phone: string(c.Phone), Name: c.Name, Topic: c.Topic, Language: c.Lang, Note: c.Note,
		Owner: c.Owner, Agent: c.Agent, State: string(c.State), At: c.At.UTC(), Attempts: c.Attempts,
	}
	return p, err
}

// called tells of a call that is over; one that is held is not asked about, for
// it would wait for us.
func (d *Data) called(tx Tx, e callback.Entry) error {
	if e.Kind != "talk.ended" && e.Kind != "talk.gone" {
		return nil
	}
	t, err := tx.Talk(e.Talk)
	if errors.Is(err, callback.ErrNotFound) {
		return nil
	}
	d.Line, d.Menu, d.Agent, d.Seconds = t.Line, t.Menu, t.Agent, int(t.EndedAt.Sub(t.BeganAt).Seconds())
	return err
}

// body writes what an endpoint is sent.
func (e Endpoint) body(p Payload) (string, error) {
	t, err := e.template()
	if err != nil || t == nil {
		src, err2 := json.Marshal(p)
		return string(src), errors.Join(err, err2)
	}
	if p.Data.Callback == nil {
		p.Data.Callback = &Callback{} // templates name it
	}
	var out bytes.Buffer
	if err := t.Execute(&out, p); err != nil {
		return "", err // half a body is none
	}
	return out.String(), nil
}
