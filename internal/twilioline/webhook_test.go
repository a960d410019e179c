package twilioline

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/linetest"
	"github.com/holdless/holdless/internal/twilioapi"
	"github.com/holdless/holdless/ivr"
)

// A doorman notes who called, and knows nothing else.
type doorman struct {
	Desk
	in  callback.Inbound
	err error
}

func (d *doorman) Answer(_ context.Context, in callback.Inbound) (ivr.Turn, error) {
	d.in = in
	return ivr.Turn{No: 1, Lang: "en", End: true}, d.err
}

func (d *doorman) Talk(context.Context, string) (callback.Talk, error) {
	return callback.Talk{}, callback.ErrNotFound
}

func (d *doorman) Next(context.Context, string, int, ivr.Event) (ivr.Turn, error) {
	return ivr.Turn{}, d.err
}

// Who withholds the number, or shows one that carriers have found to be false,
// is not called back at it.
func TestWhoCalls(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, from, to, stir string
		want                 callback.Inbound
	}{
		{"a number", string(aino), "+358912345678", "", callback.Inbound{From: aino}},
		{"vouched for", string(aino), "+358912345678", "TN-Validation-Passed-A", callback.Inbound{From: aino}},
		{"not vouched for", string(aino), "+358912345678", "No-TN-Validation", callback.Inbound{From: aino}},
		{"found false", string(aino), "+358912345678", "TN-Validation-Failed-A", callback.Inbound{From: aino, Withheld: true}},
		{"no number", "", "+358912345678", "", callback.Inbound{Withheld: true}},
		{"anonymous", "anonymous", "+358912345678", "", callback.Inbound{Withheld: true}},
		{"ANONYMOUS on a keypad", "+266696687", "+358912345678", "", callback.Inbound{Withheld: true}},
		{"RESTRICTED on a keypad", "+7378742833", "+358912345678", "", callback.Inbound{Withheld: true}},
		{"a browser", "client:anna", "+358912345678", "", callback.Inbound{Withheld: true}},
		{"a short number", "+35", "+358912345678", "", callback.Inbound{Withheld: true}},
		{"by SIP", string(aino), "sip:+358912345678@acme.sip.twilio.com", "", callback.Inbound{From: aino}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := &doorman{}
			l := newLine(t, testConfig(), Ports{Desk: d})
			form := url.Values{"CallSid": {"CA1"}, "From": {tt.from}, "To": {tt.to}, "CallStatus": {"ringing"}}
			if tt.stir != "" {
				form.Set("StirVerstat", tt.stir)
			}
			if got := genuine(root+"/voice", form).send(l); got.Code != http.StatusOK {
				t.Fatalf("answered %d", got.Code)
			}
			tt.want.Talk, tt.want.Line, tt.want.To = l.inboundTalk("CA1"), name, linetest.Number
			if d.in != tt.want {
				t.Errorf("\n got %+v\nwant %+v", d.in, tt.want)
			}
			if strings.Contains(d.in.Talk, "CA1") || len(d.in.Talk) != 26 {
				t.Errorf("talk %q can be guessed", d.in.Talk)
			}
		})
	}
}

func TestWebhookFails(t *testing.T) {
	t.Parallel()
	down := errors.New("store is down")
	form := url.Values{"CallSid": {"CA1"}, "From": {string(aino)}, "To": {string(linetest.Number)}, "CallStatus": {"in-progress"}}
	over := url.Values{"CallSid": {"CA1"}, "CallStatus": {"completed"}}
	for _, tt := range []struct {
		name, path string
		form       url.Values
		err        error
		code       int
		says       string
	}{
		{"a number of nobody", "/voice", form, callback.ErrNotFound, http.StatusOK, "<Reject/>"},
		{"the store is down", "/voice", form, down, http.StatusInternalServerError, ""},
		{"the store is down in mid-talk", "/talk/T/1/keys", form, down, http.StatusInternalServerError, ""},
		{"a talk that is none", "/talk/T/1/dial", form, nil, http.StatusNotFound, ""},
		{"a turn that is none", "/talk/T/one/keys", form, nil, http.StatusNotFound, ""},
		{"something else", "/talk/T/1/else", form, nil, http.StatusNotFound, ""},
		{"a path that is none", "/talk/T", form, nil, http.StatusNotFound, ""},
		{"the end of a call that is none", "/status", over, nil, http.StatusNotFound, ""},
		{"progress of a call that is none", "/status", form, nil, http.StatusNoContent, ""},
		{"an address that failed", "/fallback", form, nil, http.StatusOK, "<Hangup/>"},
		{"an address that failed a caller", "/fallback", url.Values{"Direction": {"inbound"}}, nil, http.StatusOK, "<Number>+358401234567</Number>"},
		{"an address that failed a text", "/fallback", url.Values{"MessageSid": {"SM1"}}, nil, http.StatusOK, "<Response/>"},
		{"who answered a call that is none", "/detect/T", url.Values{"AnsweredBy": {"machine_end_beep"}}, nil, http.StatusNotFound, ""},
		{"that nobody knows who answered", "/detect/T", url.Values{}, nil, http.StatusNoContent, ""},
		{"waiting", "/wait", form, nil, http.StatusOK, `<Play loop="0">`},
		{"the queue of a talk that is none", "/wait/T/1/0", form, nil, http.StatusNotFound, ""},
		{"the queue at no minute", "/wait/T/1/now", form, nil, http.StatusNotFound, ""},
		{"a conference", "/conference/T", url.Values{"CallSid": {"CA1"}, "StatusCallbackEvent": {"participant-join"}}, nil, http.StatusNoContent, ""},
		{"a text, where none are served", "/message", form, nil, http.StatusOK, "<Response/>"},
		{"the status of a text, where none are served", "/message/M", form, nil, http.StatusNoContent, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := testConfig()
			c.FallbackTo = aino
			l := newLine(t, c, Ports{Desk: &doorman{err: tt.err}})
			got := genuine(root+tt.path, tt.form).send(l)
			if got.Code != tt.code || !strings.Contains(got.Body.String(), tt.says) {
				t.Errorf("answered %d %s, want %d %s", got.Code, got.Body, tt.code, tt.says)
			}
			if strings.Contains(got.Body.String(), "store") {
				t.Errorf("Twilio is told %s", got.Body)
			}
		})
	}
}

// A desk that panics costs one webhook.
func TestPanic(t *testing.T) {
	t.Parallel()
	l := newLine(t, testConfig(), Ports{Desk: nil})
	form := url.Values{"CallSid": {"CA1"}, "From": {string(aino)}, "To": {string(linetest.Number)}}
	if got := genuine(root+"/voice", form).send(l); got.Code != http.StatusInternalServerError {
		t.Errorf("answered %d", got.Code)
	}
	if got := genuine(root+"/fallback", form).send(l); got.Code != http.StatusOK {
		t.Errorf("then answered %d", got.Code)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, want := range []side{{talk: "T"}, {talk: "T", near: "N", at: 12}, {talk: "T", near: "N", at: 12, call: "CA1"}} {
		if got, ok := sideOf(want.token()); !ok || got != want {
			t.Errorf("%q is %+v, %v", want.token(), got, ok)
		}
	}
	for _, bad := range []string{"", "a/b", "a/b/c", "a/b/c/d", "a/1/b/c/d"} {
		if got, ok := sideOf(bad); ok {
			t.Errorf("%q is %+v", bad, got)
		}
	}
}

func TestOutcomeOfStatus(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status twilioapi.Status
		sip    string
		want   ivr.Outcome
	}{
		{twilioapi.Busy, "", ivr.Busy},
		{twilioapi.Busy, "486", ivr.Busy},
		{twilioapi.NoAnswer, "", ivr.Unanswered},
		{twilioapi.NoAnswer, "480", ivr.Unanswered},
		{twilioapi.Canceled, "", ivr.Unsent},
		{twilioapi.Failed, "", ivr.Carrier},
		{twilioapi.Failed, "404", ivr.BadNumber},
		{twilioapi.Failed, "484", ivr.BadNumber},
		{twilioapi.Failed, "503", ivr.Carrier},
		{twilioapi.Failed, "603", ivr.Rejected},
		{twilioapi.Failed, "608", ivr.Rejected},
		{twilioapi.Failed, "nonsense", ivr.Carrier},
	} {
		if got := outcome(tt.status, tt.sip); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.status, tt.sip, got, tt.want)
		}
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want ivr.Outcome
	}{
		{&twilioapi.Error{Class: twilioapi.Rejected, Code: 21211}, ivr.BadNumber},
		{&twilioapi.Error{Class: twilioapi.Rejected, Code: 20003}, ivr.Carrier},
		{&twilioapi.Error{Class: twilioapi.Retryable, Err: twilioapi.ErrLate}, ivr.Unsent},
	} {
		if got := refusal(tt.err); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.err, got, tt.want)
		}
	}
}
