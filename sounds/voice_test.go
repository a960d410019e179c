package sounds

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds/audio"
)

func newVoice(t *testing.T, cfg Config) (*Voice, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	v, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v, &log
}

// captions returns the words of clips that ship.
func captions(v *Voice, lang string, clips []Clip) string {
	var all []string
	for _, c := range clips {
		for words, s := range v.tongue(lang).shipped {
			if &s.PCMU[0] == &c.PCMU[0] {
				all = append(all, words)
			}
		}
		if &c.PCMU[0] == &pause.PCMU[0] {
			all = append(all, "/")
		}
	}
	return strings.Join(all, " ")
}

func TestSayWithoutEngine(t *testing.T) {
	t.Parallel()
	v, log := newVoice(t, Config{})
	tests := []struct {
		name   string
		lang   string
		prompt ivr.Prompt
		want   string
	}{
		{"fixed", "en", ivr.Prompt{Name: "thanks"}, "Thank you."},
		{
			"time", "en",
			ivr.Prompt{Name: "offer", Key: "1", At: at(1, 15, 30), Now: now},
			"For a call today at three thirty in the afternoon press one.",
		},
		{
			"odd time", "fi",
			ivr.Prompt{Name: "nearest", Key: "*", At: at(2, 9, 5), Now: now},
			"Lähin vapaa aika on huomenna kello yhdeksän nolla viisi Jos se sopii, painakaa tähteä.",
		},
		{
			"date", "fi",
			ivr.Prompt{Name: "booked", At: at(24, 12, 0), Now: now},
			"Kiitos. Soitamme teille torstaina kahdentenakymmenentenäneljäntenä joulukuuta kello kaksitoista",
		},
		{
			"number", "fi",
			ivr.Prompt{Name: "number_is", Digits: "0401234217"},
			"Soitamme tähän numeroon: nolla neljä nolla / yksi kaksi kolme / neljä kaksi yksi seitsemän",
		},
		{
			"minutes", "en",
			ivr.Prompt{Name: "press_wait", N: 123, Key: "3"},
			"To wait for a person, at most one hundred and twenty-three minutes, press three.",
		},
		{
			"label", "en",
			ivr.Prompt{Name: "option", Text: "parking", Key: "1"},
			"Option: press one.",
		},
		{
			"label of a shipped menu", "en",
			ivr.Prompt{Name: "option", Text: "billing", Key: "1"},
			"For billing, press one.",
		},
		{"unknown language", "tlh", ivr.Prompt{Name: "thanks"}, "Thank you."},
	}
	for _, tt := range tests {
		t.Run(tt.lang+" "+tt.name, func(t *testing.T) {
			if got := captions(v, tt.lang, v.Say(tt.lang, tt.prompt)); got != tt.want {
				t.Errorf("\n got %q\nwant %q", got, tt.want)
			}
		})
	}
	if want := `msg="no sound" lang=en words=parking`; !strings.Contains(log.String(), want) {
		t.Errorf("log is %q, want %q in it", log, want)
	}
}

// TestNobodyHearsSilence says every prompt at all times of a day, on all days
// of a year, with nothing but the sounds that ship.
func TestNobodyHearsSilence(t *testing.T) {
	t.Parallel()
	v, log := newVoice(t, Config{})
	for _, lang := range Languages() {
		for name, holes := range ivr.PromptNames() {
			if strings.HasPrefix(name, onlyWritten) || slices.Contains(holes, "text") {
				continue
			}
			for i := range 60 {
				p := ivr.Prompt{Name: name, Key: keys[i%len(keys)], Digits: "+358401234567", N: i, Now: now}
				p.At = now.Add(time.Duration(i) * (6*24*time.Hour + 61*time.Minute))
				clips := v.Say(lang, p)
				if len(clips) == 0 {
					t.Fatalf("%s: nothing to hear of %q", lang, Words(lang, p))
				}
				for _, c := range clips {
					if len(c.PCMU) == 0 || len(c.PCMU)%audio.Frame != 0 || len(c.PCMA) != len(c.PCMU) {
						t.Fatalf("%s: %q has %d and %d bytes", lang, name, len(c.PCMU), len(c.PCMA))
					}
				}
			}
		}
	}
	if log.Len() > 0 {
		t.Errorf("log is %.500q, want nothing", log)
	}
}

func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	_, err := New(Config{
		Languages: []string{"en", "tlh"},
		TTS:       map[string]Engine{"fi": {Exec: []string{"no-such-engine"}}, "en": {}, "de": {Exec: []string{"sh"}}},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`languages: "tlh" is not one of`, `tts: "de" is not one of`,
		"tts: en: it names no engine", `"no-such-engine": executable file not found`,
		"needs a folder",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error is %q, want %q in it", err, want)
		}
	}
}

func TestTones(t *testing.T) {
	t.Parallel()
	v, _ := newVoice(t, Config{Languages: []string{"en"}})
	if got := v.Ringback().Duration(); got != 5*time.Second {
		t.Errorf("the ringing tone has a period of %v, want 5s", got)
	}
	level := audio.Level(audio.Decode(v.Waiting().PCMU).Samples)
	if got := v.Waiting().Duration(); got < 10*time.Second || level > audio.Target-2 {
		t.Errorf("one waits %v at %.1f dBov, want more, and quieter than speech", got, level)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		v, err := New(Config{Languages: []string{"en", "fi"}})
		if err != nil {
			b.Fatal(err)
		}
		v.Close()
	}
}

func BenchmarkSay(b *testing.B) {
	v, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	p := ivr.Prompt{Name: "offer", Key: "1", At: at(1, 15, 30), Now: now}
	b.ReportAllocs()
	for b.Loop() {
		v.Say("fi", p)
	}
}

// TestBookingIsShort holds the default path, every prompt heard to its end
// and put together from pieces, to 25 seconds until a time is chosen, and to
// 40 with the number read back.
func TestBookingIsShort(t *testing.T) {
	t.Parallel()
	v, _ := newVoice(t, Config{})
	choose := []ivr.Prompt{
		{Name: "welcome"},
		{Name: "option", Text: "billing", Key: "1"},
		{Name: "option", Text: "deliveries", Key: "2"},
		{Name: "press_person", Key: "0"},
		{Name: "offer", At: at(1, 9, 15), Now: now, Key: "1"},
		{Name: "offer", At: at(1, 9, 30), Now: now, Key: "2"},
		{Name: "offer", At: at(1, 9, 45), Now: now, Key: "3"},
		{Name: "press_days", Key: "4"},
	}
	confirm := []ivr.Prompt{
		{Name: "number_is", Digits: "0401234567"},
		{Name: "press_right", Key: "1"},
		{Name: "press_other_number", Key: "2"},
	}
	for _, lang := range Languages() {
		length := func(say []ivr.Prompt) (sum time.Duration) {
			for _, p := range say {
				for _, c := range v.Say(lang, p) {
					sum += c.Duration()
				}
			}
			return sum
		}
		choosing, confirming := length(choose), length(confirm)
		if choosing > 25*time.Second || choosing+confirming > 40*time.Second {
			t.Errorf("%s: choosing takes %v, confirming %v", lang, choosing, confirming)
		}
		t.Logf("%s: choosing takes %v, confirming %v", lang, choosing, confirming)
	}
}
