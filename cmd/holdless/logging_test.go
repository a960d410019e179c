package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
)

// TestLogNamesNobody: numbers are shortened, those that an error quotes too.
func TestLogNamesNobody(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		var b bytes.Buffer
		log := logConfig{Level: "info", Format: format}.logger(&b)
		log.Warn("call not sent", "phone", callback.Phone("+358401234567"), "talk", "T+358",
			"err", errors.New("code 21211: the 'To' number +358401234567 is not valid: Post http://gw/?to=%2B358401234567&x=1: port 65000"))
		got := b.String()
		for _, want := range []string{"…567", "number …567 is not valid", "to=…567&x=1", "port 65000"} {
			if !strings.Contains(strings.ReplaceAll(got, `\u0026`, "&"), want) {
				t.Errorf("%s: %s, want %s", format, got, want)
			}
		}
		if strings.Contains(got, "1234567") {
			t.Errorf("%s: the log names somebody: %s", format, got)
		}
	}
}
