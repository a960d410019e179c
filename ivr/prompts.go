package ivr

import (
	"maps"
	"strings"
)

// prompts lists every sentence that a menu can say by name, with the holes
// that its words may have, each filled from the field of [Prompt] of that
// name; {day} is the day of At alone. Package sounds has the words.
var prompts = map[string]string{
	// Anywhere.
	"welcome":   "",
	"goodbye":   "",
	"bye":       "", // The same to whom we have called.
	"thanks":    "",
	"sorry":     "",         // Something went wrong on our side. Lines say it when a talk breaks.
	"option":    "text key", // For {text}, press {key}.
	"wrong_key": "",         // That key does nothing here.
	"silence":   "",         // I did not hear a key.

	"press_language": "key", // For English, press {key}: each language names itself.

	"unclear": "", // To words: that was not understood.

	// A person.
	"connecting":   "",
	"nobody_free":  "",
	"press_called": "key", // To be called back instead of waiting.
	"press_person": "key",
	"press_wait":   "n key", // To wait for a person, at most {n} minutes, press {key}.
	"next_in_line": "",      // You are next.
	"in_line":      "n",     // You are number {n} in line.
	"wait_most":    "n",     // You wait at most {n} minutes.
	"press_place":  "key",   // To be called back when it is your turn.
	"press_times":  "key",   // To choose a time for a call.
	"stay_on":      "",      // Or stay on the line.
	"closed":       "at",    // We are closed. We open {at}.
	"closed_now":   "",      // We are closed, and nobody knows until when.

	// Times to be called at.
	"offer":       "at key",  // For a call {at}, press {key}.
	"press_days":  "key",     // For other days, press {key}.
	"press_later": "key",     // For later times, press {key}.
	"which_day":   "",        // Which day suits you?
	"offer_day":   "day key", // For {day}, press {key}.
	"key_time":    "",        // Or key in the time, hours and minutes, and then hash.
	"nearest":     "at key",  // The nearest free time is {at}. To take it, press {key}.
	"not_a_time":  "",        // That is not a time of day.
	"taken":       "",        // Somebody else has just taken that time.
	"no_times":    "",        // No time is free.

	// The number to call.
	"number_is":          "digits", // We will call {digits}.
	"press_right":        "key",    // If that is right, press {key}.
	"press_other_number": "key",    // For another number, press {key}.
	"key_number":         "",       // Key in your number, and then hash.
	"number_refused":     "",       // We cannot call that number.

	// The promise.
	"booked":       "at", // We will call you {at}.
	"placed":       "at", // You keep your place. We will call you when it is your turn, at the latest {at}.
	"have_booking": "at", // We have promised to call you {at}.
	"press_keep":   "key",
	"press_move":   "key",
	"press_cancel": "key",
	"kept":         "at", // It stands: we will call you {at}.
	"moved":        "at", // We will call you {at} instead.
	"cancelled":    "",   // We will not call you.

	// To whom nobody can serve, where messages are taken.
	"number_or_say": "", // We have no number of yours: key it in, and then hash; or wait, and say it in your message.
	"leave_message": "", // Speak after the tone; it is recorded; hang up if you do not want that.
	"message_kept":  "", // It is kept, and we will call you.
	"message_none":  "", // I heard no message.

	// May we ask how it was?
	"ask_consent":   "", // May we text you one question about the call, when it is over?
	"press_agree":   "key",
	"press_decline": "key",

	// What an agent hears.
	"callback_due":         "",
	"caller_waiting":       "",
	"brief_name":           "text", // The customer is {text}.
	"brief_topic":          "text", // The matter is {text}.
	"brief_attempt":        "n",    // This is attempt {n}.
	"press_take":           "key",
	"press_pass":           "key",
	"unreached_unsent":     "",
	"unreached_busy":       "",
	"unreached_no_answer":  "",
	"unreached_machine":    "",
	"unreached_rejected":   "",
	"unreached_bad_number": "",
	"unreached_carrier":    "",
	"unreached_later":      "",
	"ringing_customer":     "", // I am calling the customer.
	"ask_solved":           "", // Is the matter solved?
	"press_yes":            "key",
	"press_no":             "key",
	"noted":                "", // It is written down.

	// What an agent hears who calls us.
	"ask_pin":         "",
	"wrong_pin":       "",
	"you_available":   "",
	"you_break":       "",
	"you_offline":     "",
	"press_available": "key",
	"press_break":     "key",
	"press_offline":   "key",
	"press_agenda":    "key", // To hear your callbacks of today.
	"agenda_at":       "at",  // A call {at}. The name and the matter follow.
	"agenda_none":     "",
	"press_call":      "key", // To call now.
	"press_next":      "key", // For the next one.
	"call_not_now":    "",    // That call cannot be made now.

	// What an agent hears who records what callers hear.
	"press_prompts":   "key", // To record what callers hear.
	"record_no":       "",    // You may not record what callers hear.
	"ask_prompt":      "",    // Key in the number of the prompt, and then hash.
	"prompt_unknown":  "",    // No prompt has that number.
	"prompt_is":       "",    // Callers hear this now: the prompt follows.
	"speak_now":       "",    // Speak after the tone, and then press hash.
	"take_is":         "",    // You have said this: the take follows.
	"press_keep_take": "key", // To keep it.
	"press_record":    "key", // To record it again.
	"press_leave":     "key", // To leave it as it was.
	"take_kept":       "",    // It is kept. Callers hear it from the next call on.
	"take_quiet":      "",    // That was too quiet.
	"take_loud":       "",    // That was distorted.
	"take_short":      "",    // I heard nothing.
	"take_lost":       "",    // That cannot be kept.

	// What a customer hears when the promise is kept.
	"callback_here": "", // This is the call that you asked for.
	"press_now":     "key",
	"press_soon":    "key", // In fifteen minutes.
	"press_another": "key", // At another time.
	"press_stop":    "key", // No call needed, or not the right person.
	"call_soon":     "",    // We will call again in fifteen minutes.
	"no_more_calls": "",    // We will not call again about this.
	"tried_you":     "",    // To a machine: we have called, and will try again.

	// At the end of a call.
	"rate_us":    "", // How was it? 1 is poor, 5 excellent.
	"rate_sorry": "", // To an unhappy answer.

	// Texts.
	"csat":         "",     // How satisfied were you? 1 to 5; 0 for no more questions.
	"nps":          "",     // How likely are you to recommend us? 0 to 10.
	"ces":          "",     // How easy was it? 1 to 7; 0 for no more questions.
	"solved":       "",     // Thanks. Is your matter solved? 1 yes, 2 not yet.
	"went_wrong":   "",     // Thanks. What should we do better?
	"text_sorry":   "",     // To an unhappy answer. A person will read it.
	"text_thanks":  "text", // To a happy one; {text} is the name.
	"texts_stop":   "",     // We will not ask again.
	"survey_close": "",     // Thanks, after an answer that was not understood.

	// Texts that the desk sends by itself.
	"text_booked":    "at",     // We will call you {at}.
	"text_placed":    "at",     // We will call you when it is your turn, at the latest {at}.
	"text_moved":     "at",     // We will call you {at} instead.
	"text_cancelled": "",       // We will not call you.
	"text_from":      "digits", // We will call from {digits}. It follows text_booked and text_moved.
	"text_late":      "at",     // We are late, and sorry. We will call you {at}.
	"text_halted":    "",       // We are late, and sorry. We will call you as soon as we can.
	"text_tried":     "",       // We tried to call you, and will try again.
	"text_unreached": "",       // We could not reach you, and will not try again. Call us when it suits you.
	"text_cut_off":   "at key", // We were cut off, and are sorry. To be called {at}, answer {key}.
}

// PromptNames returns the name of every sentence that a menu can say, with
// the holes that its words may have: "text", "key", "digits", "n", "at" or
// "day", which is At without the time of day.
func PromptNames() map[string][]string {
	all := maps.Clone(prompts)
	names := make(map[string][]string, len(all))
	for name, holes := range all {
		names[name] = strings.Fields(holes)
	}
	return names
}
