package main

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
)

func (c logConfig) level() (slog.Level, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(c.Level)); err != nil {
		return l, fmt.Errorf("%q is none of debug, info, warn, error", c.Level)
	}
	return l, nil
}

// logger writes as the configuration says.
func (c logConfig) logger(w io.Writer) *slog.Logger {
	level, err := c.level()
	if err != nil {
		level = slog.LevelInfo
	}
	opts := &slog.HandlerOptions{Level: level, ReplaceAttr: discreet}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// quoted is a telephone number within words, or within an address of the web.
var quoted = regexp.MustCompile(`(?:\+|%2B)\d{4,12}(\d{3})\b`)

// discreet shortens the numbers that errors quote: carriers name in them whom
// we wanted to reach.
func discreet(_ []string, a slog.Attr) slog.Attr {
	if err, ok := a.Value.Any().(error); ok {
		a.Value = slog.StringValue(quoted.ReplaceAllString(err.Error(), "…$1"))
	}
	return a
}

// quiet is the log of commands, which print what they have to say.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
