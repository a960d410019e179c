package main

import (
	"fmt"
	"io"
	"log/slog"
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
	opts := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// quiet is the log of commands, which print what they have to say.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
