package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/api"
	"github.com/holdless/holdless/internal/articles"
	"github.com/holdless/holdless/internal/hooks"
	"github.com/holdless/holdless/internal/mail"
	"github.com/holdless/holdless/internal/sipline"
	"github.com/holdless/holdless/internal/sms"
	"github.com/holdless/holdless/internal/twilioline"
	"github.com/holdless/holdless/internal/web"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/scheduler"
	"github.com/holdless/holdless/sounds"
)

// config gathers what can be configured; each package has its own part.
type config struct {
	callback.Config `yaml:",inline"`

	Data      string                    `yaml:"data"`      // where the database and rendered prompts are
	Database  string                    `yaml:"database"`  // "" for SQLite in Data, or postgres://user@host/db
	Languages []string                  `yaml:"languages"` // the first is spoken when nobody chose
	Sounds    soundsConfig              `yaml:"sounds"`
	Articles  string                    `yaml:"articles"` // file with what agents look up; "" for none
	HTTP      web.Config                `yaml:"http"`
	Accounts  accounts.Config           `yaml:"accounts"`
	API       api.Config                `yaml:"api"`
	Webhooks  map[string]hooks.Endpoint `yaml:"webhooks"` // by name
	SIP       sipline.Config            `yaml:"sip"`
	Twilio    twilioline.Config         `yaml:"twilio"`
	SMS       sms.Config                `yaml:"sms"`
	Mail      mail.Config               `yaml:"mail"`
	Drain     callback.Span             `yaml:"drain"`     // how long live calls may go on after SIGTERM
	Lists     string                    `yaml:"lists"`     // when the lists of the day are written, as cron; "" for never
	Reminders string                    `yaml:"reminders"` // when people are reminded of what comes before the next time, as cron; "" for never
	Retention retention                 `yaml:"retention"`
	Log       logConfig                 `yaml:"log"`

	file  string               // that it was read from; "" for none
	dir   string               // where the file is: menus are named from here
	sound bool                 // nothing is wrong but with menus
	menus map[string]*ivr.Menu // by the name that numbers give them
	book  articles.Book
	vague []finding         // what is allowed in the book, and yet of no use
	files map[string]string // of those menus that do not ship
	wrong map[string]error  // menus that cannot be used, and why
}

// soundsConfig is what can be chosen about voices.
type soundsConfig struct {
	Override string                   `yaml:"override"` // the operator's own recordings: <lang>/<name>.wav; "" for recordings in data
	Cache    bool                     `yaml:"cache"`    // render what has no recording, when a speech engine is there
	TTS      map[string]sounds.Engine `yaml:"tts"`      // speech engine by language
}

// retention is how long things are kept.
type retention struct {
	Calls     callback.Span `yaml:"calls"`     // talks, callbacks that are over, texts and the journal; 0 for good
	Voicemail callback.Span `yaml:"voicemail"` // messages that callers have left
}

// logConfig is how much is written to the log, and how.
type logConfig struct {
	Level  string `yaml:"level"`  // debug, info, warn or error
	Format string `yaml:"format"` // text or json
}

// defaults is the configuration of a file that says nothing.
func defaults() config {
	c := config{
		Config: callback.Defaults(), Data: "./data", Languages: []string{"en"},
		Sounds: soundsConfig{Cache: true},
		HTTP:   web.Defaults(), Accounts: accounts.Defaults(), API: api.Defaults(), SIP: sipline.Defaults(), Twilio: twilioline.Defaults(), SMS: sms.Defaults(), Mail: mail.Defaults(),
		Drain: callback.Span(5 * time.Minute), Lists: "30 6 * * *", Reminders: "0 18 * * *",
		Retention: retention{Calls: callback.Span(180 * 24 * time.Hour), Voicemail: callback.Span(30 * 24 * time.Hour)},
		Log:       logConfig{Level: "info", Format: "text"}, dir: ".",
	}
	return c
}

// configFlag adds -c to a command.
func configFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVarP(file, "config", "c", "config.yaml", "configuration file")
}

// loadConfig reads a configuration and everything it names. Its error is one
// line for the operator; [readConfig] has every mistake.
func loadConfig(file string) (config, error) {
	c, err := readConfig(file)
	var ms ivr.Mistakes
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c, unusable("read configuration: there is no %s; copy config.example.yaml, or name a file with -c", file)
	case errors.As(err, &ms):
		m := ms[0]
		m.Excerpt = ""
		return c, unusable("read configuration: %s (%s; see all: holdless check -c %s)", m, count(len(ms), "mistake"), file)
	case err != nil:
		return c, unusable("read configuration: %w; see that the file can be read by this user", err)
	}
	return c, nil
}

// readConfig reads a configuration. Mistakes are an [ivr.Mistakes] with all of
// them; any other error means that the file cannot be read.
func readConfig(file string) (config, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return config{}, err
	}
	return takeText(file, src)
}

// takeText is readConfig for a text that is in no file yet.
func takeText(file string, src []byte) (config, error) {
	c := defaults()
	r := decode(file, src, &c)
	c.file, c.dir = file, filepath.Dir(file)
	c.Twilio.PublicURL, c.Twilio.TextFrom = c.HTTP.PublicURL, c.SMS.From
	if len(c.Languages) > 0 {
		c.Twilio.Lang = c.Languages[0]
	}
	if !r.garbled {
		c.chooseLines()
		c.check(r)
		before := len(r.mistakes)
		c.loadMenus(r)
		c.aims(r)
		c.checkVoicemail(r)
		inMenus := len(r.mistakes) - before
		c.loadArticles(r)
		c.sound = len(r.mistakes) == inMenus
		c.doubt(r)
	}
	return c, r.err()
}

// check asks every part what is wrong with it.
func (c config) check(r *reader) {
	if _, err := callback.New(c.Config); err != nil {
		r.blame(err)
	}
	if err := c.SIP.Check(); err != nil {
		r.blame(fmt.Errorf("sip.%w", err))
	}
	c.checkTwilio(r)
	if err := c.Mail.Check(); err != nil {
		r.blame(err)
	}
	r.blameKeys("sms", c.SMS.Check())
	r.blameKeys("http", c.HTTP.Check())
	r.blameKeys("accounts", c.Accounts.Check())
	r.blameKeys("api", c.API.Check())
	for _, name := range slices.Sorted(maps.Keys(c.Webhooks)) {
		r.blameKeys("webhooks."+name, c.Webhooks[name].Check())
	}
	known := sounds.Languages()
	for i, lang := range c.Languages {
		if !slices.Contains(known, lang) {
			r.blame(fmt.Errorf("languages[%d]: %q is not spoken; the languages are %v", i, lang, known))
		}
	}
	if len(c.Languages) == 0 {
		r.blame(errors.New("languages: at least one is needed"))
	}
	for _, number := range slices.Sorted(maps.Keys(c.Numbers)) {
		if lang := c.Numbers[number].Lang; lang != "" && !slices.Contains(c.Languages, lang) {
			r.blame(fmt.Errorf("numbers.%s.language: %q is not one of languages: %v", number, lang, c.Languages))
		}
	}
	if c.Retention.Voicemail <= 0 {
		r.blame(errors.New("retention.voicemail: must be more than 0"))
	}
	c.checkLinks(r)
	c.checkNames(r)
	c.checkTimes(r)
	if _, err := c.Log.level(); err != nil {
		r.blame(fmt.Errorf("log.level: %w", err))
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		r.blame(fmt.Errorf("log.format: %q is neither text nor json", c.Log.Format))
	}
}

// checkNames keeps agents' names from being paths: lists are files of that name.
func (c config) checkNames(r *reader) {
	for name := range c.Agents {
		if name != filepath.Base(name) || name == "." || name == ".." {
			r.blame(fmt.Errorf("agents.%s: the short name of an agent has no slash in it", name))
		}
	}
}

// checkTimes looks at the cron expressions.
func (c config) checkTimes(r *reader) {
	for key, when := range map[string]string{"lists": c.Lists, "reminders": c.Reminders} {
		if err := scheduler.CheckWhen(when); when != "" && err != nil {
			r.blame(fmt.Errorf("%s: %w", key, err))
		}
	}
}

// loadMenus reads the menus that numbers and the survey name: those that ship,
// and files beside the configuration.
func (c *config) loadMenus(r *reader) {
	c.menus, c.files, c.wrong = map[string]*ivr.Menu{}, map[string]string{}, map[string]error{}
	for _, name := range shippedMenus {
		m, err := ivr.Default(name)
		if err != nil {
			r.blame(fmt.Errorf("menu %s that ships with holdless: %w", name, err))
			continue
		}
		c.menus[name] = m
	}
	for _, number := range slices.Sorted(maps.Keys(c.Numbers)) {
		c.loadMenu(r, "numbers."+string(number)+".menu", c.Numbers[number].Menu)
	}
	c.loadMenu(r, "survey.menu", c.Survey.Menu)
}

func (c *config) loadMenu(r *reader, place, name string) {
	if name == "" || c.menus[name] != nil || c.files[name] != "" {
		return
	}
	file := name
	if !filepath.IsAbs(file) {
		file = filepath.Join(c.dir, file)
	}
	c.files[name] = file
	m, err := readMenu(file)
	var ms ivr.Mistakes
	if err != nil {
		c.wrong[name] = err
	}
	switch {
	case errors.As(err, &ms):
		r.mistakes = append(r.mistakes, ms...)
	case err != nil:
		r.blame(fmt.Errorf("%s: menu %q is neither one that ships nor a file that can be read: %w%s", place, name, err, likeMenu(name, file)))
	default:
		c.menus[name] = m
	}
}

// shippedMenus are the menus that need no file.
var shippedMenus = []string{"main", "agent", "whisper", "customer", "desk", "survey", "survey_solved", "nps", "ces"}

// likeMenu suggests the menu that ships, or the file beside one that is not
// there, whose name is most like it.
func likeMenu(name, file string) string {
	names := slices.Clone(shippedMenus)
	beside, _ := os.ReadDir(filepath.Dir(file)) //nolint:errcheck // then there is nothing to suggest
	for _, b := range beside {
		names = append(names, filepath.Join(filepath.Dir(name), b.Name()))
	}
	if hint := ivr.Meant(name, names); hint != "" {
		return "; " + hint
	}
	return ""
}

// readMenu reads a menu file, and the files that it takes nodes from.
func readMenu(file string) (*ivr.Menu, error) { return watchMenu(file, func(string) {}) }

// watchMenu is readMenu, and tells the name of every file that is opened.
func watchMenu(file string, tell func(file string)) (*ivr.Menu, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return takeMenu(file, src, tell)
}

// parseMenu reads the text of a menu that need not be in its file yet.
func parseMenu(file string, src []byte) (*ivr.Menu, error) {
	return takeMenu(file, src, func(string) {})
}

// takeMenu is the one way in which menus are taken in, whether they are
// checked, loaded at the start or loaded again.
func takeMenu(file string, src []byte, tell func(file string)) (*ivr.Menu, error) {
	dir := filepath.Dir(file)
	root, err := os.OpenRoot(dir) // a link out of it is an error
	if err != nil {
		return nil, err
	}
	defer root.Close() //nolint:errcheck // nothing was written
	m, err := ivr.Read(filepath.ToSlash(file), src, func(name string) ([]byte, error) {
		tell(filepath.Join(dir, filepath.FromSlash(name)))
		return root.ReadFile(name)
	})
	if err != nil {
		return nil, err
	}
	if ms := mute(m); len(ms) > 0 {
		return nil, ms
	}
	return m, nil
}

// mute finds languages that no voice speaks.
func mute(m *ivr.Menu) ivr.Mistakes {
	var all ivr.Mistakes
	for _, lang := range m.Languages() {
		if !sounds.Known(lang) {
			all = append(all, m.MistakeOf(lang, fmt.Sprintf("no voice speaks %q", lang), "the languages are "+strings.Join(sounds.Languages(), ", ")))
		}
	}
	return all
}
