package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	driver "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"
)

// fileName is the database in the data directory.
const fileName = "holdless.db"

// applicationID marks our files, so that a database of another program that
// lies in the wrong place is left alone.
const applicationID = 0x686f6c64 // "hold"

// writerPragmas set what promises rest on. A commit is on the disk before it
// is spoken of: synchronous=NORMAL loses commits when the power goes.
// busy_timeout is for strangers (a shell, a backup); we never wait on ourselves.
var writerPragmas = []string{
	"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "busy_timeout(2000)", "journal_size_limit(67108864)",
	checkpointPages,
}

// copierPragmas are of the connection that copies the log into the file. The
// file must be on the disk before the log begins anew.
var copierPragmas = []string{"synchronous(FULL)", "busy_timeout(2000)"}

var readerPragmas = []string{"query_only(1)", "busy_timeout(2000)"}

func openSQLite(ctx context.Context, dir string) (*Store, error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, fileName)
	lock, last, err := takeFile(file)
	if err != nil {
		return nil, err
	}
	if err := makeFile(file); err != nil {
		return nil, errors.Join(err, unlockFile(lock), lock.Close())
	}
	s := &Store{d: &sqlite, name: file, lock: lock}
	fresh, err := s.examine(ctx, last)
	s.write = connect(file, 1, "immediate", writerPragmas)
	s.read = connect(file, 4, "deferred", readerPragmas)
	if err == nil && fresh {
		_, err = s.write.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	}
	if err != nil {
		return nil, errors.Join(s.explain(err), s.Close())
	}
	s.copies = newCheckpointer(connect(file, 1, "deferred", copierPragmas))
	return s, nil
}

func makeDir(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		return nil
	}
	return problem{
		where: dir, what: "directory cannot be made", err: err,
		do: "give the service's user the right to write there, or name another directory",
	}
}

// makeFile makes an empty database that only its owner can read, and finds out
// before SQLite does whether an existing one may be opened.
func makeFile(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return problem{
			where: file, what: "it cannot be opened", err: err,
			do: "give the service's user the right to read and write the file and its directory",
		}
	}
	return f.Close()
}

// takeFile keeps a second process out: after a crash the calls in flight are
// taken to be dead, so there must be nobody else who has some. It returns what
// the last one has noted, too.
func takeFile(file string) (*os.File, look, error) {
	f, err := os.OpenFile(file+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, look{}, problem{
			where: file, what: "lock file cannot be opened", err: err,
			do: "give the service's user the right to write in its directory",
		}
	}
	free := lockFile(f) == nil
	lines := make([]byte, 200)
	n, _ := f.ReadAt(lines, 0) // a hint; without it the line is still true
	if free {
		return f, readLook(string(lines[:n])), writePID(f, file)
	}
	pid, _, _ := strings.Cut(string(lines[:n]), "\n")
	return nil, look{}, errors.Join(locked{problem{
		where: file, what: strings.TrimSpace("another holdless has it open, process " + pid),
		do: "stop that one first",
	}}, f.Close())
}

// ErrLocked says that another process has the database open.
var ErrLocked = errors.New("another process has the database open")

// locked is the problem that is an [ErrLocked].
type locked struct{ problem }

// Is implements the interface that [errors.Is] looks for.
func (locked) Is(target error) bool { return target == ErrLocked }

// writePID says in the lock file who has the database. On a full disk it is the
// first to fail.
func writePID(f *os.File, file string) error {
	err := f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(fmt.Sprintln(os.Getpid())), 0)
	}
	if err == nil {
		return nil
	}
	return problem{where: file, what: "lock file cannot be written", err: err, do: "free some space on its disk, if that is full, and start again"}
}

func connect(file string, conns int, begin string, pragmas []string) *sql.DB {
	c, err := driver.NewConnector(dsn(file, begin, pragmas))
	if err != nil {
		panic(err) // the driver is linked in and looks at the name later
	}
	db := sql.OpenDB(reader{c})
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db
}

func dsn(file, begin string, pragmas []string) string {
	slashed := filepath.ToSlash(file)
	if filepath.VolumeName(file) != "" {
		slashed = "/" + slashed
	}
	q := url.Values{"_txlock": {begin}, "_pragma": pragmas}
	return "file:" + (&url.URL{Path: slashed}).EscapedPath() + "?" + q.Encode()
}

// quickCheck is a query that reads the file through, at some 150 MB a second,
// unless that was done a moment ago, or it is so large that the service would
// come back late. A backup checks those. It returns when the file was looked
// through, should the query find nothing.
func quickCheck(file string, last look) (query string, looked time.Time) {
	if last.holds(file) {
		return `SELECT 'ok'`, last.at
	}
	if info, err := os.Stat(file); err == nil && info.Size() < 200<<20 {
		return `PRAGMA quick_check(1)`, time.Now()
	}
	return `SELECT 'ok'`, time.Time{}
}

// examine looks at the file before anything is written to it. It refuses one
// that is not ours or is damaged, and reports whether it is empty.
func (s *Store) examine(ctx context.Context, last look) (fresh bool, err error) {
	db := connect(s.name, 1, "deferred", readerPragmas)
	defer func() { err = errors.Join(err, db.Close()) }()
	var id, tables int
	var said string
	row := db.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id), COUNT(*) FROM sqlite_schema`)
	if err := row.Scan(&id, &tables); err != nil {
		return false, err
	}
	query, looked := quickCheck(s.name, last)
	if err := db.QueryRowContext(ctx, query).Scan(&said); err != nil {
		return false, err
	}
	switch {
	case said != "ok":
		return false, problem{
			where: s.name, what: damaged + " (" + strings.Join(strings.Fields(said), " ") + ")",
			do: "restore a backup with holdless restore",
		}
	case id == applicationID:
		s.looked = looked
		return false, s.note(stamp(s.name))
	case tables > 0 || id != 0:
		return false, problem{
			where: s.name, what: "another program made it",
			do: "move that file away, or name another data directory",
		}
	}
	return true, nil
}

// damaged is what is said of a file that SQLite cannot make sense of.
const damaged = "it is damaged"

// sqliteAdvice tells what to do about an error of SQLite.
func sqliteAdvice(err error) (what, do string) {
	var e *driver.Error
	if !errors.As(err, &e) || errors.As(err, new(problem)) {
		return "", ""
	}
	switch e.Code() & 0xff {
	case code.SQLITE_NOTADB:
		return "it is not a database", "move that file away, or restore a backup with holdless restore"
	case code.SQLITE_CORRUPT:
		return damaged, "stop the service and restore a backup with holdless restore"
	case code.SQLITE_FULL:
		return "the disk is full", "free some space there; the service goes on by itself, or starts with the next try"
	case code.SQLITE_IOERR:
		return "the disk fails", "look at the system's log; free space or replace the disk"
	case code.SQLITE_READONLY:
		return "it may not be written", "give the service's user the right to write the file and its directory"
	case code.SQLITE_CANTOPEN, code.SQLITE_PERM:
		return "it cannot be opened", "give the service's user the right to read and write the file and its directory"
	case code.SQLITE_BUSY, code.SQLITE_LOCKED:
		return "another program keeps it locked", "end that program (a shell, a copy job)"
	}
	return "", ""
}
