package sounds

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestList(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "en", "welcome.wav"), wav(8000, 1, 0.3))
	v, _ := newVoice(t, Config{Override: dir})
	want := map[string]Sound{
		"welcome":     {Lang: "en", Name: "welcome", Words: "Welcome.", From: Recorded, Length: time.Second},
		"offer":       {Lang: "en", Name: "offer", Words: "For a call {at}, press {key}.", From: Shipped},
		"text_booked": {Lang: "en", Name: "text_booked", Words: "We will call you {at}.", From: Written},
	}
	found := 0
	for _, got := range v.List("en") {
		w, ok := want[got.Name]
		if !ok {
			continue
		}
		found++
		w.Text = TextHash("en", w.Words)
		if got.Length = got.Length.Round(100 * time.Millisecond); got != w {
			t.Errorf("got %+v, want %+v", got, w)
		}
	}
	if found != len(want) {
		t.Errorf("%d of %d are listed", found, len(want))
	}
}

func TestListWithEngine(t *testing.T) {
	t.Parallel()
	v, _ := newVoice(t, Config{Cache: t.TempDir(), TTS: map[string]Engine{"en": cat(t, tone(800, 8000, 1, 0.2))}})
	from := func(name string) Source {
		all := v.List("en")
		return all[slices.IndexFunc(all, func(s Sound) bool { return s.Name == name })].From
	}
	if got := from("thanks"); got != Spoken {
		t.Errorf("thanks is %q, want %q", got, Spoken)
	}
	v.Prepare(t.Context(), "en", []string{"Thank you."})
	if got := from("thanks"); got != Rendered {
		t.Errorf("thanks is %q once rendered, want %q", got, Rendered)
	}
	if got, want := v.Engine("en"), "cat "; !strings.HasPrefix(got, want) {
		t.Errorf("the engine is %q, want %q", got, want)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"welcome", "billing", "press-one", "no-such-words"} {
		write(t, filepath.Join(dir, "en", name+".wav"), wav(8000, 1, 0.3))
	}
	v, _ := newVoice(t, Config{Override: dir})
	want := []Finding{
		{
			"en", `nobody can say "Room 12"`,
			"install espeak-ng, or record en/room-twelve.wav among the overrides",
		},
		{
			"en", "recording en/no-such-words.wav is never played",
			"give it the name of a prompt, or of the words it says, as in: holdless sounds list",
		},
	}
	if got := v.Check([]Own{{Lang: "en", Text: "Billing"}, {Lang: "en", Text: "Room 12"}}); !slices.Equal(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}
