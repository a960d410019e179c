package sounds

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"

	"github.com/holdless/holdless/sounds/audio"
)

// index is the file that says which sound says what: a line for each, its
// name, a tab, its words.
const index = "index.tsv"

// fileName names the sound of words. The voice is part of the name, so that a
// new engine, or a new version of it, never speaks with the sounds of the old.
func fileName(voice, words string) string {
	sum := sha256.Sum256([]byte(voice + "\x00" + words))
	return hex.EncodeToString(sum[:8]) + ".ulaw"
}

// shipped reads the sounds of a language that ship with holdless, by words.
func shipped(files fs.FS) (map[string]Clip, error) {
	list, err := fs.ReadFile(files, "clips/"+index)
	if err != nil {
		return nil, err
	}
	clips := make(map[string]Clip, strings.Count(string(list), "\n"))
	for line := range strings.Lines(string(list)) {
		name, words, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			return nil, fmt.Errorf("clips/%s: line without a tab: %q", index, line)
		}
		ulaw, err := fs.ReadFile(files, "clips/"+name)
		if err != nil {
			return nil, err
		}
		clips[words] = newClip(ulaw)
	}
	return clips, nil
}

// pause is the silence between groups of digits.
var pause = newClip(audio.Encode(audio.PCM{Rate: audio.Rate, Samples: make([]float64, audio.Rate/4)}))
