package ivr

// meanings says in words what each kind of node does, and what each of its
// names is for. Editors show it; a test sees that none is missing.
var meanings = map[string]string{
	"menu file.for":       "Whom the menu speaks to.",
	"menu file.languages": "The languages it speaks, the first choice first; all for every language of holdless.",
	"menu file.canary":    "The share of the callers that meet this text first, such as 10%; everybody when it is left out.",
	"menu file.start":     "The node where the talk begins.",
	"menu file.stuck":     "Where people go who are not understood twice in a row. For callers it must lead to a person.",
	"menu file.anytime":   "Keys that work wherever keys are heard; back and repeat may stand in place of a node.",
	"menu file.include":   "Files beside this one that more nodes are taken from.",
	"menu file.nodes":     "The steps of the talk, by name.",
	"menu file.tests":     "Written talks, by name: what somebody does (<) and what must follow (>).",
	"node.do":             "The kind of node.",

	"key.to":    "The node that the key leads to.",
	"key.value": "What is noted; the name of the node when left out.",
	"key.say":   "A built-in sentence about the key.",
	"key.label": "The matter, in each language, or one that every language knows: “For billing, press 1” is said by itself.",
	"key.lang":  "The language to go on in.",
	"key.if":    "Offer the key only to whom it is meant for.",

	"menu":       "Says what there is to choose from, and waits for one key.",
	"menu.say":   "What is said before the choices.",
	"menu.short": "The same when the person comes by again.",
	"menu.note":  "Remember the choice under this name.",
	"menu.wait":  "How long to wait for a key.",
	"menu.keys":  "At most 5 keys, better 4.",

	"say":      "Says something and goes on.",
	"say.say":  "What is said.",
	"say.then": "The node that follows.",

	"ask":         "One question of a survey.",
	"ask.say":     "The question.",
	"ask.short":   "The same when it is asked again.",
	"ask.save":    "The name of the answer.",
	"ask.answers": "The numbers that are answers; in texts any words will do when it is left out.",
	"ask.then":    "The node after the answer.",
	"ask.none":    "The node for who gives no answer; without it, stuck.",
	"ask.stop":    "The node for who wants no more messages.",

	"ask_digits":       "Asks for a number of the caller's, such as an order. # ends it.",
	"ask_digits.say":   "The question.",
	"ask_digits.short": "The same when it is asked again.",
	"ask_digits.save":  "The name under which the agent sees it.",
	"ask_digits.min":   "The least digits.",
	"ask_digits.max":   "The most digits.",
	"ask_digits.then":  "The node that follows.",

	"ask_number":      "Settles which number we call.",
	"ask_number.say":  "What is said before it.",
	"ask_number.then": "The node that follows.",

	"hours":        "Goes one way while the queue is at work, and says when it opens otherwise.",
	"hours.open":   "The node while the queue is at work.",
	"hours.closed": "The node while it is not.",

	"language":      "Asks in which language the talk goes on, unless the caller has chosen before.",
	"language.say":  "What is said before the languages.",
	"language.keys": "A language for each key; all of the menu, from 1 on, when left out.",
	"language.wait": "How long to wait for a key.",
	"language.then": "The node that follows.",

	"offer":      "Reads out free times and keeps the one that is chosen.",
	"offer.say":  "What is said before the times.",
	"offer.max":  "Times in one list.",
	"offer.wait": "Say that 0 is a person, and how long it takes.",
	"offer.then": "The node when a time is chosen.",
	"offer.none": "The node when no time is free.",

	"book":         "Writes the promise down, and says so only then.",
	"book.action":  "What to do about the promise.",
	"book.then":    "The node when it is done.",
	"book.taken":   "The node when somebody else has the time.",
	"book.refused": "The node when the number may not be called.",

	"connect":          "Rings somebody, and joins the two. Nobody is held.",
	"connect.say":      "What is said before it rings.",
	"connect.to":       "agents, agent:<name>, customer or waiting.",
	"connect.ring":     "How long it rings.",
	"connect.then":     "The node when the two have spoken.",
	"connect.busy":     "The node when nobody took the call.",
	"connect.callback": "The node when key 2 is pressed while it rings, to be called back instead.",
	"connect.outcomes": "Other nodes for some reasons why nobody took it.",

	"wait":        "Keeps a caller in line for an agent, with music. Key 1 and key 2 lead out of it at any time.",
	"wait.say":    "What is said before the place in line, once.",
	"wait.then":   "The node when somebody is free: a connect.",
	"wait.place":  "The node for key 1: to be called back when it is the caller's turn.",
	"wait.times":  "The node for key 2: to choose a time for a call.",
	"wait.every":  "How often the place is told again.",
	"wait.closed": "The node when the queue closes, or nobody may wait.",

	"sign_in":      "Asks an agent for the PIN, unless we know who calls.",
	"sign_in.say":  "What is said before it.",
	"sign_in.then": "The node when we know the agent.",

	"duty":      "Makes an agent available, or not, and says so.",
	"duty.set":  "What the agent does now.",
	"duty.then": "The node when it is so.",
	"duty.else": "The node when it cannot be.",

	"agenda":      "Reads out the callbacks of an agent for today: key 1 calls, key 2 is the next.",
	"agenda.then": "The node after the last one.",

	"record":      "Has an agent speak what callers hear: the number of a prompt, the words, and key 1 keeps them.",
	"record.then": "The node for who may not, or leaves.",

	"voicemail":      "Lets a caller leave a message, where the queue takes any (voicemail:).",
	"voicemail.then": "The node afterwards, and where no message is taken.",

	"transfer":          "Hands the call over to another place and leaves it.",
	"transfer.say":      "What is said before it.",
	"transfer.to":       "A number such as +358912345, a SIP address, or agent:<name>.",
	"transfer.ring":     "How long it rings.",
	"transfer.then":     "The node when the two have spoken.",
	"transfer.busy":     "The node when nobody took the call.",
	"transfer.outcomes": "Other nodes for some reasons why nobody took it.",

	"goto":      "Goes to one node if something is so, else to another.",
	"goto.if":   "What must be so; without it the talk always goes to then.",
	"goto.then": "The node if it is so.",
	"goto.else": "The node if it is not.",

	"end":      "Says goodbye.",
	"end.say":  "What is said last.",
	"end.note": "Something to write down, as name: value.",
}
