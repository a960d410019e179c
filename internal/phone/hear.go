package phone

import (
	"context"
	"io"
)

// Press presses keys, one after the other (RFC 4733).
func (c *Call) Press(ctx context.Context, keys string) error { return errNoSound }

// Say plays sound, 8,000 bytes a second in the codec of the call, and returns
// when it has been sent.
func (c *Call) Say(ctx context.Context, sound []byte) error { return errNoSound }

// Codec is "PCMU" or "PCMA".
func (c *Call) Codec() string { return "" }

// Heard is all sound that has come in so far, in the codec of the call.
func (c *Call) Heard() []byte { return nil }

// Words is what was heard since the last call of Words, when a sound is its
// own words.
func (c *Call) Words() string { return "" }

// WriteWAV writes what was heard as a WAV file of 16 bits, 8 kHz, mono.
func (c *Call) WriteWAV(w io.Writer) error { return errNoSound }
