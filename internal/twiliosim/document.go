package twiliosim

import (
	"context"
	"encoding/xml"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// verb is one element of TwiML.
type verb struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Inner   []verb     `xml:",any"`
	Text    string     `xml:",chardata"`
	Source  string     `xml:",innerxml"`
}

func (v verb) name() string { return v.XMLName.Local }

func (v verb) attr(key, otherwise string) string {
	for _, a := range v.Attrs {
		if a.Name.Local == key {
			return a.Value
		}
	}
	return otherwise
}

func (v verb) seconds(key string, otherwise int) time.Duration {
	n, err := strconv.Atoi(v.attr(key, strconv.Itoa(otherwise)))
	if err != nil {
		n = otherwise
	}
	return time.Duration(n) * time.Second
}

func (v verb) count(key string, otherwise int) int {
	return int(v.seconds(key, otherwise) / time.Second)
}

func (v verb) yes(key string, otherwise bool) bool {
	return v.attr(key, strconv.FormatBool(otherwise)) == "true"
}

// words are the text of an element and of all that is in it, as it is spoken.
func (v verb) words() string {
	var b strings.Builder
	d := xml.NewDecoder(strings.NewReader("<x>" + v.Source + "</x>"))
	for {
		t, err := d.Token()
		if err != nil {
			return strings.Join(strings.Fields(b.String()), " ")
		}
		if text, ok := t.(xml.CharData); ok {
			b.Write(text)
		}
	}
}

// page is a document and where it was found.
type page struct {
	address *url.URL
	verbs   []verb
}

// resolve reads an address in the document; "" is the document itself.
func (p page) resolve(ref string) string {
	u, err := p.address.Parse(strings.TrimSpace(ref))
	if err != nil {
		return ref
	}
	return u.String()
}

// overrides are what an address says in its fragment about how it is asked.
type overrides struct {
	retries  int
	policies string
}

func overridesOf(address string) overrides {
	o := overrides{retries: 1, policies: "ct"}
	_, fragment, _ := strings.Cut(address, "#")
	q, err := url.ParseQuery(fragment)
	if err != nil {
		return o
	}
	if n, err := strconv.Atoi(q.Get("rc")); err == nil {
		o.retries = n
	}
	if p := q.Get("rp"); p != "" {
		o.policies = p
	}
	return o
}

func (o overrides) retry(kind string) bool {
	return strings.Contains(o.policies, kind) || strings.Contains(o.policies, "all")
}

// ask posts a webhook and reads the TwiML of its answer. It asks as often as
// the address allows, and then the fallback.
func (s *Sim) ask(ctx context.Context, kind, address, fallback string, form url.Values) (page, error) {
	p, err := s.askOnce(ctx, kind, address, form)
	if err == nil || ctx.Err() != nil {
		return p, err
	}
	s.problem("%v", err)
	if fallback == "" {
		return page{}, err
	}
	form.Set("ErrorUrl", address)
	form.Set("ErrorCode", "11200")
	return s.askOnce(ctx, kind, fallback, form)
}

func (s *Sim) askOnce(ctx context.Context, kind, address string, form url.Values) (page, error) {
	o := overridesOf(address)
	var r reply
	var err error
	for try := 0; ; try++ {
		r, err = s.post(ctx, address, form)
		if err == nil && r.status == 200 || try >= o.retries {
			break
		}
		if err != nil && !o.retry("ct") && !o.retry("rt") || err == nil && (r.status < 500 || !o.retry("5xx")) {
			break
		}
	}
	if err != nil {
		return page{}, err
	}
	s.repeat(ctx, address, form, r)
	return s.read(kind, address, r)
}

// repeat asks the same again, at once or late: the answer must be the same. What
// somebody hears in a queue is of the moment: he may be called up in between.
func (s *Sim) repeat(ctx context.Context, address string, form url.Values, first reply) {
	s.mu.Lock()
	again := s.mischief()
	s.mu.Unlock()
	if again.times == 2 {
		r, err := s.post(ctx, address, form)
		if err == nil && r != first && !form.Has("QueuePosition") {
			s.problem("webhook %s: asked twice, answered %d %s and then %d %s", address, first.status, first.body, r.status, r.body)
		}
	}
	if again.late > 0 {
		late := maps.Clone(form)
		s.work.Go(func() {
			if s.wait(s.life, again.late) {
				s.tell(notice{address, late})
			}
		})
	}
}

func (s *Sim) read(kind, address string, r reply) (page, error) {
	if r.status != 200 {
		return page{}, fmt.Errorf("webhook %s was answered with %d", address, r.status)
	}
	if r.body == "" && kind == "messaging" {
		return page{}, nil
	}
	if !strings.HasPrefix(r.kind, "text/xml") && !strings.HasPrefix(r.kind, "application/xml") {
		return page{}, fmt.Errorf("webhook %s was answered with %q, not XML", address, r.kind)
	}
	for _, wrong := range s.words.check(kind, r.body) {
		s.problem("TwiML of %s: %s", address, wrong)
	}
	var root verb
	if err := xml.Unmarshal([]byte(r.body), &root); err != nil {
		return page{}, fmt.Errorf("TwiML of %s: %w", address, err)
	}
	u, err := url.Parse(address)
	if err != nil {
		return page{}, err
	}
	return page{u, root.Inner}, nil
}
