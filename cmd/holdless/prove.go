package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// failing holds the tests that stand in a menu against it, and tells those
// that fail, as mistakes of the file.
func failing(m *ivr.Menu, length ivr.Length) ivr.Mistakes {
	var all ivr.Mistakes
	for _, test := range m.Tests() {
		bad := ivr.Mistake{File: test.File, Line: test.Line, Column: 1}
		t, err := talkIn(test)
		if err == nil {
			t.Length = length
			err = t.Run(m)
		}
		if err == nil {
			continue
		}
		bad.Text = fmt.Sprintf("the test %q cannot be held: %v", test.Name, err)
		if miss, ok := errors.AsType[*script.MismatchError](err); ok {
			bad.Line, bad.Text = miss.Line, fmt.Sprintf("the test %q fails %s", test.Name, where(miss.Did))
			bad.Excerpt = fmt.Sprintf("   got %s\n  want %s", miss.Got, miss.Want)
			bad.Suggestion = "mend the menu, or the test; see also: holdless test"
		}
		all = append(all, bad)
	}
	return all
}

func where(did string) string {
	if did == "" {
		return "at the beginning"
	}
	return "after " + did
}

// prove is what a menu has to pass before callers hear it, once it can be
// held at all.
func prove(v *sounds.Voice) func(*ivr.Menu) error {
	return func(m *ivr.Menu) error {
		if len(m.Tests()) == 0 {
			return nil
		}
		p := &proof{v, map[string]time.Duration{}} // one for each: menus may be proved side by side
		if ms := failing(m, p.length); len(ms) > 0 {
			return ms
		}
		return nil
	}
}
