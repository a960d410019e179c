package twilioline

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pitfalls are what others have fallen into with Twilio and with texts, each
// with the tests that fail when it is open again.
var pitfalls = []struct {
	what  string
	tests []string // package and name
}{
	{"importing all of twilio-go takes a minute to compile", []string{"internal/twilioline TestOnlyPartOfTheLibrary"}},
	{"twiml of twilio-go cannot write empty attributes, and shuffles them", []string{"internal/twilioline TestOnlyPartOfTheLibrary", "internal/twilioline TestDocument"}},
	{"its validator takes one of several values", []string{"internal/twilioline TestPublishedSignatures", "internal/twilioline TestRefusesThoughSigned"}},
	{"headers of proxies in the signed address", []string{"internal/twilioline TestAddressAndAccount"}},
	{"an empty token lets everybody in", []string{"internal/twilioline TestRefusesWithoutToken"}},
	{"addresses for statuses that nobody signs", []string{"internal/twilioline TestEveryAddressIsSigned", "internal/twilioline TestForgeries"}},
	{"a create that is sent again", []string{"internal/twilioapi TestNeverTwice", "internal/twilioapi TestConnectionIsKept"}},
	{"believing that Twilio tells creates apart by a header", []string{"internal/twilioapi TestNeverTwice"}},
	{"Twilio keeps calls in its queue for a day", []string{"internal/twilioapi TestStale", "internal/twilioapi TestQueueStaysEmpty"}},
	{"new accounts have two calls at once", []string{"internal/twilioapi TestMaxCalls", "cmd/holdless TestDoctorCallsAtOnce"}},
	{"Twilio does not ask again after an answer 500", []string{"internal/twilioline TestAddressesAskForRetries", "cmd/holdless TestDoctorTwilio"}},
	{"the fallback is on the machine that is down", []string{"cmd/holdless TestDoctorTwilio", "cmd/holdless TestTwilioFallback"}},
	{"a redirect makes a GET of a POST", []string{"internal/twilioline TestNothingIsRedirected", "cmd/holdless TestDoctorPublicAddress"}},
	{"statuses are lost, late, doubled and shuffled", []string{"internal/twilioline TestMischief", "internal/twilioline TestMissingStatus", "internal/twilioline TestTalks"}},
	{"looking whether a webhook is known, and noting it later", []string{"internal/store TestSameTextAtOnce"}},
	{"silence while Twilio listens for a machine", []string{"internal/twilioline TestDetection"}},
	{"keys in a conference", []string{"internal/twiliosim TestNoKeysInConference"}},
	{"numbers and names in addresses and conferences", []string{"internal/twilioline TestNothingPersonalInAddresses", "internal/twilioline TestClip"}},
	{"CANCEL and YES as commands", []string{"cmd/holdless TestTextsAskForNoWordOfCarriers"}},
	{"a text that is valid into the night", []string{"internal/sms TestValidity", "callback TestSurveyBeforeNight", "callback TestNoTextRingsAtNight", "internal/twilioline TestTextLeaves"}},
	{"accents that make a text three", []string{"cmd/holdless TestEveryConfirmationHasLinkAndDigits", "internal/sms TestSegmentsAsTwilioCounts"}},
	{"receipts out of order, and no name from Kannel", []string{"callback TestReceipts", "internal/sms TestKannelOverSMPP"}},
	{"Kannel gives up on a webhook", []string{"internal/sms TestKannelTakesTexts", "internal/sms TestKannelKeepsReceipts"}},
	{"SMPP leaves out the +", []string{"internal/sms TestNormal", "internal/sms TestKannelOverSMPP"}},
	{"scanners that open the link of a survey", []string{"internal/web TestSurveyPage"}},
	{"two questions open to one number", []string{"callback TestSurveyWaitsForAnotherQuestion", "internal/store TestOneOpenQuestion"}},
	{"a wait of 65 minutes told as 5", []string{"ivr TestTalks", "sounds TestText"}},
	{"leaving the line before the promise is written", []string{"callback TestPlaceIsLeftForAPromiseOnly"}},
	{"validators that pass over unknown parameters", []string{"internal/twilioapi TestMutations"}},
	{"fraud by numbers that callers key in, and by texts", []string{"callback TestRefusedBeforeTheAgentRings", "callback TestBookingsADay", "callback TestTooManyTexts"}},
}

// Each of the thirty has a test, by the name that it has here.
func TestPitfallsAreTested(t *testing.T) {
	t.Parallel()
	if len(pitfalls) != 30 {
		t.Errorf("%d pitfalls", len(pitfalls))
	}
	for i, p := range pitfalls {
		for _, name := range p.tests {
			dir, test, _ := strings.Cut(name, " ")
			if !slices.ContainsFunc(sources(t, dir), func(src string) bool { return strings.Contains(src, "func "+test+"(t *testing.T)") }) {
				t.Errorf("%d, %s: there is no %s", i+1, p.what, name)
			}
		}
	}
}

// sources reads the tests of a package.
func sources(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(src))
	}
	return all
}

var library = regexp.MustCompile(`"github\.com/twilio/twilio-go[^"]*"`)

// Of Twilio's library for Go only the types of its REST interface are used.
func TestOnlyPartOfTheLibrary(t *testing.T) {
	t.Parallel()
	allowed := []string{`"github.com/twilio/twilio-go/client"`, `"github.com/twilio/twilio-go/rest/api/v2010"`}
	found := 0
	err := filepath.WalkDir("../..", func(file string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "pitfalls_test.go") {
			return err
		}
		src, err := os.ReadFile(file)
		for _, name := range library.FindAllString(string(src), -1) {
			found++
			if !slices.Contains(allowed, name) {
				t.Errorf("%s imports %s", file, name)
			}
		}
		return err
	})
	if err != nil || found == 0 {
		t.Errorf("%d imports, %v", found, err)
	}
}

// Who reads about Twilio is told against what all this was tested.
func TestManualSaysAgainstWhat(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"README.md", "docs/twilio.md"} {
		src, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil || !strings.Contains(string(src), "tested against Twilio's published files and libraries, not against Twilio") {
			t.Errorf("%s does not say it, %v", file, err)
		}
	}
}
