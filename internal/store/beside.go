package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// A backup is one file. What lies beside the database is in a table of the
// backup, which the database itself never has.
const (
	makeBeside = `CREATE TABLE beside (name TEXT PRIMARY KEY, content BLOB NOT NULL)`
	dropBeside = `DROP TABLE beside`
	hasBeside  = `SELECT COUNT(*) FROM sqlite_schema WHERE name = 'beside'`
)

// pack puts the files of a folder into a copy of the database.
func pack(ctx context.Context, part, dir string) error {
	if dir == "" {
		return nil
	}
	return within(ctx, part, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, makeBeside); err != nil {
			return err
		}
		root, err := os.OpenRoot(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		defer root.Close() //nolint:errcheck // nothing was written
		return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
			switch {
			case name != "." && strings.HasPrefix(d.Name(), ".") && d.IsDir():
				return fs.SkipDir // what is not finished
			case err != nil:
				return err
			case d.IsDir() || strings.HasPrefix(d.Name(), "."):
				return nil
			}
			return packOne(ctx, tx, root, name)
		})
	})
}

func packOne(ctx context.Context, tx *sql.Tx, root *os.Root, name string) error {
	content, err := root.ReadFile(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was taken back meanwhile
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO beside (name, content) VALUES ($1, $2)`, name, content)
	}
	return err
}

// within changes a copy that nobody else has open.
func within(ctx context.Context, part string, fn func(*sql.Tx) error) error {
	db := connect(part, 1, "immediate", []string{"synchronous(FULL)"})
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if err = fn(tx); err == nil {
		err = tx.Commit()
	} else {
		err = errors.Join(err, tx.Rollback())
	}
	return errors.Join(err, db.Close())
}

// ready is where files lie before they take the place of others.
func ready(dir string) string { return dir + ".part" }

// unpack takes the files out of a copy, and lays them ready. It reports whether
// the copy knows of any: one from before they were backed up changes none.
func unpack(ctx context.Context, part, dir string) (known bool, err error) {
	err = within(ctx, part, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, hasBeside).Scan(&known); err != nil || !known {
			return err
		}
		if dir != "" {
			if err := unpackAll(ctx, tx, ready(dir)); err != nil {
				return problem{where: dir, what: "the files of the backup cannot be put there", err: err, do: "see that this user may write beside it; nothing was changed"}
			}
		}
		_, err := tx.ExecContext(ctx, dropBeside)
		return err
	})
	return known && dir != "", err
}

func unpackAll(ctx context.Context, tx *sql.Tx, dir string) (err error) {
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir) // whatever a name in the backup says, nothing is written elsewhere
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	rows, err := tx.QueryContext(ctx, `SELECT name, content FROM beside`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		var content []byte
		if err := rows.Scan(&name, &content); err != nil {
			return err
		}
		if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
			return err
		}
		if err := root.WriteFile(name, content, 0o644); err != nil {
			return err
		}
	}
	return rows.Err()
}

// exchange puts the files that lie ready in the place of those that are there.
func exchange(dir string) error {
	kept := dir + ".before-restore"
	if err := os.RemoveAll(kept); err != nil {
		return err
	}
	if err := os.Rename(dir, kept); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keep %s: %w", dir, err)
	}
	return os.Rename(ready(dir), dir)
}
