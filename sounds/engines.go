package sounds

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// A maker is a speech engine that Debian has, by name.
type maker struct {
	program string // what is started; the package has the name of the engine
	args    func(voice string) []string
	voice   string                              // when none is named
	charset func(lang string) encoding.Encoding // what it reads; nil for UTF-8
}

// fileArg stands among the arguments of an engine that only writes to files
// which it can wind back.
const fileArg = "{file}"

var makers = map[string]maker{
	program: {program: program, voice: "en", args: func(voice string) []string {
		return []string{"-v", voice, "--stdin", "--stdout"}
	}},
	"flite": {program: "flite", voice: "slt", args: func(voice string) []string {
		return []string{"-voice", voice, "-f", "/dev/stdin", "-o", fileArg}
	}},
	"festival": {program: "text2wave", voice: "kal_diphone", charset: latin, args: func(voice string) []string {
		return []string{"-o", fileArg, "-eval", "(voice_" + voice + ")"} // a pipe has the length of nothing in its head
	}},
}

// voiceName is what voices are called. Festival is given a program with it.
var voiceName = regexp.MustCompile(`^[A-Za-z0-9_+-]*$`)

// latin is how festival wants to read a language.
func latin(lang string) encoding.Encoding {
	switch lang {
	case "cs":
		return charmap.ISO8859_2
	case "ro":
		return charmap.ISO8859_16
	}
	return charmap.ISO8859_15
}

// named checks an engine that is called by its name.
func (e Engine) named() error {
	m, ok := makers[e.Engine]
	switch {
	case !ok:
		return fmt.Errorf("no engine is called %q; the engines are %s, and any program as exec", e.Engine, strings.Join(slices.Sorted(maps.Keys(makers)), ", "))
	case len(e.Exec) > 0:
		return fmt.Errorf("engine and exec are two programs; take one of them out")
	case !voiceName.MatchString(e.Voice):
		return fmt.Errorf("a voice has letters and digits in its name, and not %q", e.Voice)
	}
	if _, err := exec.LookPath(m.program); err != nil {
		return fmt.Errorf("speech engine: %w: install the package %s", err, e.Engine)
	}
	return nil
}

// speech returns the engine with its voice, for one language.
func (e Engine) speech(lang string) *speech {
	m, ok := makers[e.Engine]
	if !ok {
		return custom(e)
	}
	voice := cmp.Or(e.Voice, m.voice)
	e.Exec = append([]string{m.program}, m.args(voice)...)
	s := &speech{Engine: e, name: e.Engine + " " + voice}
	if m.charset != nil {
		s.charset = m.charset(lang)
	}
	return s
}

// written starts an engine that writes into a file, and returns what is there.
func (s *speech) written(run func(args []string) ([]byte, error)) ([]byte, error) {
	at := slices.Index(s.Exec, fileArg)
	if at < 0 {
		return run(s.Exec)
	}
	file, err := os.CreateTemp("", "holdless-speech-*.wav")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // what is left is in the folder for that
	if err := file.Close(); err != nil {
		return nil, err
	}
	args := slices.Clone(s.Exec)
	args[at] = file.Name()
	if _, err := run(args); err != nil {
		return nil, err
	}
	return os.ReadFile(file.Name())
}
