package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/scheduler"
	"github.com/holdless/holdless/sounds"
)

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
	c.checkLanguages(r)
	if c.Retention.Voicemail <= 0 {
		r.blame(errors.New("retention.voicemail: must be more than 0"))
	}
	c.checkLinks(r)
	c.checkNames(r)
	c.checkTimes(r)
	c.checkLog(r)
}

// checkLanguages sees that voices speak them, and numbers name no others.
func (c config) checkLanguages(r *reader) {
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
}

// checkLog looks at how much is written to the log, and how.
func (c config) checkLog(r *reader) {
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
