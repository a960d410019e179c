package sounds

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"log/slog"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
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

// patient has callers wait for the engine however busy this machine is.
func patient(v *Voice) *Voice {
	for _, t := range v.tongues {
		t.budget = time.Minute
	}
	return v
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

func TestShippedSounds(t *testing.T) {
	t.Parallel()
	for _, lang := range Languages() {
		l := speaker(lang)
		clips, err := shipped(l.Files)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := slices.Sorted(maps.Keys(clips)), l.repertoire(); !slices.Equal(got, want) {
			t.Errorf("%s: the sounds are not those of its words; run: holdless sounds render --dir sounds", lang)
		}
		files, err := fs.Glob(l.Files, "clips/*.ulaw")
		if err != nil {
			t.Fatal(err)
		}
		if len(files) != len(clips) {
			t.Errorf("%s: %d files for %d sounds", lang, len(files), len(clips))
		}
		for i, words := range slices.Sorted(maps.Keys(clips)) {
			if i%7 != 0 { // the level meter is thorough, and slow
				continue
			}
			c := clips[words]
			pcm := audio.Decode(c.PCMU)
			if level := audio.Level(pcm.Samples); math.Abs(level-audio.Target) > 0.5 {
				t.Errorf("%s: %q is at %.1f dBov, want %.1f", lang, words, level, audio.Target)
			}
			if peak := pcm.Peak(); peak > audio.Ceiling*1.02 { // a step of mu-law
				t.Errorf("%s: %q peaks at %.3f, want at most %.3f", lang, words, peak, audio.Ceiling)
			}
		}
	}
}

// TestRenderAgain renders some of the shipped sounds anew and compares bytes.
func TestRenderAgain(t *testing.T) {
	t.Parallel()
	for _, lang := range Languages() {
		t.Run(lang, func(t *testing.T) {
			l := speaker(lang)
			engine, err := espeak(t.Context(), l.Voice)
			if err != nil {
				t.Skipf("%s is not installed", program)
			}
			made, err := fs.ReadFile(l.Files, "clips/PROVENANCE")
			if err != nil {
				t.Fatal(err)
			}
			if string(made) != provenance(engine) {
				t.Skipf("the sounds were made by another than %q on %s", engine.name, runtime.GOARCH)
			}
			clips, err := shipped(l.Files)
			if err != nil {
				t.Fatal(err)
			}
			for i, words := range l.repertoire() {
				if i%120 != 0 {
					continue
				}
				got, err := engine.speak(t.Context(), words)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, clips[words].PCMU) {
					t.Errorf("%q was rendered differently", words)
				}
			}
		})
	}
}

// wav is a file of a tone of one second, as an operator might record it.
func wav(rate, channels int, gain float64) []byte { return tone(rate, rate, channels, gain) }

func tone(samples, rate, channels int, gain float64) []byte {
	var data bytes.Buffer
	for i := range samples {
		s := int16(32767 * min(max(gain*math.Sin(2*math.Pi*440*float64(i)/float64(rate)), -1), 1))
		for range channels {
			binary.Write(&data, binary.LittleEndian, s)
		}
	}
	var b bytes.Buffer
	b.WriteString("RIFF")
	binary.Write(&b, binary.LittleEndian, uint32(36+data.Len()))
	b.WriteString("WAVEfmt ")
	binary.Write(&b, binary.LittleEndian, []uint32{16, 1 | uint32(channels)<<16, uint32(rate), uint32(rate * channels * 2)})
	binary.Write(&b, binary.LittleEndian, []uint16{uint16(channels * 2), 16})
	b.WriteString("data")
	binary.Write(&b, binary.LittleEndian, uint32(data.Len()))
	b.Write(data.Bytes())
	return b.Bytes()
}

func write(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOverride(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "en", "welcome.wav"), wav(44100, 2, 0.3))
	write(t, filepath.Join(dir, "en", "welcome-to-acme.wav"), wav(16000, 1, 0.3))
	write(t, filepath.Join(dir, "en", "press-one.wav"), wav(8000, 1, 0.3))
	v, log := newVoice(t, Config{Override: dir})
	tests := []struct {
		name   string
		prompt ivr.Prompt
		want   time.Duration
	}{
		{"by name", ivr.Prompt{Name: "welcome"}, time.Second},
		{"by words", ivr.Prompt{Text: "Welcome to Acme!"}, time.Second},
		{"a piece", ivr.Prompt{Name: "press_right", Key: "1"}, time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			clips := v.Say("en", tt.prompt)
			if len(clips) == 0 {
				t.Fatal("nothing to hear")
			}
			last := clips[len(clips)-1]
			if got := last.Duration().Round(100 * time.Millisecond); got != tt.want {
				t.Errorf("it plays %v, want %v", got, tt.want)
			}
			if level := audio.Level(audio.Decode(last.PCMU).Samples); math.Abs(level-audio.Target) > 0.5 {
				t.Errorf("it is at %.1f dBov, want %.1f", level, audio.Target)
			}
		})
	}
	if log.Len() > 0 {
		t.Errorf("log is %q, want nothing", log)
	}
}

func TestOverrideMistakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret.wav")
	write(t, outside, wav(8000, 1, 0.3))
	write(t, filepath.Join(dir, "en", "offer.wav"), wav(8000, 1, 0.3))
	write(t, filepath.Join(dir, "en", "silence.wav"), wav(8000, 1, 0))
	write(t, filepath.Join(dir, "en", "welcome.wav"), []byte("ID3 no wave"))
	write(t, filepath.Join(dir, "fi", "goodbye.wav"), wav(8000, 1, 3))
	write(t, filepath.Join(dir, "fi", "sorry.wav"), wav(8000, 1, 0.006))
	if err := os.Symlink(outside, filepath.Join(dir, "fi", "thanks.wav")); err != nil {
		t.Fatal(err)
	}
	_, err := New(Config{Override: dir})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"recording en/offer.wav: one recording cannot say it, as {at}, {key} changes",
		"recording en/silence.wav: it is silent",
		"recording en/welcome.wav: not a WAV file",
		"recording fi/goodbye.wav: it is distorted",
		"recording fi/sorry.wav: it is too quiet: speech at -47 dBov",
		"recording fi/thanks.wav: openat fi/thanks.wav: path escapes from parent",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error is %q, want %q in it", err, want)
		}
	}
}

// cat is an engine that says the same whatever it is asked to.
func cat(t *testing.T, content []byte) Engine {
	t.Helper()
	if _, err := exec.LookPath("cat"); err != nil {
		t.Skip("cat is not installed")
	}
	file := filepath.Join(t.TempDir(), "said.wav")
	write(t, file, content)
	return Engine{Exec: []string{"cat", file}}
}

func TestEngine(t *testing.T) {
	t.Parallel()
	cfg := Config{Cache: t.TempDir(), TTS: map[string]Engine{"en": cat(t, tone(2205, 22050, 1, 0.2))}}
	wait := ivr.Prompt{Name: "press_wait", Key: "0", N: 12}
	v, log := newVoice(t, cfg)
	if got := len(patient(v).Say("en", wait)); got != 1 {
		t.Fatalf("said in %d pieces, want the whole sentence; log is %q", got, log)
	}
	v.Close()

	// Another process finds it on disk, though the engine is broken by now.
	write(t, cfg.TTS["en"].Exec[1], nil)
	v, log = newVoice(t, cfg)
	if got := len(v.Say("en", wait)); got != 1 {
		t.Errorf("said in %d pieces, want what is stored", got)
	}
	offer := ivr.Prompt{Name: "offer", Key: "2", At: at(1, 15, 30), Now: now}
	if got, want := captions(v, "en", patient(v).Say("en", offer)), "For a call today at three thirty in the afternoon press two."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	v.Close()
	if want := "sentence not rendered"; !strings.Contains(log.String(), want) {
		t.Errorf("log is %q, want %q", log, want)
	}
}

// What was said to one person about his call is in nobody's folder afterwards:
// not his number, his name or his time; and no log has them.
func TestNothingPersonalIsStored(t *testing.T) {
	t.Parallel()
	cfg := Config{Languages: []string{"en"}, Cache: t.TempDir(), TTS: map[string]Engine{"en": cat(t, tone(2205, 22050, 1, 0.2))}}
	v, _ := newVoice(t, cfg)
	patient(v)
	for _, p := range []ivr.Prompt{
		{Name: "number_is", Digits: "+358401234567"},
		{Name: "brief_name", Text: "Aino Virtanen"},
		{Name: "booked", At: at(1, 15, 30), Now: now},
	} {
		if got := len(v.Say("en", p)); got != 1 {
			t.Errorf("%s is said in %d pieces, want the whole sentence", p.Name, got)
		}
	}
	v.Close()
	if left := stored(t, cfg); len(left) > 0 {
		t.Errorf("stored are %v", left)
	}

	cfg.TTS["en"] = Engine{Exec: []string{"false"}}
	v, log := newVoice(t, cfg)
	patient(v).Say("en", ivr.Prompt{Name: "brief_name", Text: "Aino Virtanen"})
	v.Close()
	if strings.Contains(log.String(), "Virtanen") {
		t.Errorf("logged %s", log)
	}
}

// stored lists the files of rendered English.
func stored(t *testing.T, cfg Config) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cfg.Cache, "en", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestTwoCallersShareARendering(t *testing.T) {
	t.Parallel()
	slow := cat(t, tone(800, 8000, 1, 0.2))
	log := filepath.Join(t.TempDir(), "log")
	slow.Exec = []string{"sh", "-c", "echo run >>" + log + "; sleep 0.1; cat " + slow.Exec[1]}
	v, _ := newVoice(t, Config{Cache: t.TempDir(), TTS: map[string]Engine{"en": slow}})
	patient(v)
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			if got := len(v.Say("en", ivr.Prompt{Name: "booked", At: at(1, 9, 0), Now: now})); got != 1 {
				t.Errorf("said in %d pieces, want the whole sentence", got)
			}
		})
	}
	callers.Wait()
	if runs, err := os.ReadFile(log); err != nil || string(runs) != "run\n" {
		t.Errorf("the engine ran %q, want once; %v", runs, err)
	}
}

func TestSlowEngine(t *testing.T) {
	t.Parallel()
	slow := cat(t, nil)
	slow.Exec = []string{"sleep", "60"}
	v, _ := newVoice(t, Config{Cache: t.TempDir(), TTS: map[string]Engine{"en": slow}})
	begin := time.Now()
	if got := v.Say("en", ivr.Prompt{Name: "thanks"}); len(got) != 1 {
		t.Errorf("said in %d pieces, want the shipped sound", len(got))
	}
	if took := time.Since(begin); took < Budget {
		t.Errorf("gave up after %v, want %v", took, Budget)
	}
	v.Close() // ends the engine; the test would hang if it did not
}

// The sounds that ship have the voice of espeak-ng, so it is asked only for
// words that are not among them.
func TestBuiltInEngineSaysOnlyNames(t *testing.T) {
	t.Parallel()
	v, _ := newVoice(t, Config{Cache: t.TempDir(), TTS: map[string]Engine{"en": cat(t, tone(2205, 22050, 1, 0.2))}})
	patient(v).tongue("en").engine.builtIn = true
	for _, tt := range []struct {
		prompt ivr.Prompt
		whole  bool
	}{
		{ivr.Prompt{Name: "number_is", Digits: "+358401234567"}, false},
		{ivr.Prompt{Name: "booked", At: at(1, 15, 30), Now: now}, false},
		{ivr.Prompt{Name: "brief_name", Text: "Aino Virtanen"}, true},
	} {
		if got := len(v.Say("en", tt.prompt)); got == 0 || (got == 1) != tt.whole {
			t.Errorf("%s is said in %d pieces; want the whole sentence: %v", tt.prompt.Name, got, tt.whole)
		}
	}
}

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
