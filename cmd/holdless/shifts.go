package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/editor"
	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/internal/yamledit"
	"github.com/holdless/holdless/sounds"
)

// shifts are the queues of a configuration file, as people change them in the
// browser.
type shifts struct {
	file   string
	menus  *menus.Keeper
	saving sync.Mutex
}

var _ editor.Shifts = (*shifts)(nil)

// hashOf names what a file held.
func hashOf(src []byte) string {
	sum := sha256.Sum256(src)
	return hex.EncodeToString(sum[:6])
}

// read reads the file, and refuses one that has mistakes beside its menus.
func (s *shifts) read() ([]byte, config, error) {
	src, err := os.ReadFile(s.file)
	if err != nil {
		return nil, config{}, err
	}
	c, err := takeText(s.file, src)
	if err != nil && !c.sound {
		return nil, c, err
	}
	return src, c, nil
}

// Of implements [editor.Shifts].
func (s *shifts) Of(menu string) ([]editor.Shift, error) {
	src, c, err := s.read()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, route := range c.Numbers {
		if route.Menu == menu && !slices.Contains(names, route.Queue) {
			names = append(names, route.Queue)
		}
	}
	slices.Sort(names)
	var all []editor.Shift
	for _, name := range names {
		q := c.Queues[name]
		shift := editor.Shift{
			Queue: name, Base: hashOf(src), Hours: inLines(q.Hours), Exceptions: inLines(q.Exceptions), Capacity: q.Capacity.String(),
		}
		for _, lang := range c.Languages {
			shift.Notice = append(shift.Notice, editor.Said{Lang: lang, Name: sounds.Name(lang), Text: q.Notice[lang]})
		}
		all = append(all, shift)
	}
	return all, nil
}

// inLines writes names and values one to a line.
func inLines(all map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%s: %s\n", name, all[name])
	}
	return b.String()
}

// fromLines reads them.
func fromLines(text string) (map[string]string, error) {
	all := map[string]string{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.Trim(name, ` "`), strings.Trim(value, ` "`)
		if !ok || name == "" || value == "" {
			return nil, fmt.Errorf("%q is not written like mon-fri: 09:00-17:00", line)
		}
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("%s is there twice", name)
		}
		all[name] = value
	}
	return all, nil
}

// Save implements [editor.Shifts].
func (s *shifts) Save(ctx context.Context, shift editor.Shift, actor string) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	src, c, err := s.read()
	if err != nil {
		return err
	}
	if hashOf(src) != shift.Base {
		return menus.ErrStale
	}
	out, err := rewrite(src, c, shift)
	if err != nil {
		return err
	}
	if fresh, err := takeText(s.file, out); err != nil && !fresh.sound {
		return err
	}
	if err := menus.WriteFile(s.file, string(out)); err != nil {
		return fmt.Errorf("%w; let the service's user write there, or change the file yourself", err)
	}
	if wrong, err := s.menus.Reload(ctx, actor); err != nil || wrong[""] != nil {
		return cmp.Or(err, wrong[""])
	}
	return nil
}

// rewrite is the text of a configuration with other shifts in a queue: only
// the values that differ are touched.
func rewrite(src []byte, c config, shift editor.Shift) ([]byte, error) {
	q := c.Queues[shift.Queue]
	hours, errHours := fromLines(shift.Hours)
	exceptions, errExceptions := fromLines(shift.Exceptions)
	var capacity callback.Places
	errCapacity := capacity.UnmarshalText([]byte(cmp.Or(shift.Capacity, "0")))
	if err := errors.Join(errHours, errExceptions, errCapacity); err != nil {
		return nil, err
	}
	notice := maps.Clone(q.Notice)
	if notice == nil {
		notice = map[string]string{}
	}
	for _, n := range shift.Notice {
		delete(notice, n.Lang)
		if n.Text != "" {
			notice[n.Lang] = n.Text
		}
	}
	r := rewriting{src: src, at: []string{"queues", shift.Queue}}
	r.all("hours", q.Hours, hours)
	r.all("exceptions", q.Exceptions, exceptions)
	r.all("notice", q.Notice, notice)
	if capacity != q.Capacity {
		r.set(capacity.String(), "capacity")
	}
	return r.src, r.err
}

// A rewriting is a text that is changed value by value, until one cannot be.
type rewriting struct {
	src []byte
	at  []string
	err error
}

func (r *rewriting) set(value string, path ...string) {
	if r.err == nil {
		r.src, r.err = yamledit.Set(r.src, value, append(slices.Clone(r.at), path...)...)
	}
}

func (r *rewriting) cut(path ...string) {
	if r.err == nil {
		r.src, r.err = yamledit.Delete(r.src, append(slices.Clone(r.at), path...)...)
	}
}

// all turns one set of names and values into another. What is new comes before
// what goes, so that the lines stay where they are.
func (r *rewriting) all(name string, was, is map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(is)) {
		if was[key] != is[key] {
			r.set(yamledit.Text(is[key]), name, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(was)) {
		if _, stays := is[key]; !stays {
			r.cut(name, key)
		}
	}
}
