package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/holdless/holdless/internal/hooks"
)

// buildWebhooks reads the secrets by which webhooks are signed.
func (s *service) buildWebhooks() error {
	secrets, err := s.config.webhookSecrets()
	s.publisher = &hooks.Publisher{
		Store: s.store, Endpoints: s.config.Webhooks, Secrets: secrets, Now: s.with.now, Log: s.log,
	}
	return err
}

func (c config) webhookSecrets() (map[string][]string, error) {
	secrets := map[string][]string{}
	for name, e := range c.Webhooks {
		if e.SecretFile == "" {
			continue
		}
		src, err := os.ReadFile(e.SecretFile)
		if err != nil {
			return nil, fmt.Errorf("read webhooks.%s.secret_file: %w", name, err)
		}
		for line := range strings.FieldsSeq(string(src)) {
			if _, err := hooks.Secret(line); err != nil {
				return nil, fmt.Errorf("read webhooks.%s.secret_file: %w", name, err)
			}
			secrets[name] = append(secrets[name], line)
		}
		if len(secrets[name]) == 0 {
			return nil, fmt.Errorf("read webhooks.%s.secret_file: %s is empty", name, e.SecretFile)
		}
	}
	return secrets, nil
}
