package callback

import (
	"context"
	"time"

	"github.com/holdless/holdless/callback/feedback"
	"github.com/holdless/holdless/callback/walk"
)

// Store keeps everything that must survive a restart.
type Store interface {
	// Update runs fn in one transaction: all it does lands, or none. On a
	// database that asks for it, fn runs again, so it must not act on the world.
	Update(ctx context.Context, fn func(Tx) error) error
	// View runs fn on a snapshot that it cannot change.
	View(ctx context.Context, fn func(Tx) error) error
}

// Tx is one transaction. What is asked for and is not there is [ErrNotFound].
type Tx interface {
	Talks
	Waiters
	Menus
	Callbacks
	Slots
	Attempts
	Outbox
	Roster
	Nodes
	Blocks
	Journal
	Inbox
	Surveys
	Languages
	Ledger
	Measures
	Erasure
	Histories
	Moods
	Paces
	Errands
}

// Languages keeps which language a person chose to be spoken with.
type Languages interface {
	PutLanguage(p Phone, lang string, at time.Time) error
	Language(Phone) (string, error)
}

// Talks keeps conversations.
type Talks interface {
	Talk(id string) (Talk, error)
	OpenTalk(line string, phone Phone) (Talk, error) // the newest that is not closed
	LiveTalks(Phone) ([]Talk, error)                 // by telephone, that are not closed
	PutTalk(Talk) error                              // adds or replaces
	// CallbacksOf returns the callbacks of those of some talks that are in a menu, ""
	// for any, and not closed, by talk.
	CallbacksOf(menu string, talks []string) (map[string]string, error)
}

// Waiters keeps who stands in line for an agent.
type Waiters interface {
	Waiter(talk string) (Waiter, error)
	Waiters(queue string) ([]Waiter, error) // by Place; "" for all queues
	PutWaiter(Waiter) error                 // adds or replaces
	DropWaiter(talk string) error           // one that is not there is no error
	// Placed counts the callbacks of a queue that nobody has in hand, that keep a
	// place before one in line, and that are due by an instant. Whoever stands in
	// line himself is not counted a second time.
	Placed(queue string, before, due time.Time) (int, error)
}

// Menus keeps the texts of menus, and what was done in them.
type Menus interface {
	KeepMenu(MenuVersion) error // adds it, or takes down that it is used again
	// LeaveMenu takes down when a version stopped being live. One that is not
	// there is no error.
	LeaveMenu(menu, version string, at time.Time) error
	MenuVersion(menu, version string) (MenuVersion, error)
	LiveMenu(menu string) (LiveMenu, error) // as it was put last
	PutLiveMenu(LiveMenu) error             // adds or replaces
	// MenuEntries returns lines of the journal about menus, newest first.
	MenuEntries(max int) ([]Entry, error)
	Count([]walk.Tally) error // adds to what was counted
	Tallies(walk.Filter) ([]walk.Tally, error)
	// Walked returns talks in a menu that are over and began since a time, the
	// newest first.
	Walked(menu string, since time.Time, max int) ([]Talk, error)
}

// Callbacks keeps promises.
type Callbacks interface {
	Callback(id string) (Callback, error)
	// OpenCallback finds the promise of a number that is neither at an end nor
	// only held: there is one at most, and the store sees to that.
	OpenCallback(queue string, phone Phone) (Callback, error)
	FindCallbacks(Filter) ([]Callback, error) // by DueAt, then ID
	// AddCallback adds one. It is ErrBooked when the number has an open one in
	// the queue, which a held one is not, or ErrKnown for its Key.
	AddCallback(Callback) error
	// MoveCallback writes c if the stored row still has state from and
	// c.Version; it then counts the version up. Else ErrMoved. It is ErrBooked
	// when a held one would become the second open one of its number.
	MoveCallback(c Callback, from State) error
	// DueCallbacks locks up to max booked or retrying callbacks that are due,
	// soonest first, skipping those that another transaction has locked.
	DueCallbacks(now time.Time, max int) ([]Callback, error)
	// NextDue returns when the next callback or message is due, of those that
	// are due later than after; zero when there is none.
	NextDue(after time.Time) (time.Time, error)
}

// A Mark is where a page of callbacks ends. It stands even when the callback
// itself has moved since, or is gone.
type Mark struct {
	At time.Time // due, or made, as the page is in order
	ID string
}

// An EntryMark is where a page of the journal ends that is in the order of time.
type EntryMark struct {
	At  time.Time
	Seq int64
}

// Filter chooses callbacks. Empty fields choose all.
type Filter struct {
	Short  string // of the ID, see [Short]
	Queue  string
	Phone  Phone
	Prefix Phone  // how the number begins
	Caller Phone  // who asked for it
	Agent  string // Owner or Agent
	Boot   string
	States []State
	From   time.Time // At, inclusive
	To     time.Time // At, exclusive
	Since  time.Time // CreatedAt, inclusive
	Moved  time.Time // UpdatedAt, inclusive
	After  Mark      // for the next page
	Made   bool      // in the order in which they were made, and not in that in which they are due
	Max    int       // 0 for 1,000
}

// Slots counts who has which time. A time is held by callbacks alone; the
// slot's row is the lock on which bookers queue.
type Slots interface {
	// LockSlot makes other bookers of this slot wait until the transaction
	// ends, and returns its capacity, which the first booker sets. Who confirms
	// a hold locks its slot too, and looks at the clock only then: with a look
	// from before the wait, a seat that has lapsed and was sold could be
	// confirmed.
	LockSlot(queue string, at time.Time, capacity int) (int, error)
	// CountSlots counts, by slot start in Unix milliseconds, the callbacks that
	// hold a place from from until to: all that are not cancelled or expired,
	// and holds until they lapse at now.
	CountSlots(queue string, from, to, now time.Time) (map[int64]int, error)
}

// Attempts keeps the dial ledger.
type Attempts interface {
	AddAttempt(Attempt) error // ErrKnown when the number or the ref is used
	PutAttempt(Attempt) error // by Ref
	Attempt(ref string) (Attempt, error)
	AttemptsOf(callback string) ([]Attempt, error)
	AttemptAs(provider string) (Attempt, error) // by what the carrier calls it
	// Dials counts the calls to a customer's number since an instant, without
	// those that never reached its telephone.
	Dials(p Phone, since time.Time) (int, error)
	// LockPhone makes others who lock this number wait until the transaction
	// ends. Who is about to call it, or to promise a call, looks only then at
	// what the others do.
	LockPhone(Phone) error
}

// Outbox keeps what must leave.
type Outbox interface {
	AddMessage(Message) error // ErrKnown when the key was used
	PutMessage(Message) error
	Message(id string) (Message, error)
	MessageByRef(ref string) (Message, error) // the newest that the carrier calls so
	// DueMessages locks up to max messages that are due and not leased.
	DueMessages(now time.Time, max int) ([]Message, error)
	SentTo(to string, since time.Time) (int, error)   // how many left, or are leaving, but for codes ("code:")
	MessagesTo(to string, max int) ([]Message, error) // newest first; "" for all
}

// Roster keeps what agents do. Within a transaction it stays as it was read
// first; PutStatus finds out what somebody else has changed since.
type Roster interface {
	Status(agent string) (Status, error)
	Statuses() ([]Status, error) // by Agent, byte by byte
	PutStatus(Status) error      // compare-and-set on Version, 0 adds; ErrMoved
}

// Nodes keeps the running processes, and which periodic work was done.
type Nodes interface {
	// Beat adds or replaces; SeenAt is the database's clock where it has one, so
	// ages are told by comparing with one's own row just written. A node with
	// DeadAt is declared dead; from then on its own beat is ErrMoved.
	Beat(Node) error
	Nodes() ([]Node, error)
	// StartRun claims one firing of a periodic job; false when it was claimed by
	// a process that lives, or has finished it.
	StartRun(job, key, boot string, at time.Time) (bool, error)
	FinishRun(job, key string, at time.Time) error
	LastRun(job string) (key string, at time.Time, err error)
}

// Errands keeps what processes are asked to do with the calls that they carry.
type Errands interface {
	AddErrand(Errand) error // At is the database's clock where it has one
	Errand(id string) (Errand, error)
	// TakeErrands returns, as taken, what a process was asked for within a time that
	// nobody has taken: each errand is returned once.
	TakeErrands(boot string, now time.Time, within time.Duration) ([]Errand, error)
	MoveErrand(id string, from, to ErrandState) error // compare-and-set, and forgets To; ErrMoved
	DropErrands(from, to ErrandState) error           // likewise all of processes that are dead
}

// Blocks keeps which numbers must be left alone.
type Blocks interface {
	// Block forbids kind for phone until an instant, for good when it is zero.
	// A later block replaces an earlier one; one that is over lifts it.
	Block(phone Phone, kind BlockKind, until time.Time) error
	Blocked(phone Phone, kind BlockKind, now time.Time) (bool, error)
}

// Journal is append-only. Whoever reads it after a sequence number misses
// nothing: the order of sequence numbers is the order of commits.
type Journal interface {
	Record(Entry) error
	Entries(after int64, max int) ([]Entry, error)
}

// Surveys keeps who was asked how it was, and what they said.
type Surveys interface {
	PutAsked(Asked) error // adds, or replaces how far it came
	Asked(talk string) (Asked, error)
	LastAsked(Phone) (Asked, error)
	PutScore(Score) error // adds, or replaces the answer to that question
	Score(talk, question string) (Score, error)
	PutConsent(Consent) error
	Consent(Phone) (Consent, error)
	AddContact(Contact) error // ErrKnown when the ID was used
	Figures(FigureFilter) (feedback.Figures, error)
	Surveyed(FigureFilter) (feedback.Figures, error) // how far surveys came, without what was said
	// Unsettled returns whom somebody spoke with before an instant and who are
	// not counted yet; Settle remembers that they are.
	Unsettled(before time.Time, max int) ([]Contented, error)
	Settle([]Contented) error
}

// Inbox keeps the texts that people sent, so that one that is delivered twice
// is taken once.
type Inbox interface {
	AddText(InText, time.Time) error // ErrKnown when line and ID were used
}
