package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
