package sounds

import (
	"maps"
	"strings"
)

// messages lists the texts that no menu says, with their holes.
var messages = map[string]string{
	"text_reminder": "at",
	"text_answers":  "", // how to move or cancel a callback: 2 and 9
	"text_again":    "", // how to get another call: 1
	// The same in fewer letters, and where a language can, without such as force
	// a text out of the GSM alphabet: so there is room for a link.
	"text_brief_booked":    "date time",
	"text_brief_placed":    "date time",
	"text_brief_moved":     "date time",
	"text_brief_late":      "date time",
	"text_brief_reminder":  "date time",
	"text_brief_halted":    "",
	"text_brief_tried":     "",
	"text_brief_unreached": "",
	"text_brief_cancelled": "",
	"text_brief_answers":   "",
	"text_brief_again":     "",

	"text_which":       "",             // which of these times? What follows are text_slot
	"text_slot":        "day key time", // one time, and the digit for it
	"text_no_times":    "",
	"text_kept":        "at",
	"text_unhappy":     "n text", // to whoever follows up: {text} gave {n} of 5
	"text_help":        "digits", // to HELP: who we are, what to do
	"text_survey_link": "text",   // the link

	// On the page behind that link.
	"text_page_title":        "",
	"text_page_csat":         "",
	"text_page_csat_least":   "",
	"text_page_csat_most":    "",
	"text_page_nps":          "",
	"text_page_nps_least":    "",
	"text_page_nps_most":     "",
	"text_page_ces":          "",
	"text_page_ces_least":    "",
	"text_page_ces_most":     "",
	"text_page_solved":       "",
	"text_page_solved_least": "",
	"text_page_solved_most":  "",
	"text_page_tell":         "",
	"text_page_send":         "",
	"text_page_no_more":      "",
	"text_page_choose":       "",
	"text_page_call":         "",
	"text_page_at":           "day time",
	"text_page_move":         "",
	"text_page_keep":         "",
	"text_page_cancel":       "",
	"text_page_now":          "",
	"text_page_over":         "",
	"text_page_language":     "",
	"text_page_busy":         "",
	"text_page_missed":       "", // a wish that cannot be granted now

	// On the page on which people ask to be called.
	"text_code":         "text", // the code that proves a number
	"text_form_title":   "",
	"text_form_number":  "",
	"text_form_when":    "",
	"text_form_next":    "",
	"text_form_sent":    "digits",
	"text_form_code":    "",
	"text_form_book":    "",
	"text_form_wrong":   "",
	"text_form_refused": "",
	"text_form_often":   "",
	"text_form_quiet":   "at", // until then
	"text_form_taken":   "",
	"text_form_none":    "",
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
