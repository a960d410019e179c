package sounds

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/sounds/grammar"
)

// An exception is where our words are not those of ICU, and why ours are
// right.
type exception struct {
	lang, icu, ours, why string
}

// exceptions are all there are. The first that stands in the words of ICU is
// put in place of them; one that is never needed is a mistake.
var exceptions = []exception{
	{"en", ",", "", "a pause that nobody makes"},
	{"cs numbering", " jeden ", " jedna ", "one counts jedna, dva: the masculine form belongs to a noun"},
	{"cs numbering", "| jedna tisíc", "| tisíc", "a thousand is not counted"},
	{"cs numbering", " dvě tisíce", " dva tisíce", "tisíc is masculine"},
	{"cs cardinal-feminine", "| jedna |", "| jednu |", "the accusative, in which minutes are waited"},
	{"cs cardinal-feminine", "cet dvě ", "cet dva ", "above twenty the number stands unchanged before its noun"},
	{"cs cardinal-feminine", "sát dvě ", "sát dva ", "the same"},
	{"cy", " un deg |", " deg |", "ten is deg; un deg is the beginning of eleven"},
	{"cy", " un deg mil", " deng mil", "deg becomes deng before m"},
	{"cy", " dau cant", " dau gant", "soft mutation after dau"},
	{"cy", " tri cant", " tri chant", "aspirate mutation after tri"},
	{"cy", " chwe cant", " chwe chant", "aspirate mutation after chwe"},
	{"cy", "| un mil ", "| mil ", "a thousand is not counted"},
	{"cy", " dau mil ", " dwy fil ", "mil is feminine, and mutates after dwy"},
	{"cy", " un cant ", " cant ", "a hundred is cant; un is said of several only"},
	{"el", "εννενήντα", "ενενήντα", "one nu after the first vowel"},
	{"el", "χίλιάδες", "χιλιάδες", "no word has two accents"},
	{"ro", "ş", "ș", "a comma below, not a cedilla"},
	{"ro", "patrusprezece", "paisprezece", "the dictionary of the Academy (DOOM) has it so"},
	{"ro", "șasesprezece", "șaisprezece", "the same"},
	{"ro", "șasezeci", "șaizeci", "the same"},
	{"ro", " și una mii", " și unu de mii", "from twenty on de stands before what is counted"},
	{"ro", " sută mii", " sută de mii", "the same"},
	{"ro", " și trei mii", " și trei de mii", "the same"},
	{"ro", " și nouă mii", " și nouă de mii", "the same"},
	{"ro", "una mie", "o mie", "a thousand is counted with the article"},
	{"ro", "una sută", "o sută", "a hundred is counted with the article"},
}

// columns say what we have for a rule set of ICU.
var columns = map[string]func(r grammar.Rules, n int) string{
	"cs cardinal-feminine": func(r grammar.Rules, n int) string { return join(r.Forms["f"](n)) },
	"ro cardinal-neuter":   func(r grammar.Rules, n int) string { return join(r.Forms["f"](n)) },
	"en ordinal":           inDate,
	"fi ordinal-essive":    inDate,
	"el cardinal-feminine": func(r grammar.Rules, n int) string {
		_, hour, _ := strings.Cut(r.Clock(n, 0)[0], " ")
		return hour
	},
}

// inDate is the number of a day as it stands in a date.
func inDate(r grammar.Rules, n int) string {
	day := r.Day(grammar.DayOf(time.Date(2028, 1, n, 0, 0, 0, 0, time.UTC), time.Time{}))
	return strings.TrimPrefix(day[1], "the ")
}

// TestNumbersAgainstICU holds our numbers against those of ICU, but for the
// exceptions. How words are parted is not compared: Finnish is spoken in
// pieces that are written as one word.
func TestNumbersAgainstICU(t *testing.T) {
	src, err := os.ReadFile("testdata/icu.tsv")
	if err != nil {
		t.Fatal(err)
	}
	used := make([]bool, len(exceptions))
	compared := map[string]int{}
	for line := range strings.Lines(string(src)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 4 {
			continue // the head
		}
		n, err := strconv.Atoi(f[2])
		if err != nil {
			t.Fatal(err)
		}
		want := "| " + f[3] + " |"
		for i, e := range exceptions {
			if strings.HasPrefix(f[0]+" "+f[1], e.lang) && strings.Contains(want, e.icu) {
				want, used[i] = strings.ReplaceAll(want, e.icu, e.ours), true
			}
		}
		say := columns[f[0]+" "+f[1]]
		if say == nil {
			say = func(r grammar.Rules, n int) string { return join(r.Number(n)) }
		}
		compared[f[0]+" "+f[1]]++
		if got := say(speaker(f[0]).Spoken, n); strings.ReplaceAll(got, " ", "") != strings.NewReplacer(" ", "", "|", "").Replace(want) {
			t.Errorf("%s %s %d: %q, ICU has %q", f[0], f[1], n, got, want)
		}
	}
	for i, e := range exceptions {
		if !used[i] {
			t.Errorf("no number needs the exception %q for %q in %s", e.ours, e.icu, e.lang)
		}
	}
	if len(compared) != 11 {
		t.Errorf("compared %v", compared)
	}
}
