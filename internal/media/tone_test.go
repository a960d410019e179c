package media

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os/exec"
	"testing"
)

// A dual is a key as a telephone might send it.
type dual struct {
	key           byte
	ms            int
	off           float64 // deviation of both frequencies
	row, column   float64 // amplitudes
	offset, noise int
}

func (d dual) heard() string {
	var e ear
	var got []byte
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range d.samples() {
		if d.noise > 0 {
			s += int16(r.IntN(2*d.noise) - d.noise)
		}
		if key, ok := e.hear(PCMA.Decode(PCMA.Encode(s))); ok {
			got = append(got, key)
		}
	}
	return string(got)
}

func (d dual) samples() []int16 {
	out := make([]int16, 800+d.offset, 4000)
	low, high := frequencies(d.key)
	for n := range d.ms * 8 {
		t := 2 * math.Pi * float64(n) / rate * (1 + d.off)
		out = append(out, int16(d.row*math.Sin(low*t)+d.column*math.Sin(high*t)))
	}
	return append(out, make([]int16, 800)...)
}

func frequencies(key byte) (low, high float64) {
	for i := range len(tonePad) {
		if tonePad[i] == key {
			return toneHz[i/4], toneHz[4+i%4]
		}
	}
	return 0, 0
}

func TestTones(t *testing.T) {
	t.Parallel()
	const level = 4000
	decibel := func(db float64) float64 { return level * math.Pow(10, db/20) }
	for _, tt := range []struct {
		name string
		d    dual
		ok   bool
	}{
		{"40 ms", dual{ms: 40, row: level, column: level}, true},
		{"100 ms", dual{ms: 100, row: level, column: level}, true},
		{"20 ms", dual{ms: 20, row: level, column: level}, false},
		{"a press of 3 s", dual{ms: 3000, row: level, column: level}, true},
		{"1.5 % high", dual{ms: 60, off: .015, row: level, column: level}, true},
		{"1.5 % low", dual{ms: 60, off: -.015, row: level, column: level}, true},
		{"3.5 % high", dual{ms: 100, off: .035, row: level, column: level}, false},
		{"3.5 % low", dual{ms: 100, off: -.035, row: level, column: level}, false},
		{"column 4 dB over", dual{ms: 60, row: level, column: decibel(4)}, true},
		{"row 4 dB over", dual{ms: 60, row: decibel(4), column: level}, true},
		{"row 8 dB over", dual{ms: 60, row: decibel(8), column: level}, true},
		{"column 8 dB over", dual{ms: 60, row: level, column: decibel(8)}, false},
		{"row 12 dB over", dual{ms: 60, row: decibel(12), column: level}, false},
		{"row alone", dual{ms: 100, row: level}, false},
		{"noise 18 dB below", dual{ms: 60, row: level, column: level, noise: 870}, true},
		{"far too quiet", dual{ms: 100, row: 60, column: 60}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for i := range len(tonePad) {
				for offset := 0; offset < blockSamples; offset += 13 {
					d := tt.d
					d.key, d.offset = tonePad[i], offset
					want := ""
					if tt.ok {
						want = string(d.key)
					}
					if got := d.heard(); got != want {
						t.Errorf("key %c at %d: heard %q, want %q", d.key, offset, got, want)
					}
				}
			}
		})
	}
}

// TestGaps breaks a key off for a moment: 10 ms are a bad line, 40 ms are a
// second press (ITU-T Q.24).
func TestGaps(t *testing.T) {
	t.Parallel()
	for gap, want := range map[int]string{5: "6", 10: "6", 40: "66", 80: "66"} {
		for offset := 0; offset < blockSamples; offset += 5 {
			press := dual{key: '6', ms: 80, row: 4000, column: 4000}.samples()[800 : 800+640]
			sound := append(make([]int16, offset), press...)
			sound = append(append(append(sound, make([]int16, gap*8)...), press...), make([]int16, 400)...)
			var e ear
			var got []byte
			for _, s := range sound {
				if key, ok := e.hear(s); ok {
					got = append(got, key)
				}
			}
			if string(got) != want {
				t.Errorf("a gap of %d ms at %d: keys %q, want %q", gap, offset, got, want)
			}
		}
	}
}

func TestTonesSent(t *testing.T) {
	t.Parallel()
	for _, c := range []Codec{PCMU, PCMA} {
		var e ear
		var got []byte
		for _, b := range tones("1199"+keyNames, c) {
			if key, ok := e.hear(c.Decode(b)); ok {
				got = append(got, key)
			}
		}
		if want := "1199" + keyNames; string(got) != want {
			t.Errorf("%s: heard %q, want %q", c, got, want)
		}
	}
}

// TestTalkOff listens for keys in speech that has none.
func TestTalkOff(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		t.Skip("espeak-ng is not installed: speech in six languages was not listened to")
	}
	for lang, text := range map[string]string{
		"en": "Good morning, I would like to ask about my bill, please call me back on Thursday at a quarter past nine.",
		"fi": "Hyvää huomenta, haluaisin kysyä laskustani, soittakaa minulle takaisin torstaina kello yhdeksän viisitoista.",
		"sv": "God morgon, jag skulle vilja fråga om min räkning, ring mig gärna på torsdag klockan kvart över nio.",
		"de": "Guten Morgen, ich habe eine Frage zu meiner Rechnung, bitte rufen Sie mich am Donnerstag um Viertel nach neun zurück.",
		"fr": "Bonjour, je voudrais poser une question sur ma facture, rappelez-moi jeudi à neuf heures et quart, s'il vous plaît.",
		"es": "Buenos días, quisiera preguntar por mi factura, llámeme el jueves a las nueve y cuarto, por favor.",
	} {
		for _, pitch := range []string{"30", "50", "90"} {
			t.Run(lang+" "+pitch, func(t *testing.T) {
				t.Parallel()
				wav, err := exec.CommandContext(t.Context(), "espeak-ng", "-v", lang, "-p", pitch, "--stdout", text).Output()
				if err != nil || len(wav) < 44+22050 {
					t.Fatalf("speak: %d bytes, %v", len(wav), err)
				}
				var e ear
				for _, s := range telephone(wav[44:]) {
					if key, ok := e.hear(PCMA.Decode(PCMA.Encode(s))); ok {
						t.Errorf("heard the key %c in speech", key)
					}
				}
			})
		}
	}
}

// telephone brings speech of 22,050 samples a second to 8,000, each the mean
// of the samples around it.
func telephone(pcm []byte) []int16 {
	const step = 22050.0 / rate
	var out []int16
	for at := step; int(at+step)*2+1 < len(pcm); at += step {
		sum, n := 0, 0
		for i := int(at - step/2); i < int(at+step/2); i++ {
			sum += int(int16(binary.LittleEndian.Uint16(pcm[2*i:])))
			n++
		}
		out = append(out, int16(sum/n))
	}
	return out
}
