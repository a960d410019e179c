package twiliosim

import "net/http"

// ServeHTTP answers a REST request.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

type contract struct{}

func loadContract() (*contract, error) { return nil, nil }

type vocabulary struct{}

func loadVocabulary() (*vocabulary, error) { return nil, nil }
