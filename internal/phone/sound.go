package phone

import "errors"

var errNoSound = errors.New("no sound yet")

// sound is the media of one call.
type sound struct{}

func (p *Phone) newSound() (*sound, error)           { return nil, errNoSound }
func (s *sound) offer() []byte                       { return nil }
func (s *sound) connect(answer []byte) error         { return errNoSound }
func (s *sound) answer(offer []byte) ([]byte, error) { return nil, errNoSound }
func (s *sound) renew(offer []byte) ([]byte, error)  { return nil, errNoSound }
func (s *sound) close()                              {}
