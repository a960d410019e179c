package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Backup writes the whole database as of one moment to a new file, and the files
// beside it, while the service goes on, and checks what it has written. The file
// appears under its name when it is good. PostgreSQL has its own program for this.
func (s *Store) Backup(ctx context.Context, file string) error {
	if s.d != &sqlite {
		return problem{where: s.name, what: "PostgreSQL is not backed up from here", do: "run pg_dump --format=custom, and copy the folder of recordings"}
	}
	if _, err := os.Lstat(file); err == nil {
		return problem{where: file, what: "the file is there already", do: "name another, or remove it"}
	}
	part := file + ".part"
	if err := s.copyTo(ctx, part); err != nil {
		return errors.Join(err, remove(part))
	}
	return moveInto(part, file)
}

// copyTo uses VACUUM INTO: SQLite's step-by-step backup begins again at every
// write of the service, and held writers up for seconds.
func (s *Store) copyTo(ctx context.Context, part string) error {
	if err := makeEmpty(part); err != nil {
		return err
	}
	db := connect(s.name, 1, "deferred", []string{"busy_timeout(2000)"})
	_, err := db.ExecContext(ctx, `VACUUM INTO $1`, part)
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("back up to %s: %w", part, s.explain(err))
	}
	if err := pack(ctx, part, s.beside); err != nil {
		return fmt.Errorf("back up %s to %s: %w", s.beside, part, err)
	}
	return check(ctx, part, part)
}

// Restore puts a backup in the place of the SQLite database, which must not be
// in use, and the files of the backup in the place of those beside it. The backup
// is checked first. What was there is kept beside it, its name ending in
// .before-restore.
func Restore(ctx context.Context, cfg Config, file string) error {
	if cfg.Database != "" {
		return problem{where: "address", what: "PostgreSQL is not restored from here", do: "run pg_restore, and put the copy of the folder of recordings back"}
	}
	if err := makeDir(cfg.Dir); err != nil {
		return err
	}
	to := filepath.Join(cfg.Dir, fileName)
	lock, _, err := takeFile(to)
	if err != nil {
		return err
	}
	return errors.Join(swap(ctx, file, to, cfg.Beside), unlockFile(lock), lock.Close())
}

// swap makes ready whatever can go wrong before it changes anything.
func swap(ctx context.Context, file, to, beside string) error {
	part := to + ".part"
	err := copyFile(file, part)
	if err == nil {
		err = another(check(ctx, part, file))
	}
	files := false
	if err == nil {
		files, err = unpack(ctx, part, beside)
	}
	if err == nil {
		err = keep(ctx, to)
	}
	if err != nil {
		return errors.Join(err, remove(part))
	}
	if err := moveInto(part, to); err != nil || !files {
		return err
	}
	return exchange(beside)
}

// another says what to do about a backup that is no good. What is to be done
// about a database of the service would be wrong advice.
func another(err error) error {
	p, ok := errors.AsType[problem](err)
	if !ok || p.err == nil {
		return err
	}
	p.do = "name another backup; nothing was changed"
	return p
}

// keep gives the present database a second name. Its log must not be left
// behind: SQLite would apply it to the database that comes.
func keep(ctx context.Context, file string) error {
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	kept := file + ".before-restore"
	db := connect(file, 1, "immediate", nil)
	_, folded := db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	folded = errors.Join(folded, db.Close())
	if err := errors.Join(remove(kept), remove(kept+"-wal"), os.Link(file, kept)); err != nil {
		return err
	}
	if folded != nil { // it is damaged: its log stays beside it
		err := os.Rename(file+"-wal", kept+"-wal")
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return errors.Join(remove(file+"-wal"), remove(file+"-shm"))
}

// check reads all of a copy and refuses what is not a sound database of ours,
// or is one of a newer program. Name is what the copy is called in errors.
func check(ctx context.Context, file, name string) error {
	db := connect(file, 1, "deferred", []string{"query_only(1)"})
	s := &Store{write: db, read: db, d: &sqlite, name: name}
	return errors.Join(s.explain(s.isSound(ctx)), db.Close())
}

func (s *Store) isSound(ctx context.Context) error {
	var id int
	var said string
	row := s.read.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id), (SELECT integrity_check FROM pragma_integrity_check)`)
	if err := row.Scan(&id, &said); err != nil {
		return err
	}
	switch {
	case id != applicationID:
		return problem{where: s.name, what: "it is not a backup of holdless", do: "name another file"}
	case said != "ok":
		return problem{where: s.name, what: "it is damaged (" + strings.Join(strings.Fields(said), " ") + ")", do: "use another backup"}
	}
	p, err := s.migrator()
	if err != nil {
		return err
	}
	return s.notNewer(ctx, p)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return problem{where: from, what: "backup cannot be opened", err: err, do: "name a file that is there and that this user can read"}
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return errors.Join(fmt.Errorf("restore: %w", err), in.Close())
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close(), in.Close())
}

func makeEmpty(file string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return problem{where: file, what: "it cannot be written", err: err, do: "name another place"}
	}
	return f.Close()
}

// moveInto gives a finished file its name, for good.
func moveInto(part, file string) error {
	if err := sync(part); err != nil {
		return err
	}
	if err := os.Rename(part, file); err != nil {
		return err
	}
	return sync(filepath.Dir(file))
}

func sync(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func remove(file string) error {
	err := os.Remove(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// Sound reads all of a SQLite database and says what is wrong with it. A
// PostgreSQL server looks after its own.
func (s *Store) Sound(ctx context.Context) error {
	if s.d != &sqlite {
		return nil
	}
	return s.explain(s.isSound(ctx))
}
