package number

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// shortest is how many digits a number has at least that somebody may have
// shortened, whoever has it: fewer are a short code, or an extension of an exchange.
const shortest = 7

// Full returns the number that a carrier means who leaves the plus away, or the
// country: 0401234567, 358401234567 or 00358401234567. It is the first reading
// that is real, as in the country of like, or from abroad; without one it is p.
func Full(p, like Phone) Phone {
	if len(p) < shortest {
		return p
	}
	for _, full := range readings(p, like) {
		if Real(full) {
			return full
		}
	}
	return p
}

// Means reports whether a carrier means a number of ours, which may be short:
// 091911 is +35891911.
func Means(p, ours Phone) bool { return slices.Contains(readings(p, ours), ours) }

// readings are what somebody may mean who leaves the plus away, or the country of
// like, the likeliest first. There are none of what is in full, or no number.
func readings(p, like Phone) []Phone {
	if p == "" || strings.Trim(string(p), "0123456789") != "" {
		return nil
	}
	abroad := "+" + Phone(strings.TrimPrefix(string(p), "00"))
	own, err := phonenumbers.Parse(string(like), "")
	if err != nil {
		return []Phone{abroad}
	}
	region := phonenumbers.GetRegionCodeForNumber(own)
	home := inRegion(string(p), region)
	if dialledAt(p, region) {
		return []Phone{home, abroad}
	}
	return []Phone{abroad, home}
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
