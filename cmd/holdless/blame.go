package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/holdless/holdless/ivr"
)

// blame puts each complaint that begins with a path at the place of that path,
// or of the nearest thing above it that is in the file.
func (r *reader) blame(err error) {
	for _, text := range flatten("", err) {
		n := r.placeOf(text)
		switch {
		case n == nil:
			r.mistakes = append(r.mistakes, ivr.Mistake{File: r.file, Text: r.hide(text)})
		case !r.wrong[n]: // else it could not be read to begin with
			r.at(n, text, "")
		}
	}
}

// flatten lists errors that were joined, each with what was written before.
func flatten(before string, err error) []string {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var all []string
		for _, e := range several.Unwrap() {
			all = append(all, flatten(before, e)...)
		}
		return all
	}
	if inner := errors.Unwrap(err); inner != nil {
		if head, ok := strings.CutSuffix(err.Error(), inner.Error()); ok {
			return flatten(before+head, inner)
		}
	}
	return []string{before + err.Error()}
}

// placeOf follows the words of a complaint into the file, as far as they are
// keys: "sip.trunks: carrier: host: ...".
func (r *reader) placeOf(text string) *yaml.Node {
	var found *yaml.Node
	path := ""
	for part := range strings.SplitSeq(text, ": ") {
		if path != "" {
			part = path + "." + part
		}
		n := r.places[part]
		for cut := part; n == nil && strings.Contains(cut, "."); n = r.places[cut] {
			cut = cut[:strings.LastIndex(cut, ".")]
		}
		if n == nil || n == found {
			break
		}
		found, path = n, part
	}
	return found
}

// blameKeys puts complaints of a part at its keys.
func (r *reader) blameKeys(part string, wrong map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(wrong)) {
		r.blame(fmt.Errorf("%s.%s: %s", part, key, wrong[key]))
	}
}
