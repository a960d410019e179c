package twilioline

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Twilio says that it adds parameters to its webhooks without notice. What it
// has documented is known by name; what is new is refused, or dropped, as the
// operator decides.

// documented are the names of parameters that Twilio's documents know, as of
// March 2026. The page of each group is under https://www.twilio.com/docs/.
var documented = names(
	// voice/twiml: every request about a call. "Caller" and "Called" are older
	// words for "From" and "To".
	`AccountSid ApiVersion CallSid CallStatus CallToken CallerName Direction ForwardedFrom From ParentCallSid To
	FromCity FromCountry FromState FromZip ToCity ToCountry ToState ToZip
	Caller CallerCity CallerCountry CallerState CallerZip Called CalledCity CalledCountry CalledState CalledVia CalledZip
	AddOns ApplicationSid CallReason TrunkSid ErrorCode ErrorMessage ErrorUrl`,
	// voice/trusted-calling-with-shakenstir
	`StirPassportToken StirStatus StirVerstat`,
	// voice/api/sip-twiml, voice/twiml/sip, voice/twiml/refer; SIP headers have names of their own
	`SipCallId SipDomain SipDomainSid SipResponseCode SipSourceIp SipUsername DialSipCallId DialSipResponseCode
	ReferCallStatus ReferSipResponseCode ReferTransferTarget NotifySipResponseCode`,
	// voice/api/call-resource: how a call goes
	`CallbackSource CallDuration Duration QueueTime SequenceNumber Timestamp`,
	// voice/answering-machine-detection
	`AnsweredBy MachineDetectionDuration`,
	// voice/twiml/gather; msg is what old accounts get with no keys
	`Confidence Digits FinishedOnKey Language SpeechResult Stability StableSpeechResult UnstableSpeechResult msg`,
	// voice/twiml/record, voice/api/recording
	`RecordingChannels RecordingDuration RecordingErrorCode RecordingFileSize RecordingSid RecordingSource
	RecordingStartTime RecordingStatus RecordingTrack RecordingUrl
	TranscriptionSid TranscriptionStatus TranscriptionText TranscriptionType TranscriptionUrl`,
	// voice/twiml/dial, voice/twiml/queue
	`DialBridged DialCallDuration DialCallSid DialCallStatus
	DequeingCallSid DequeueResult DequeuedCallDuration DequeuedCallQueueTime DequeuedCallSid`,
	// voice/twiml/enqueue
	`AvgQueueTime CurrentQueueSize MaxQueueSize QueuePosition QueueResult QueueSid`,
	// voice/twiml/conference
	`AnnounceUrl CallSidEndingConference CallSidToCoach Coaching ConferenceSid EndConferenceOnExit EventName
	FriendlyName Hold Muted ParticipantCallStatus ParticipantLabel ParticipantLabelEndingConference Reason
	ReasonAnnouncementFailed ReasonConferenceEnded ReasonParticipantLeft StartConferenceOnEnter StatusCallbackEvent`,
	// messaging/guides/webhook-request
	`Address Body ButtonPayload ButtonText ButtonType ChannelMetadata FlowData Forwarded FrequentlyForwarded
	InteractiveData Label Latitude ListDescription ListId ListTitle Longitude MessageSid MessageType
	MessagingServiceSid NumMedia NumSegments OptOutType OriginalRepliedMessageSender OriginalRepliedMessageSid
	ProfileName ReferralBody ReferralCtwaClid ReferralHeadline ReferralMediaContentType ReferralMediaId
	ReferralMediaUrl ReferralNumMedia ReferralSourceId ReferralSourceType ReferralSourceUrl SmsMessageSid SmsSid
	SmsStatus WaId`,
	// messaging/guides/track-outbound-message-status
	`ChannelInstallSid ChannelPrefix ChannelStatusMessage ChannelToAddress EventType MessageStatus RawDlrDoneDate
	StructuredMessage`,
	// our own question whether an address leads here
	`Nonce`,
)

// families are documented names of which there is one for each thing: media by
// number, and headers of SIP, which callers choose.
var families = regexp.MustCompile(`^(Media(Url|ContentType)[0-9]{1,3}|(Dial)?Sip(Header|header)_[A-Za-z0-9.-]{1,64})$`)

func names(groups ...string) map[string]bool {
	all := map[string]bool{}
	for _, group := range groups {
		for name := range strings.FieldsSeq(group) {
			all[name] = true
		}
	}
	return all
}

func isDocumented(name string) bool { return documented[name] || families.MatchString(name) }

// named is how Twilio names parameters, those of tomorrow too.
var named = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)

// What is done with a parameter that Twilio has not documented.
const (
	refuseUnknown = "refuse" // the webhook is refused
	dropUnknown   = "drop"   // nobody reads it
)

// only takes the parameters that Twilio has documented. One of another name is
// refused with all others, or taken out.
func (l *Line) only(form url.Values) error {
	var err error
	for param := range form {
		switch {
		case !named.MatchString(param):
			return errUnknown
		case isDocumented(param):
			continue
		case l.config.UnknownParameters != dropUnknown:
			err = errUnknown
		}
		if l.unknown.meet(param) {
			l.Log.Warn("webhook with a parameter that Twilio has not documented", "line", name, "parameter", param, "do", l.config.UnknownParameters)
		}
		delete(form, param)
	}
	return err
}

// mostUnknown is how many names are remembered.
const mostUnknown = 100

// strangers are names of parameters that Twilio has sent and not documented.
type strangers struct {
	mu  sync.Mutex
	all map[string]bool
}

// meet reports whether a name is met for the first time.
func (s *strangers) meet(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[name] || len(s.all) >= mostUnknown {
		return false
	}
	if s.all == nil {
		s.all = map[string]bool{}
	}
	s.all[name] = true
	return true
}

func (s *strangers) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.all))
}
