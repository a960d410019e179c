package sms

import (
	"strings"
	"unicode/utf8"
)

// The alphabet of GSM 03.38, and what it reaches by an escape.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmEscaped = "\f^{}\\[~]|€"
)

// GSM tells whether a text fits the GSM alphabet. One character outside of it
// makes the whole text dearer.
func GSM(body string) bool {
	for _, r := range body {
		if !strings.ContainsRune(gsmBasic, r) && !strings.ContainsRune(gsmEscaped, r) {
			return false
		}
	}
	return true
}

// Segments counts the messages that a text is billed as: 160 characters of
// the GSM alphabet or 70 of UCS-2 in one, 153 or 67 each in several
// (3GPP TS 23.040, 9.2.3.24.1).
func Segments(body string) int {
	if body == "" {
		return 0
	}
	if GSM(body) {
		return segments(body, 160, 153, septets)
	}
	return segments(body, 70, 67, units)
}

// segments fills messages without breaking a character in two.
func segments(body string, one, each int, width func(rune) int) int {
	total := 0
	for _, r := range body {
		total += width(r)
	}
	if total <= one {
		return 1
	}
	n, used := 1, 0
	for _, r := range body {
		w := width(r)
		if used+w > each {
			n++
			used = 0
		}
		used += w
	}
	return n
}

func septets(r rune) int {
	if strings.ContainsRune(gsmEscaped, r) {
		return 2
	}
	return 1
}

func units(r rune) int {
	if r > 0xFFFF && r != utf8.RuneError {
		return 2
	}
	return 1
}
