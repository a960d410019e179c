package ivr

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"sync"
)

// A Menu is one conversation as it was written, checked and ready to be held.
// It never changes, and many talks may use it at once.
type Menu struct {
	name      string
	version   string
	source    string
	audience  audience
	languages []string
	spoken    []Field // where each of them stands; none when the file names none
	canary    int     // of a hundred callers, who meet it first; 0 for all
	speaksAll bool    // the file names no languages: it is all that holdless has
	start     string
	stuck     string            // where to go when the person is not understood
	anytime   map[string]string // keys that work wherever keys are heard
	nodes     map[string]kind
	texts     map[string][]string // the supervisor's own words, by language
	outline   []Node
	ways      []Way
	words     []Words
	tests     []Test
	lines     []string // of all files, for excerpts
	sections  []section
	warnings  Mistakes
	idle      sync.Pool // talks between two steps
}

// An audience is whom a menu speaks to, which decides what it owes them.
type audience string

const (
	caller   audience = "caller"   // called us: a person is always one key away
	customer audience = "customer" // was called by us: an agent waits on the line
	agent    audience = "agent"    // works here
	texter   audience = "text"     // reads and writes text messages
)

// A kind is one sort of node.
type kind interface {
	// enter says what the node has to say. It returns the node that follows by
	// itself, or "" when the turn is complete.
	enter(t *talk) (next string)
	// hear takes an event that came while the talk was here. It returns the
	// node that follows, or "" when the turn is complete; false when the event
	// means nothing here.
	hear(t *talk, e Event) (next string, ok bool)
}

// kinds lists every sort of node by its name in YAML.
var kinds = map[string]func(*fields) kind{
	"agenda":     readAgenda,
	"ask":        readAsk,
	"ask_digits": readAskDigits,
	"ask_number": readAskNumber,
	"book":       readBook,
	"connect":    readConnect,
	"duty":       readDuty,
	"end":        readEnd,
	"goto":       readGoto,
	"hours":      readHours,
	"language":   readLanguage,
	"menu":       readMenu,
	"offer":      readOffer,
	"record":     readRecord,
	"say":        readSay,
	"sign_in":    readSignIn,
	"transfer":   readTransfer,
	"voicemail":  readVoicemail,
	"wait":       readWait,
}

// Name returns the name that the menu was parsed under.
func (m *Menu) Name() string { return m.name }

// Version returns a short name of exactly this text of the menu.
func (m *Menu) Version() string { return m.version }

// Source returns the text that the menu was parsed from, but for canary:.
func (m *Menu) Source() string { return m.source }

// Languages returns the languages the menu can speak, the first choice first.
func (m *Menu) Languages() []string { return slices.Clone(m.languages) }

// Texts returns the supervisor's own words in a language, in the order of the
// file: what needs a voice that no recording comes with.
func (m *Menu) Texts(lang string) []string { return slices.Clone(m.texts[lang]) }

// Warnings returns what is allowed in the menu and yet not good for callers.
func (m *Menu) Warnings() Mistakes { return slices.Clone(m.warnings) }

// Offers reports whether the menu offers times, so that Facts.Slots is needed.
func (m *Menu) Offers() bool {
	for _, k := range m.nodes {
		if _, ok := k.(*offer); ok {
			return true
		}
	}
	return false
}

// OffersInLine reports whether who waits at a node hears that he may be called back
// instead.
func (m *Menu) OffersInLine(node string) bool {
	k, ok := m.nodes[node].(*wait)
	return ok && (k.place != "" || k.times != "")
}

// Parse reads a menu file and proves that a caller can never be lost in it.
// The name is that of the file, for messages. An error is always [Mistakes],
// and has everything that is wrong at once.
func Parse(name string, src []byte) (*Menu, error) {
	return parse(name, src, func(string) ([]byte, error) { return nil, fs.ErrNotExist })
}

func parse(name string, src []byte, open Opener) (*Menu, error) {
	first, files := bundled(string(src))
	r := newReader(name, []byte(first))
	r.open = func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return open(name)
	}
	r.menu = &Menu{name: name, texts: map[string][]string{}}
	r.read()
	r.strays(files)
	if len(r.mistakes) > 0 {
		return nil, r.report()
	}
	r.warnings.sort()
	text := r.withoutCanary()
	sum := sha256.Sum256(text)
	r.menu.version, r.menu.source = hex.EncodeToString(sum[:6]), string(text)
	r.menu.warnings, r.menu.lines, r.menu.sections = r.warnings, r.shown, r.sections
	return r.menu, nil
}

//go:embed menus/*.yaml
var shipped embed.FS

// Default returns a menu that ships with holdless: "main", "agent",
// "whisper", "customer", "survey", "survey_solved", "nps" or "ces".
func Default(name string) (*Menu, error) {
	src, err := DefaultSource(name)
	if err != nil {
		return nil, err
	}
	return Parse(name+".yaml", src)
}

// DefaultSource returns the text of a menu that ships with holdless.
func DefaultSource(name string) ([]byte, error) {
	src, err := shipped.ReadFile("menus/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no menu called %q ships with holdless", name)
	}
	return src, nil
}
