package sounds

import (
	"slices"
	"strings"
	"testing"
)

func TestMissing(t *testing.T) {
	t.Parallel()
	texts := []string{"parking", "", "Thank you."}
	v, _ := newVoice(t, Config{})
	if got := v.Missing("en", texts); !slices.Equal(got, []string{"parking"}) {
		t.Errorf("missing are %q, want parking", got)
	}
	v, _ = newVoice(t, Config{Cache: t.TempDir(), TTS: map[string]Engine{"en": cat(t, tone(800, 8000, 1, 0.2))}})
	if got := v.Prepare(t.Context(), "en", texts); len(got) > 0 {
		t.Errorf("missing are %q, want none", got)
	}
	if _, ok := v.tongue("en").find("For parking,"); !ok {
		t.Error("the label of the choice was not prepared")
	}
}

func TestTextsArePrepared(t *testing.T) {
	t.Parallel()
	v, log := newVoice(t, Config{
		Cache: t.TempDir(), TTS: map[string]Engine{"en": cat(t, tone(800, 8000, 1, 0.2))},
		Texts: map[string][]string{"en": {"parking"}},
	})
	v.done.Wait()
	if !v.tongue("en").rendered.has("For parking,") {
		t.Error("the label was not rendered")
	}
	if log.Len() > 0 {
		t.Errorf("log is %q, want nothing", log)
	}
	v, log = newVoice(t, Config{Texts: map[string][]string{"en": {"parking", "billing"}}})
	v.done.Wait()
	if got := strings.Count(log.String(), "no sound"); got != 1 || !strings.Contains(log.String(), "words=parking") {
		t.Errorf("log is %q, want parking in it", log)
	}
}

// TestWarm renders what ships and what the supervisor writes, and counts both.
func TestWarm(t *testing.T) {
	t.Parallel()
	texts := map[string][]string{"en": {"parking", "gardens"}}
	cfg := Config{Languages: []string{"en"}, Cache: t.TempDir(), TTS: map[string]Engine{"en": cat(t, tone(160, 8000, 1, 0.2))}}
	warm := func(v *Voice) (told []int, of int, unsaid []string) {
		all, err := v.Warm(t.Context(), texts, func(done, total int) { told, of = append(told, done), total })
		if err != nil {
			t.Fatal(err)
		}
		return told, of, all["en"]
	}
	v, _ := newVoice(t, cfg)
	told, of, unsaid := warm(v)
	if !slices.IsSorted(told) || told[len(told)-1] != of || len(told) != of || of < 100 || len(unsaid) > 0 {
		t.Errorf("told %v of %d, unsaid %q", told, of, unsaid)
	}
	v, _ = newVoice(t, cfg)
	if !v.tongue("en").rendered.has("Thank you.") || !v.tongue("en").rendered.has("For parking,") {
		t.Error("nothing is stored")
	}
	if told, of, _ := warm(v); !slices.Equal(told, []int{1, 2}) || of != 2 {
		t.Errorf("the second time: told %v of %d", told, of)
	}
	v, _ = newVoice(t, Config{Languages: []string{"en"}})
	if told, of, unsaid := warm(v); !slices.Equal(told, []int{1, 2}) || of != 2 || !slices.Equal(unsaid, texts["en"]) {
		t.Errorf("without an engine: told %v of %d, unsaid %q", told, of, unsaid)
	}
}
