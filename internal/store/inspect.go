package store

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
)

// Inspect opens the database to look at it while the service has it open:
// View and Backup work, Update does not. It makes nothing and changes nothing.
func Inspect(ctx context.Context, cfg Config) (*Store, error) {
	s, err := inspect(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s.limit, s.beside = cmp.Or(cfg.Patience, DefaultPatience), cfg.Beside
	p, err := s.migrator()
	if err == nil {
		err = s.notNewer(ctx, p)
	}
	if err != nil {
		return nil, errors.Join(s.explain(err), s.Close())
	}
	return s, nil
}

func inspect(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Database != "" {
		return open(ctx, cfg)
	}
	file := filepath.Join(cfg.Dir, fileName)
	if _, err := os.Stat(file); err != nil {
		return nil, problem{
			where: file, what: "it cannot be found", err: err,
			do: "start the service once, or correct the data directory",
		}
	}
	db := connect(file, 4, "deferred", readerPragmas)
	return &Store{write: db, read: db, d: &sqlite, name: file}, nil
}
