package twilioline

import (
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/internal/linetest"
)

// examples are webhooks with all that Twilio's documents show in one of the
// kind.
var examples = map[string]string{
	"a call comes in": `AccountSid ApiVersion CallSid CallStatus CallToken Called CalledCity CalledCountry CalledState CalledZip
		Caller CallerCity CallerCountry CallerName CallerState CallerZip Direction ForwardedFrom From FromCity FromCountry
		FromState FromZip StirPassportToken StirVerstat To ToCity ToCountry ToState ToZip AddOns`,
	"a call comes in by SIP": `AccountSid ApiVersion CallSid CallStatus Direction From SipCallId SipDomain SipDomainSid
		SipHeader_X-Account SipHeader_User-to-User SipSourceIp SipUsername To`,
	"keys":         `AccountSid CallSid Digits FinishedOnKey From To msg`,
	"words":        `AccountSid CallSid Confidence Language SpeechResult`,
	"a call ended": `AccountSid CallDuration CallSid CallStatus CallbackSource Duration ParentCallSid RecordingDuration RecordingSid RecordingUrl SequenceNumber SipResponseCode StirStatus Timestamp`,
	"a dialled call ended": `AccountSid CallSid DialBridged DialCallDuration DialCallSid DialCallStatus DialSipCallId
		DialSipHeader_X-Reason DialSipResponseCode RecordingUrl`,
	"out of a queue": `AccountSid AvgQueueTime CallSid CurrentQueueSize DequeingCallSid DequeueResult DequeuedCallDuration
		DequeuedCallQueueTime DequeuedCallSid MaxQueueSize QueuePosition QueueResult QueueSid QueueTime`,
	"a conference": `AccountSid AnnounceUrl CallSid CallSidEndingConference Coaching ConferenceSid EndConferenceOnExit EventName
		FriendlyName Hold Muted ParticipantCallStatus ParticipantLabel ParticipantLabelEndingConference Reason
		ReasonAnnouncementFailed ReasonConferenceEnded ReasonParticipantLeft RecordingFileSize SequenceNumber
		StartConferenceOnEnter StatusCallbackEvent Timestamp`,
	"a recording": `AccountSid CallSid RecordingChannels RecordingErrorCode RecordingSid RecordingSource RecordingStartTime RecordingStatus RecordingTrack RecordingUrl`,
	"a machine":   `AccountSid AnsweredBy CallSid MachineDetectionDuration`,
	"a failure":   `AccountSid CallSid ErrorCode ErrorUrl From To`,
	"a text": `AccountSid ApiVersion Body From FromCity FromCountry FromState FromZip MediaContentType0 MediaContentType10 MediaUrl0
		MediaUrl10 MessageSid MessagingServiceSid NumMedia NumSegments OptOutType SmsMessageSid SmsSid SmsStatus To ToCity
		ToCountry ToState ToZip`,
	"a rich text": `AccountSid Address Body ButtonPayload ButtonText ButtonType ChannelMetadata FlowData Forwarded
		FrequentlyForwarded From InteractiveData Label Latitude Longitude MessageSid MessageType OriginalRepliedMessageSender
		OriginalRepliedMessageSid ProfileName ReferralBody ReferralCtwaClid ReferralHeadline ReferralMediaContentType
		ReferralMediaId ReferralMediaUrl ReferralNumMedia ReferralSourceId ReferralSourceType ReferralSourceUrl To WaId`,
	"what became of a text": `AccountSid ApiVersion ChannelInstallSid ChannelPrefix ChannelStatusMessage ChannelToAddress
		ErrorCode ErrorMessage EventType From MessageSid MessageStatus MessagingServiceSid RawDlrDoneDate SmsSid SmsStatus
		StructuredMessage To`,
}

// Nothing that Twilio documents is refused.
func TestDocumentedNames(t *testing.T) {
	t.Parallel()
	for kind, params := range examples {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			form := url.Values{}
			for param := range strings.FieldsSeq(params) {
				form.Set(param, "1")
			}
			l := newLine(t, testConfig(), Ports{})
			if got := genuine(root+"/fallback", form).send(l); got.Code != http.StatusOK {
				t.Errorf("answered %d; met %q", got.Code, l.unknown.list())
			}
		})
	}
}

// A parameter that Twilio has not documented reaches nobody. It is told of once.
func TestUnknownIsDropped(t *testing.T) {
	t.Parallel()
	c := testConfig()
	c.UnknownParameters = dropUnknown
	var log strings.Builder
	desk := linetest.NewDesk(t, talk(t, "default_path"))
	l := newLine(t, c, Ports{Desk: desk, Log: slog.New(slog.NewTextHandler(&log, nil))})
	form := url.Values{"CallSid": {"CA1"}, "From": {string(aino)}, "To": {string(linetest.Number)}, "CallStatus": {"ringing"}}
	var read []string
	l.mux.HandleFunc("POST "+root+"/reader", func(_ http.ResponseWriter, r *http.Request) {
		for param := range r.Form {
			read = append(read, param)
		}
	})
	form.Set("Tomorrow", "x")
	for range 3 {
		genuine(root+"/reader", form).send(l)
	}
	if slices.Contains(read, "Tomorrow") || len(read) != 3*len(form) {
		t.Errorf("read %q", read)
	}
	if got := genuine(root+"/voice", form).send(l); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "<Gather") {
		t.Errorf("the call was answered %d %s", got.Code, got.Body)
	}
	if n := strings.Count(log.String(), "parameter=Tomorrow"); n != 1 {
		t.Errorf("told %d times:\n%s", n, &log)
	}
	if got := l.Refused(); len(got) > 0 {
		t.Errorf("refused %v", got)
	}
}

// What is refused is counted by its reason, and strangers, who cannot sign, put
// no names into our memory or the log.
func TestRefusalsAreCounted(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	l := newLine(t, testConfig(), Ports{Log: slog.New(slog.NewTextHandler(&log, nil))})
	signed := genuine(root+"/fallback", url.Values{"Tomorrow": {"x"}})
	forged := signed
	forged.header = http.Header{"X-Twilio-Signature": {"AAAA"}}
	signed.send(l)
	signed.send(l)
	if n := strings.Count(log.String(), "parameter=Tomorrow"); n != 1 {
		t.Errorf("told %d times:\n%s", n, &log)
	}
	forged.body = strings.Replace(forged.body, "Tomorrow", "Yesterday", 1)
	forged.send(l)
	if got := l.Refused(); got["unknown"] != 2 || got["signature"] != 1 || len(got) != 2 {
		t.Errorf("refused %v", got)
	}
	if got := l.unknown.list(); !slices.Equal(got, []string{"Tomorrow"}) {
		t.Errorf("met %q", got)
	}
	for i := range 2 * mostUnknown {
		genuine(root+"/fallback", url.Values{"Tomorrow" + strings.Repeat("s", i%60): {"x"}, "T" + strings.Repeat("o", i%60): {"x"}}).send(l)
	}
	if n := len(l.unknown.list()); n != mostUnknown {
		t.Errorf("%d names are remembered", n)
	}
}
