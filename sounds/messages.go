package sounds

import (
	"maps"
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

// onlyWritten begins the names of texts that nobody speaks.
const onlyWritten = "text_"

// unsaid names what is said in place of words that nobody can speak.
const unsaid = "unsaid"
