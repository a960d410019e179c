package number

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

func rules() *Rules {
	return &Rules{
		Regions: []string{"FI", "CZ", "GB", "GR", "RO", "US"},
		Own:     map[Phone]bool{"+358912345678": true},
		Deny:    map[Phone]bool{"+358401111111": true},
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, phone, want string }{
		{"Finnish mobile", "+358401234567", ""},
		{"Finnish landline", "+358923123456", ""},
		{"Czech mobile", "+420601123456", ""},
		{"Czech landline", "+420221123456", ""},
		{"Greek mobile", "+306912345678", ""},
		{"Greek landline", "+302101234567", ""},
		{"British mobile", "+447400123456", ""},
		{"British landline", "+442070313000", ""},
		{"Welsh landline", "+442920000000", ""},
		{"Romanian mobile", "+40712034567", ""},
		{"Romanian landline", "+40211234567", ""},
		{"American", "+12015550123", ""},
		{"Finnish premium", "+35860012345", "premium"},
		{"Czech premium", "+420900123456", "premium"},
		{"Czech premium 906", "+420906123456", "premium"},
		{"Greek premium", "+309011234567", "premium"},
		{"British premium", "+449012345678", "premium"},
		{"British shared 0871", "+448712345678", "premium"},
		{"British 0843", "+448431234567", "premium"},
		{"Greek shared", "+308011234567", "shared"},
		{"Guernsey looks British", "+447911123456", "region"},
		{"British personal", "+447012345678", "personal"},
		{"British pager", "+447640123456", "pager"},
		{"British uan", "+445512345678", "uan"},
		{"Romanian premium", "+40900123456", "premium"},
		{"American premium", "+19002345678", "premium"},
		{"Finnish freephone", "+358800123456", "tollfree"},
		{"Jamaica looks American", "+18762101234", "region"},
		{"Dominican Republic too", "+18092345678", "region"},
		{"Jersey looks British", "+447797712345", "region"},
		{"Germany", "+493012345678", "region"},
		{"Inmarsat", "+870773111632", "satellite"},
		{"Iridium", "+881612345678", "satellite"},
		{"international premium", "+979123456789", "premium"},
		{"emergency 112", "+358112", "emergency"},
		{"emergency 999", "+44999", "emergency"},
		{"our own", "+358912345678", "own"},
		{"on the list", "+358401111111", "denied"},
		{"too short", "+35840", "invalid"},
		{"too long", "+3584012345678901", "invalid"},
		{"not E.164", "0401234567", "invalid"},
		{"a SIP URI", "sip:boss@example.com", "invalid"},
		{"an extension", "+358401234567;ext=9", "invalid"},
		{"control characters", "+358401234567\r\nTo: x", "invalid"},
		{"nothing", "", "invalid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if r, ok := errors.AsType[*RefusalError](rules().Check(Phone(tt.phone))); ok {
				got = r.Reason
			}
			if got != tt.want {
				t.Errorf("%s: %q, want %q", tt.phone, got, tt.want)
			}
		})
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, digits, like, want, reason string }{
		{"national", "0401234567", "+358912345678", "+358401234567", ""},
		{"national of the caller's country", "601123456", "+420221123456", "+420601123456", ""},
		{"of the first country that knows it", "0401234567", "+493012345678", "+358401234567", ""},
		{"international", "00420601123456", "+358912345678", "+420601123456", ""},
		{"premium at home", "0600123456", "+358912345678", "", "premium"},
		{"emergency", "112", "+358912345678", "", "emergency"},
		{"foreign", "00493012345678", "+358912345678", "", "region"},
		{"nonsense", "99999999", "+358912345678", "", "invalid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := rules()
			got, err := r.Read(tt.digits, Phone(tt.like))
			reason := ""
			if no, ok := errors.AsType[*RefusalError](err); ok {
				reason = no.Reason
			}
			if string(got) != tt.want || reason != tt.reason {
				t.Errorf("%q, %q, want %q, %q", string(got), reason, tt.want, tt.reason)
			}
		})
	}
}

// Whatever is generated around numbers of all classes, only the allowed
// classes of the allowed countries get through.
func TestCheckLetsNothingElseThrough(t *testing.T) {
	if testing.Short() {
		t.Skip("100,000 numbers")
	}
	t.Parallel()
	var seeds []string
	for region := range phonenumbers.GetSupportedRegions() {
		for _, kind := range []phonenumbers.PhoneNumberType{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10} {
			if n := phonenumbers.GetExampleNumberForType(region, kind); n != nil {
				seeds = append(seeds, phonenumbers.Format(n, phonenumbers.E164))
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	r, allowed, refused, all := rules(), 0, 0, 100_000
	if raced {
		all = 4000
	}
	for range all {
		digits := []byte(seeds[random.IntN(len(seeds))])
		for range random.IntN(4) {
			digits[1+random.IntN(len(digits)-1)] = strconv.Itoa(random.IntN(10))[0]
		}
		p := Phone(digits)
		if r.Check(p) != nil {
			refused++
			continue
		}
		allowed++
		n, err := phonenumbers.Parse(string(p), "")
		if err != nil || !phonenumbers.IsValidNumber(n) {
			t.Fatalf("%s got through", string(p))
		}
		switch phonenumbers.GetNumberType(n) {
		case phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE, phonenumbers.VOIP:
		default:
			t.Fatalf("%s got through", string(p))
		}
		switch phonenumbers.GetRegionCodeForNumber(n) {
		case "FI", "CZ", "GB", "GR", "RO", "US":
		default:
			t.Fatalf("%s got through", string(p))
		}
	}
	if allowed < all/100 || refused < all/2 {
		t.Errorf("%d were allowed, %d refused: the test shows nothing", allowed, refused)
	}
}

// What was found out about a number does not outlast the rules, nor is there
// ever too much of it.
func TestCheckRemembers(t *testing.T) {
	t.Parallel()
	r := rules()
	for range 2 {
		if err := r.Check("+358600123456"); err == nil {
			t.Error("a premium number may be called")
		}
		if err := r.Check("+358401234567"); err != nil {
			t.Error(err)
		}
	}
	r.Deny["+358401234567"] = true
	if err := r.Check("+358401234567"); err == nil {
		t.Error("a number may be called that is denied now")
	}
	for i := range mostJudged + 10 {
		r.judged.reason(Phone(strconv.Itoa(i)), func(p Phone) string { return string(p) })
	}
	if n := len(r.judged.reasons); n > mostJudged {
		t.Errorf("%d numbers are remembered", n)
	}
}
