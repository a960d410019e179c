package store

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the tables up to date.
func (s *Store) migrate(ctx context.Context) error {
	p, err := s.migrator()
	if err != nil {
		return err
	}
	if err := s.notNewer(ctx, p); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring tables up to date: %w", err)
	}
	return nil
}

func (s *Store) migrator() (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	opts := []goose.ProviderOption{
		goose.WithDisableGlobalRegistry(true),
		goose.WithAllowOutofOrder(true), // a change may be made before one that has a lower number
	}
	if s.d.goose == goose.DialectPostgres {
		// Several processes may start at once.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(s.d.goose, s.write, rendered{dir, s.d.tokens}, opts...)
}

// notNewer refuses tables that a later program made: what it added would be
// written wrongly.
func (s *Store) notNewer(ctx context.Context, p *goose.Provider) error {
	has, err := p.GetDBVersion(ctx) // under the lock: it may make its table
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	all := p.ListSources()
	knows := all[len(all)-1].Version
	if has > knows {
		return problem{
			where: s.name, what: fmt.Sprintf("a newer holdless made it (schema %d, this one knows %d)", has, knows),
			do: "run that version, or restore a backup made before the upgrade",
		}
	}
	return nil
}

// rendered is a directory of migrations with the types of one database.
type rendered struct {
	fs.FS
	tokens *strings.Replacer
}

// Open implements [fs.FS].
func (r rendered) Open(name string) (fs.File, error) {
	f, err := r.FS.Open(name)
	if err != nil || path.Ext(name) != ".sql" {
		return f, err
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return renderedFile{f, bytes.NewReader([]byte(r.tokens.Replace(string(text))))}, nil
}

type renderedFile struct {
	fs.File
	text *bytes.Reader
}

// Read implements [fs.File].
func (f renderedFile) Read(p []byte) (int, error) { return f.text.Read(p) }
