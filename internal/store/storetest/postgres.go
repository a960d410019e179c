package storetest

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	"github.com/holdless/holdless/internal/store"
)

const variable = "HOLDLESS_TEST_POSTGRES"

// running is the throw-away server of this test binary.
var running struct {
	sync.Mutex
	mayStart bool
	server   *Server
	err      error
	template string // the name of a database with tables, on whichever server
}

// Main runs the tests of a package and ends the PostgreSQL server that they
// made start, if any. Call it from TestMain.
func Main(m *testing.M) {
	running.mayStart = true
	status := m.Run()
	running.Lock()
	if running.server != nil {
		running.server.remove()
	} else if running.template != "" {
		_ = execute(os.Getenv(variable), "DROP DATABASE "+running.template) // the server is the tester's own
	}
	os.Exit(status)
}

// Postgres returns the address of a new, empty database, which is dropped when
// the test ends. It skips the test when there is no server.
func Postgres(t testing.TB) string {
	t.Helper()
	return copied(t, serverOf(t), bare)
}

// Tables is Postgres with the tables in the database.
func Tables(t testing.TB) string {
	t.Helper()
	address := serverOf(t)
	return copied(t, address, templateOn(t, address))
}

// bare is the template of a database with nothing in it.
const bare = "template0 ENCODING 'UTF8'"

// serverOf returns the address of the server that tests may use.
func serverOf(t testing.TB) string {
	t.Helper()
	if address := os.Getenv(variable); address != "" {
		return address
	}
	return throwAway(t)
}

func copied(t testing.TB, address, template string) string {
	t.Helper()
	name := newName()
	admin(t, address, "CREATE DATABASE "+name+" TEMPLATE "+template)
	t.Cleanup(func() { admin(t, address, "DROP DATABASE "+name+" WITH (FORCE)") })
	return named(t, address, name)
}

// templateOn returns the template of a database with tables. Without [Main]
// nobody would drop it in the end, so there is none.
func templateOn(t testing.TB, address string) string {
	t.Helper()
	running.Lock()
	defer running.Unlock()
	if running.template != "" || !running.mayStart {
		return cmp.Or(running.template, bare)
	}
	name := newName()
	admin(t, address, "CREATE DATABASE "+name+" TEMPLATE "+bare)
	if err := migrate(store.Config{Database: named(t, address, name)}); err != nil {
		t.Fatal(err)
	}
	running.template = name
	return name
}

func newName() string { return "holdless_" + strings.ToLower(rand.Text()) }

// named is the address of another database of the same server.
func named(t testing.TB, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	u.Path = "/" + name
	return u.String()
}

// throwAway starts a server of our own, once for all tests of the binary.
func throwAway(t testing.TB) string {
	t.Helper()
	running.Lock()
	defer running.Unlock()
	if !running.mayStart {
		t.Skipf("PostgreSQL is not tested here: set %s, or call storetest.Main from TestMain", variable)
	}
	if running.server == nil && running.err == nil {
		running.server, running.err = start()
	}
	if running.err != nil {
		t.Skipf("PostgreSQL is not tested here: %v; set %s, or install postgresql-15", running.err, variable)
	}
	return running.server.Address
}

func admin(t testing.TB, address, statement string) {
	t.Helper()
	if err := execute(address, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func execute(address, statement string) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), statement)
	return errors.Join(err, db.Close())
}
