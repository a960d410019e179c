package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/internal/store/storetest"
)

// patience bounds what should happen at once, on a machine that is busy.
const patience = 5 * time.Minute

// written makes a configuration for a service on loopback, and returns its
// file. More is added at its end.
func written(t *testing.T, more string) string {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf(`data: %s/data
zone: Europe/Helsinki
http: {listen: 127.0.0.1:0, public_url: "https://cb.example.org"}
numbers: {+358912345: {menu: main, queue: billing}}
agents: {anna: {name: Anna, phone: "sip:anna@127.0.0.1:9"}}
queues: {billing: {agents: [anna], hours: {mon-sun: "00:00-24:00"}}}
callbacks: {permitted: "00:00-24:00"}
`, dir)
	if !strings.Contains(more, "sip:") {
		text += "sip: {listen: [udp:127.0.0.1:0], trunks: {local: {host: 127.0.0.1:9}}}\n"
	}
	file := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(file, []byte(text+more), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// running is a service that runs in this process.
type running struct {
	*service
	file  string
	stop  context.CancelFunc
	hurry chan struct{}
	ended chan error
}

func serving(t *testing.T) *running {
	t.Helper()
	return startWith(t, written(t, ""))
}

// servingAtNoon runs a service where it is about noon.
func servingAtNoon(t *testing.T) *running {
	t.Helper()
	return startWith(t, atNoon(t, written(t, "")))
}

// atNoon moves a configuration to where it is about noon, whenever that is: what
// is booked there as soon as possible is of today.
func atNoon(t *testing.T, file string) string {
	t.Helper()
	noon := fmt.Sprintf("zone: Etc/GMT%+d\n", time.Now().UTC().Hour()-12) // west of Greenwich is +
	write(t, file, strings.Replace(read(t, file), "zone: Europe/Helsinki\n", noon, 1))
	return file
}

// startWith runs a service of a configuration.
func startWith(t *testing.T, file string) *running {
	t.Helper()
	c, err := loadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.Data); errors.Is(err, fs.ErrNotExist) {
		storetest.Fill(t, c.Data) // other tests see that the service makes it
	}
	ctx, stop := context.WithCancel(t.Context())
	r := &running{file: file, stop: stop, hurry: make(chan struct{}), ended: make(chan error, 1)}
	if r.service, err = newService(ctx, c, quiet(), parts{hurry: r.hurry}); err != nil {
		t.Fatal(err)
	}
	go func() { r.ended <- r.run(ctx) }()
	<-r.line.Up()
	return r
}

func (r *running) end(t *testing.T) {
	t.Helper()
	select {
	case err := <-r.ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("the service does not end")
	}
}

func (r *running) call(t *testing.T) (*phone.Phone, *phone.Call) {
	t.Helper()
	return r.callFrom(t, "+358401234567")
}

func (r *running) callFrom(t *testing.T, from string) (*phone.Phone, *phone.Call) {
	t.Helper()
	return r.callTo(t, from, "+358912345")
}

// callTo calls a number of the service.
func (r *running) callTo(t *testing.T, from, to string) (*phone.Phone, *phone.Call) {
	t.Helper()
	p, err := phone.Open(phone.Config{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	c, err := p.Call(ctx, "sip:"+to+"@"+r.line.Addrs()[0].String(), from)
	if err != nil {
		t.Fatal(err)
	}
	return p, c
}

func (r *running) get(t *testing.T, path string) (int, string) {
	t.Helper()
	res, err := http.Get("http://" + r.http.Addr().String() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// eventually waits for something that another goroutine brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	late := time.After(patience)
	for !ok() {
		select {
		case <-late:
			t.Fatalf("never: %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
