package grammar

import "strings"

// Pairs makes a replacer of letters and what is written for them, small and
// capital: "áa čc".
func Pairs(all string) func(string) string {
	var list []string
	for p := range strings.FieldsSeq(all) {
		r := []rune(p)
		from, to := string(r[0]), string(r[1])
		list = append(list, from, to, strings.ToUpper(from), strings.ToUpper(to))
	}
	return strings.NewReplacer(list...).Replace
}
