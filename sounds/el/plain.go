package el

import "strings"

// capitals writes Greek as on signs: half of the capitals look like Latin
// ones, and the alphabet of texts has the other half (3GPP TS 23.038, 6.2.1).
func capitals(s string) string { return letters.Replace(strings.ToUpper(s)) }

var letters = strings.NewReplacer(
	"Ά", "A", "Έ", "E", "Ή", "H", "Ί", "I", "Ϊ", "I", "ΐ", "I", "Ό", "O", "Ύ", "Y", "Ϋ", "Y", "ΰ", "Y", "Ώ", "Ω",
	"Α", "A", "Β", "B", "Ε", "E", "Ζ", "Z", "Η", "H", "Ι", "I", "Κ", "K", "Μ", "M", "Ν", "N", "Ο", "O", "Ρ", "P",
	"Τ", "T", "Υ", "Y", "Χ", "X", "\u0301", "", "\u0308", "", ";", "?",
)
