package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

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

// shippedMenus are the menus that need no file.
var shippedMenus = []string{"main", "agent", "whisper", "customer", "desk", "survey", "survey_solved", "nps", "ces"}

// likeMenu suggests the menu that ships, or the file beside one that is not
// there, whose name is most like it.
func likeMenu(name, file string) string {
	names := slices.Clone(shippedMenus)
	beside, _ := os.ReadDir(filepath.Dir(file)) // unreadable: there is nothing to suggest
	for _, b := range beside {
		names = append(names, filepath.Join(filepath.Dir(name), b.Name()))
	}
	if hint := ivr.Meant(name, names); hint != "" {
		return "; " + hint
	}
	return ""
}
