package reports

// deeds say what was done, where the journal has shorter words.
var deeds = map[string]string{
	"menu.live": "put a menu before callers", "menu.trial": "put a menu on trial", "menu.refused": "offered a menu that is not right",
	"menu.promoted": "put what was on trial before all callers", "menu.withdrawn": "took back what was on trial",
	"menu.recording": "changed a recording", "menu.hours": "changed the hours", "menu.capacity": "changed how many can be promised", "menu.notice": "changed the notice",

	"user.added": "added an account", "user.changed": "changed an account", "user.removed": "removed an account", "user.link": "made a link to sign in",
	"user.signed_in": "signed in", "user.signed_out": "signed out", "user.refused": "was not let in", "user.password": "changed the password",
	"user.proof_added": "added a way to sign in", "user.proof_removed": "removed a way to sign in",
	"feed.added": "made a link to a calendar", "feed.ended": "took back a link to a calendar",
	"key.added": "added a key of the API", "key.revoked": "revoked a key of the API",
	"webhook.replayed": "sent a webhook once more", "webhook.enabled": "enabled a webhook again",

	"agent.available": "is available", "agent.break": "is on a break", "agent.offline": "is offline", "agent.next": "said what comes after the call",
	"agent.signed_in": "signed in by telephone", "agent.wrong_pin": "keyed in a wrong PIN", "agent.missed": "did not take a call",
	"dialing.stopped": "stopped dialling", "dialing.started": "started dialling", "person.erased": "erased a person",
	"number.allowed": "let a number be called again", "number.blocked": "keeps a number from being called",

	"desk.claim": "took a callback over", "desk.release": "gave a callback back to the team", "desk.call": "called at once", "desk.snooze": "put a call off",
	"desk.move": "promised another time", "desk.cancel": "cancelled a callback", "desk.hand": "handed a callback over", "desk.note": "wrote a note",
	"desk.outcome": "wrote up a call", "desk.undo": "undid a deed",

	"callback.held": "holds a time", "callback.booked": "promised a callback", "callback.claimed": "took a callback in hand",
	"callback.agent_ringing": "is rung for a callback", "callback.agent_ready": "answered for a callback", "callback.customer_dialing": "had a customer dialled",
	"callback.connected": "spoke with a customer", "callback.wrapup": "writes up a callback", "callback.retry_wait": "has a customer tried again",
	"callback.interrupted": "left a call unknown", "callback.done": "closed a callback", "callback.expired": "let a callback lapse",
	"callback.cancelled": "cancelled a callback", "callback.failed": "gave a callback up",

	"promise.broken": "put a promise off", "attempt.unsent": "could not be called",
	"transfer": "put a call through", "transfer.taken": "took a call that was put through", "transfer.refused": "could not put a call through",
	"transfer.missed": "reached nobody to put a call through to",
}
