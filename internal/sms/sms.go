// Package sms sends text messages, counts what they cost, and takes replies.
package sms

import (
	"fmt"

	"github.com/holdless/holdless/callback"
)

// Config says by which driver texts leave.
type Config struct {
	Driver string         `yaml:"driver"` // log: texts are written to the log and kept for the outbox
	From   callback.Phone `yaml:"from"`   // the number that texts come from and are answered to
}

// Defaults is the configuration that holds when nothing else is said.
func Defaults() Config { return Config{Driver: "log"} }

// Check says what is wrong with a configuration, and where: the key first.
func (c Config) Check() map[string]string {
	if c.Driver != "log" {
		return map[string]string{"driver": fmt.Sprintf("there is no driver %q; the drivers are: log", c.Driver)}
	}
	return nil
}
