package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/web"
)

// linkKeyFile is the key that is made where the configuration names none.
const linkKeyFile = "links.key"

// buildLinks makes the key by which links in texts are signed, and has surveys
// answered on a page, where customers can reach one.
func (s *service) buildLinks() error {
	if s.config.HTTP.PublicURL == "" && !s.with.demo {
		return nil
	}
	key, err := s.config.linkKey()
	if err != nil {
		return fmt.Errorf("prepare links: %w; see http.key_file in the configuration", err)
	}
	links := web.Links{Base: s.base(), Key: key}
	s.desk.SurveyLink = func(talk string, until time.Time) string { return links.To(web.SurveyPage, talk, until) }
	s.desk.Link = func(c callback.Callback) string { return links.Promise(c.ID) }
	s.pages.Wishes, s.pages.Form = s.desk, s.config.HTTP.Form
	s.pages.Links, s.pages.Surveys, s.pages.Promises = links, s.desk, s.desk
	return nil
}

// linkKey reads the key of links, or makes one. Without it, the links of before
// would be over.
func (c config) linkKey() ([]byte, error) {
	if file := c.HTTP.KeyFile; file != "" {
		src, err := os.ReadFile(file)
		line, _, _ := strings.Cut(string(src), "\n")
		if err == nil && len(strings.TrimSpace(line)) < 16 {
			err = fmt.Errorf("the first line of %s is shorter than 16 letters", file)
		}
		return []byte(strings.TrimSpace(line)), err
	}
	file := filepath.Join(c.Data, linkKeyFile)
	src, err := os.ReadFile(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return src, err
	}
	src = []byte(rand.Text())
	return src, os.WriteFile(file, src, 0o600)
}

// checkLinks sees that links lead somewhere, and that every node can read them.
func (c config) checkLinks(r *reader) {
	url := c.HTTP.PublicURL
	if c.Accounts.OIDC.Issuer != "" && url == "" {
		r.blame(errors.New("accounts.oidc.issuer: the provider sends people back to http: public_url, which is empty"))
	}
	for i, queue := range c.HTTP.Form.Queues {
		if _, ok := c.Queues[queue]; !ok {
			r.blame(fmt.Errorf("http.form.queues[%d]: %q is not one of queues", i, queue))
		}
	}
	if len(c.HTTP.Form.Queues) > 0 && url == "" {
		r.blame(errors.New("http.form: people reach it by http: public_url, which is empty"))
	}
	switch {
	case c.Survey.By == "link" && url == "":
		r.blame(errors.New("survey.by: link needs http: public_url, which is where the page is"))
	case c.Survey.By == "link" && c.Database != "" && c.HTTP.KeyFile == "":
		r.blame(errors.New("http.key_file: the nodes of a database need the same key: name a file that each of them has"))
	}
}
