package number

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
)

// Rules decide which numbers may be called. They are asked when a callback is
// promised and again immediately before a number is dialled.
type Rules struct {
	Regions []string       // ISO 3166 codes of the countries that may be called
	Own     map[Phone]bool // our numbers
	Deny    map[Phone]bool // numbers that are never called

	judged judged
}

// A RefusalError says why a number may not be called.
type RefusalError struct {
	Phone  Phone
	Reason string // one word, such as "premium", "emergency" or "region"

	From time.Time // from when on it holds no more; zero when nobody knows
}

func (r *RefusalError) Error() string { return fmt.Sprintf("number may not be called: %s", r.Reason) }

// ReasonQuiet says that nobody is texted now where the number is.
const ReasonQuiet = "quiet"

// Reasons for which a number is refused, beside those in refusedTypes.
const (
	ReasonInvalid   = "invalid"
	reasonOwn       = "own"
	ReasonDenied    = "denied" // on the list, or the person asked to be left alone
	reasonEmergency = "emergency"
	reasonShort     = "short"
	reasonSatellite = "satellite"
	reasonRegion    = "region"
	reasonUnknown   = "unknown"
)

// allowedTypes is what may be called. A type that is on no list is refused.
var allowedTypes = []phonenumbers.PhoneNumberType{
	phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE, phonenumbers.VOIP,
}

var refusedTypes = map[phonenumbers.PhoneNumberType]string{
	phonenumbers.PREMIUM_RATE:    "premium",
	phonenumbers.SHARED_COST:     "shared",
	phonenumbers.PERSONAL_NUMBER: "personal",
	phonenumbers.PAGER:           "pager",
	phonenumbers.UAN:             "uan",
	phonenumbers.VOICEMAIL:       "voicemail",
	phonenumbers.TOLL_FREE:       "tollfree",
}

// satellites are the calling codes of Inmarsat, of mobile satellite systems
// and of the networks that belong to no country (ITU-T E.164, annex D).
var satellites = []int{870, 871, 872, 873, 874, 878, 881, 882, 883}

// Check returns a [*RefusalError] when the number may not be called. Countries are
// told by region and never by prefix: +1 is the United States, and Jamaica.
func (r *Rules) Check(p Phone) error {
	if reason := r.refuses(p); reason != "" {
		return &RefusalError{Phone: p, Reason: reason}
	}
	return nil
}

func (r *Rules) refuses(p Phone) string {
	switch {
	case !p.Valid():
		return ReasonInvalid
	case r.Own[p]:
		return reasonOwn
	case r.Deny[p]:
		return ReasonDenied
	}
	return r.judged.reason(p, r.numbering)
}

// numbering refuses by what the numbering plans of the world say.
func (r *Rules) numbering(p Phone) string {
	n, err := phonenumbers.Parse(string(p), "")
	if err != nil {
		return ReasonInvalid
	}
	if reason := tooShort(n); reason != "" {
		return reason
	}
	if slices.Contains(satellites, int(n.GetCountryCode())) {
		return reasonSatellite
	}
	return r.class(n)
}

// tooShort refuses what only looks like a number: +358 112 would reach the
// emergency services of Finland on some networks.
func tooShort(n *phonenumbers.PhoneNumber) string {
	national := phonenumbers.GetNationalSignificantNumber(n)
	for _, region := range phonenumbers.GetRegionCodesForCountryCode(int(n.GetCountryCode())) {
		if phonenumbers.IsEmergencyNumber(national, region) {
			return reasonEmergency
		}
	}
	if phonenumbers.IsValidShortNumber(n) {
		return reasonShort
	}
	return ""
}

// class refuses by type, and by country.
func (r *Rules) class(n *phonenumbers.PhoneNumber) string {
	region := phonenumbers.GetRegionCodeForNumber(n)
	kind := phonenumbers.GetNumberType(n)
	if reason, ok := refusedTypes[kind]; ok {
		return reason
	}
	switch {
	case !phonenumbers.IsValidNumber(n):
		return ReasonInvalid
	case !slices.Contains(allowedTypes, kind):
		return reasonUnknown
	case !slices.Contains(r.Regions, region):
		return reasonRegion
	}
	return ""
}

// Read reads digits that a person keyed in. Somebody in the country of like,
// if it may be called, means a number there; else the allowed countries are
// asked in turn. The first country that knows the number decides: what is
// premium at home is not taken for a number abroad. The error is a
// [*RefusalError].
func (r *Rules) Read(digits string, like Phone) (Phone, error) {
	regions := r.Regions
	if home := r.Home(like); home != "" {
		regions = []string{home}
	}
	var err error = &RefusalError{Phone: Phone(digits), Reason: reasonRegion}
	for _, region := range regions {
		p := inRegion(digits, region)
		err = r.Check(p)
		if err == nil {
			return p, nil
		}
		if no, ok := errors.AsType[*RefusalError](err); ok && no.Reason != ReasonInvalid {
			break
		}
	}
	return "", err
}

// Home returns the country of a number, if it may be called; else "".
func (r *Rules) Home(p Phone) string {
	n, err := phonenumbers.Parse(string(p), "")
	if err != nil {
		return ""
	}
	region := phonenumbers.GetRegionCodeForNumber(n)
	if !slices.Contains(r.Regions, region) {
		return ""
	}
	return region
}

// inRegion writes digits that were dialled in a country in E.164 form, as far
// as they are a number there at all.
func inRegion(digits, region string) Phone {
	if phonenumbers.IsEmergencyNumber(digits, region) || len(digits) < 5 {
		code := phonenumbers.GetCountryCodeForRegion(region)
		return Phone("+" + strconv.Itoa(code) + strings.TrimLeft(digits, "0"))
	}
	n, err := phonenumbers.Parse(digits, region)
	if err != nil {
		return Phone(digits)
	}
	return Phone(phonenumbers.Format(n, phonenumbers.E164))
}
