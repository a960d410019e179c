package twiliosim

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// keywords are texts of one word that Twilio itself acts on: true opts out.
var keywords = map[string]bool{
	"STOP": true, "STOPALL": true, "UNSUBSCRIBE": true, "CANCEL": true, "END": true, "QUIT": true,
	"START": false, "YES": false, "UNSTOP": false,
}

func (s *Sim) createMessage(x *exchange) answer {
	f := x.form
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped[f.Get("To")] {
		return refuse(http.StatusBadRequest, 21610, "Attempt to send to unsubscribed recipient")
	}
	m := &Message{
		SID: s.newSID("SM"), From: f.Get("From"), To: f.Get("To"), Body: f.Get("Body"), Status: "accepted", Form: f, Created: s.config.Now(),
	}
	s.messages = append(s.messages, m)
	a := answer{http.StatusCreated, s.messageJSON(m)}
	s.work.Go(func() { s.deliver(m) })
	return a
}

// deliver brings a text to its end.
func (s *Sim) deliver(m *Message) {
	end := Fate{Status: "delivered"}
	if s.config.Fate != nil {
		end = s.config.Fate(*m)
	}
	if !s.wait(s.life, s.config.Queue) {
		return
	}
	c := courier{sim: s}
	for _, status := range []string{"queued", "sent", end.Status} {
		s.mu.Lock()
		if status == m.Status {
			s.mu.Unlock()
			continue
		}
		m.Status = status
		form := url.Values{
			"MessageSid": {m.SID}, "SmsSid": {m.SID}, "MessageStatus": {status}, "SmsStatus": {status},
			"To": {m.To}, "From": {m.From}, "AccountSid": {s.Account}, "ApiVersion": {"2010-04-01"},
		}
		if service := m.Form.Get("MessagingServiceSid"); service != "" {
			form.Set("MessagingServiceSid", service)
		}
		if status == end.Status && end.Code != 0 {
			m.Code = end.Code
			form.Set("ErrorCode", fmt.Sprint(end.Code))
		}
		c.send(m.Form.Get("StatusCallback"), form)
		s.mu.Unlock()
	}
}

// Text has somebody send a text to one of the account's numbers, and returns
// once the webhook was answered. The texts that it answers with are sent.
func (s *Sim) Text(ctx context.Context, from, to, body string) (Message, error) {
	s.mu.Lock()
	i := slices.IndexFunc(s.numbers, func(n *Number) bool { return n.Number == to })
	if i < 0 {
		s.mu.Unlock()
		return Message{}, fmt.Errorf("text to %s: it is no number of the account", to)
	}
	n := s.numbers[i]
	m := &Message{SID: s.newSID("SM"), From: from, To: to, Body: body, Status: "received", Created: s.config.Now()}
	s.messages = append(s.messages, m)
	if out, ok := keywords[strings.ToUpper(strings.TrimSpace(body))]; ok {
		s.stopped[from] = out
	}
	s.mu.Unlock()
	p, err := s.ask(ctx, "messaging", n.SMSURL, n.SMSFallbackURL, url.Values{
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "SmsMessageSid": {m.SID}, "AccountSid": {s.Account}, "ApiVersion": {"2010-04-01"},
		"From": {from}, "To": {to}, "Body": {body}, "NumMedia": {"0"}, "NumSegments": {segments(body)}, "SmsStatus": {"received"},
	})
	if err != nil {
		return *m, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range p.verbs {
		if v.name() == "Message" {
			m.Answer = append(m.Answer, v.words())
		}
	}
	return *m, nil
}

// Messages lists all texts, in and out, in order.
func (s *Sim) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Message, len(s.messages))
	for i, m := range s.messages {
		all[i] = *m
	}
	return all
}

func (s *Sim) listMessages(x *exchange) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []map[string]any
	for _, m := range slices.Backward(s.messages) {
		if fits(x.query, "To", m.To) && fits(x.query, "From", m.From) && since(sentAt(m), x.query.Get("DateSent>")) {
			all = append(all, s.messageJSON(m))
		}
	}
	return list(x, "messages", all)
}

// sentAt is when a text left; zero before.
func sentAt(m *Message) time.Time {
	if m.Status == "accepted" || m.Status == "queued" {
		return time.Time{}
	}
	return m.Created
}

func (s *Sim) fetchMessage(sid string) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.messages, func(m *Message) bool { return m.SID == sid })
	if i < 0 {
		return notFound
	}
	return answer{http.StatusOK, s.messageJSON(s.messages[i])}
}

// segments is what a text counts as when all its characters are of GSM 03.38.
func segments(body string) string {
	n := utf8.RuneCountInString(body)
	if n > 160 {
		return strconv.Itoa((n + 152) / 153)
	}
	return "1"
}

func (s *Sim) messageJSON(m *Message) map[string]any {
	j := map[string]any{
		"sid": m.SID, "account_sid": s.Account, "to": m.To, "from": nil, "body": m.Body, "status": m.Status, "direction": "outbound-api",
		"num_segments": segments(m.Body), "num_media": "0", "date_created": stamp(m.Created), "date_updated": stamp(m.Created),
		"date_sent": stamp(sentAt(m)), "error_code": nil, "error_message": nil, "messaging_service_sid": nil, "api_version": "2010-04-01",
		"uri": "/2010-04-01/Accounts/" + s.Account + "/Messages/" + m.SID + ".json",
	}
	if m.From != "" {
		j["from"] = m.From
	}
	if m.Form == nil {
		j["direction"] = "inbound"
	} else if service := m.Form.Get("MessagingServiceSid"); service != "" {
		j["messaging_service_sid"] = service
	}
	if m.Code != 0 {
		j["error_code"] = m.Code
	}
	return j
}
