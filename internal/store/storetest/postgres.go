package storetest

import (
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
)

const variable = "HOLDLESS_TEST_POSTGRES"

// running is the throw-away server of this test binary.
var running struct {
	sync.Mutex
	mayStart bool
	server   *Server
	err      error
}

// Main runs the tests of a package and ends the PostgreSQL server that they
// made start, if any. Call it from TestMain.
func Main(m *testing.M) {
	running.mayStart = true
	status := m.Run()
	running.Lock()
	if running.server != nil {
		running.server.remove()
	}
	os.Exit(status)
}

// Postgres returns the address of a new, empty database, which is dropped when
// the test ends. It skips the test when there is no server.
func Postgres(t testing.TB) string {
	t.Helper()
	address := os.Getenv(variable)
	if address == "" {
		address = throwAway(t)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	name := "holdless_" + strings.ToLower(rand.Text())
	admin(t, address, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'")
	t.Cleanup(func() { admin(t, address, "DROP DATABASE "+name+" WITH (FORCE)") })
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
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(context.Background(), statement)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
