package sounds

import (
	"maps"
	"slices"
	"strings"
)

// messages lists the texts that no menu says, with their holes.
var messages = map[string]string{
	"text_reminder": "at",
	"text_thanks":   "text", // to a happy answer; text is the person's name
	"text_sorry":    "",     // to an unhappy answer
}

// MessageNames returns the names of the texts that no menu says, with the
// holes that their words have, as [ivr.PromptNames] does for all others.
func MessageNames() map[string][]string {
	all := make(map[string][]string, len(messages))
	for name, holes := range maps.All(messages) {
		all[name] = strings.Fields(holes)
	}
	return all
}

// unsaid names what is said in place of words that nobody can speak.
const unsaid = "unsaid"

// written reports whether a name is only ever written, and needs no sound.
func written(name string) bool {
	return strings.HasPrefix(name, "text_") || slices.Contains([]string{"csat", "texts_stop", "survey_close"}, name)
}
