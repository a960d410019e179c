package sounds

import (
	"maps"
	"strings"
)

// messages lists the texts that the desk sends by itself, with their holes.
// {text} is where to change it: a link, or a number to call; {digits} is the
// number that we call from. A clause whose hole stays empty is left out.
var messages = map[string]string{
	"text_booked":      "at digits text",
	"text_moved":       "at text",
	"text_cancelled":   "text",
	"text_reminder":    "at text",
	"text_late":        "at text",        // the promise will be kept late; at is the new time
	"text_missed":      "at digits text", // we called, and nobody took it
	"text_stopped":     "text",           // no more tries
	"text_interrupted": "text",           // a fault of ours ended the call
	"text_thanks":      "text",           // to a happy answer; text is the name
	"text_sorry":       "text",           // to an unhappy answer
}

// MessageNames returns the names of all texts that the desk sends by itself,
// with the holes that their words have, as [ivr.PromptNames] does for menus.
func MessageNames() map[string][]string {
	all := make(map[string][]string, len(messages))
	for name, holes := range maps.All(messages) {
		all[name] = strings.Fields(holes)
	}
	return all
}

// unsaid names what is said in place of words that nobody can speak.
const unsaid = "unsaid"
