package number

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// shortest is how many digits a number has at least that somebody may have
// shortened: fewer are a short code, or an extension of an exchange.
const shortest = 7

// Full returns the number that a carrier means who leaves the plus away, or the
// country: 0401234567, 358401234567 or 00358401234567. It is the first reading
// that suits, as in the country of like, or from abroad; without one it is p.
func Full(p, like Phone, suits func(Phone) bool) Phone {
	if len(p) < shortest || strings.Trim(string(p), "0123456789") != "" {
		return p
	}
	readings := []Phone{"+" + Phone(strings.TrimPrefix(string(p), "00"))}
	if own, err := phonenumbers.Parse(string(like), ""); err == nil {
		region := phonenumbers.GetRegionCodeForNumber(own)
		readings = append(readings, inRegion(string(p), region))
		if dialledAt(p, region) {
			readings[0], readings[1] = readings[1], readings[0]
		}
	}
	for _, full := range readings {
		if suits(full) {
			return full
		}
	}
	return p
}

// dialledAt reports whether a number looks as people dial it in a country: with
// its zero, where there is one. Sweden’s 4681234567 is no number of Finland,
// where 046 81234567 is one.
func dialledAt(p Phone, region string) bool {
	zero := phonenumbers.GetNddPrefixForRegion(region, true)
	return zero == "1" || strings.HasPrefix(string(p), zero) // in America the 1 may be left out
}

// Real reports whether the numbering plans of the world have a number.
func Real(p Phone) bool {
	n, err := phonenumbers.Parse(string(p), "")
	return err == nil && phonenumbers.IsValidNumber(n)
}
