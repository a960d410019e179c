package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// recordings warns of those that menus name and that are missing, or say
// something else by now.
func (c config) recordings() []finding {
	var found []finding
	if !slices.ContainsFunc(c.own(), func(o sounds.Own) bool { return o.Recording != "" }) {
		return nil
	}
	v, err := sounds.New(sounds.Config{Languages: c.Languages, Override: c.voiceConfig().Override, Log: quiet()})
	if err != nil {
		return []finding{{ivr.Mistake{File: c.recordingsDir(), Text: err.Error()}, false}}
	}
	defer v.Close() //nolint:errcheck // nothing was written
	for _, name := range slices.Sorted(maps.Keys(c.menus)) {
		m := c.menus[name]
		for _, w := range m.Words() {
			if w.Recording == "" || !slices.Contains(c.Languages, w.Lang) {
				continue
			}
			file := w.Lang + "/" + w.Recording + ".wav"
			switch there, fresh := v.Recorded(w.Lang, w.Recording, w.Text); {
			case !there:
				found = append(found, finding{m.Mistake(w, fmt.Sprintf("there is no recording %s", file), "record it: holdless sounds record"), true})
			case !fresh:
				found = append(found, finding{m.Mistake(w, fmt.Sprintf("the recording %s says something else by now, and is not played", file), "record it anew"), true})
			}
		}
	}
	return found
}
