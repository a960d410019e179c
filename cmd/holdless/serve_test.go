package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/phone"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/scheduler"
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

// TestDrain lets a live call finish, and takes no other, after SIGTERM.
func TestDrain(t *testing.T) {
	t.Parallel()
	r := serving(t)
	p, call := r.call(t)
	r.stop()
	eventually(t, "not ready", func() bool {
		code, body := r.get(t, "/readyz")
		return code == http.StatusServiceUnavailable && strings.Contains(body, "draining")
	})
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	if _, err := p.Call(ctx, "sip:+358912345@"+r.line.Addrs()[0].String(), "+358401234568"); err == nil {
		t.Error("a new call was taken")
	}
	select {
	case <-call.Done():
		t.Fatal("the live call was cut off")
	default:
	}
	if err := call.Hangup(ctx); err != nil {
		t.Error(err)
	}
	r.end(t)
}

// TestHurry ends live calls at the second SIGTERM.
func TestHurry(t *testing.T) {
	t.Parallel()
	r := serving(t)
	_, call := r.call(t)
	r.stop()
	close(r.hurry)
	select {
	case <-call.Done():
	case <-time.After(patience):
		t.Error("the call goes on")
	}
	r.end(t)
}

// TestSignals sends itself what an operator sends.
func TestSignals(t *testing.T) {
	keep := make(chan os.Signal, 1) // so that a signal too many does not end the test
	signal.Notify(keep, syscall.SIGTERM)
	defer signal.Stop(keep)
	ctx, hurry, stop := signals(t.Context())
	defer stop()
	for _, next := range []<-chan struct{}{ctx.Done(), hurry} {
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		select {
		case <-next:
		case <-time.After(patience):
			t.Fatal("SIGTERM did nothing")
		}
	}
}

// TestCommandsReachTheService asks the desk of a service that runs, and then
// the data of one that does not.
func TestCommandsReachTheService(t *testing.T) {
	t.Parallel()
	r := servingAtNoon(t)
	booked := book(t, r.file, "+358401234567")
	if code, _, errs := holdless(t, "callbacks", "book", "-c", r.file, "--queue", "billing", "--phone", "+358401234567"); code != exitWrong {
		t.Errorf("the same number was booked twice: %d %s", code, errs)
	}
	if code, body := r.get(t, "/"); code != http.StatusUnauthorized || strings.Contains(body, "567") {
		t.Errorf("the page is shown to a stranger: %d %s", code, body)
	}
	if code, body := r.getAs(t, "supervisor", "/"); code != 200 || !strings.Contains(body, "…567") {
		t.Errorf("the page does not show it: %d %s", code, body)
	}
	if code, body := r.getAs(t, "admin", "/wall"); code != 200 || !strings.Contains(body, "Nowhere to speak of") || !strings.Contains(body, "1 still to be kept") {
		t.Errorf("the wall is %d %s", code, body)
	}
	eventually(t, "counted", func() bool {
		_, metrics := r.get(t, "/metrics")
		return strings.Contains(metrics, `holdless_callbacks_total{state="booked"} 1`)
	})
	if code, out, errs := holdless(t, "agents", "set", "anna", "break", "-c", r.file); code != exitDone {
		t.Errorf("got %d %s %s", code, out, errs)
	}
	texts := regexp.MustCompile(`text_booked at [0-9:]{8}: (waits|sent), 1 message\n`)
	if code, out, errs := holdless(t, "callbacks", "show", booked, "-c", r.file); code != exitDone || !texts.MatchString(out) {
		t.Errorf("show: got %d %s %s", code, out, errs)
	}
	if code, out, errs := holdless(t, "callbacks", "show", booked, "--json", "-c", r.file); code != exitDone || !strings.Contains(out, `"segments": 1`) {
		t.Errorf("show: got %d %s %s", code, out, errs)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if code, _, errs := holdless(t, "backup", copied, "-c", r.file); code != exitDone {
		t.Errorf("backup: got %d %s", code, errs)
	}
	if code, _, errs := holdless(t, "restore", copied, "-c", r.file); code != exitConfig || strings.Count(errs, "\n") != 1 {
		t.Errorf("restored below a service that runs: %d %s", code, errs)
	}
	r.stop()
	r.end(t)
	if code, out, errs := holdless(t, "callbacks", "cancel", booked, "-c", r.file); code != exitDone || !strings.Contains(out, "cancelled") {
		t.Errorf("cancel: got %d %s %s", code, out, errs)
	}
	if code, _, errs := holdless(t, "restore", copied, "-c", r.file); code != exitDone {
		t.Errorf("restore: got %d %s", code, errs)
	}
	if code, out, errs := holdless(t, "callbacks", "list", "-c", r.file); code != exitDone || !strings.Contains(out, booked) {
		t.Errorf("the backup lacks what was booked: %d %s %s", code, out, errs)
	}
	if code, out, errs := holdless(t, "agents", "list", "-c", r.file); code != exitDone || !strings.Contains(out, "break") {
		t.Errorf("got %d %s %s", code, out, errs)
	}
}

// TestCommandsSayWhatToDo: whoever is refused is told what to do, whether or not
// the service runs.
func TestCommandsSayWhatToDo(t *testing.T) {
	t.Parallel()
	r := serving(t)
	booked, over := book(t, r.file, "+358401234567"), book(t, r.file, "+358407654321")
	if code, _, errs := holdless(t, "callbacks", "cancel", over, "-c", r.file); code != exitDone {
		t.Fatal(errs)
	}
	for _, runs := range []bool{true, false} {
		if !runs {
			r.stop()
			r.end(t)
		}
		for _, tt := range []struct{ args, want string }{
			{"book --queue billing --phone +358401234567", "has an open callback already: holdless callbacks move " + booked + " TIME"},
			{"book --queue biling --phone +358401234567", `did you mean "billing"?`},
			{"book --queue billing --phone 0401234567", "write it with its country, like +358401234567"},
			{"book --queue billing --phone +13035550123", "allow_regions"},
			{"book --queue billing --phone +358407654321 --at 2030-11-30T09:17", "is not a time; write"},
			{"move " + booked + " 2030-11-30+03:17", "is not a time; write"},
			{"cancel " + over, "is cancelled already: holdless callbacks book"},
			{"move " + over + " 09:15", "is cancelled already"},
			{"show nobody", "holdless callbacks list shows"},
		} {
			code, _, errs := holdless(t, append(append([]string{"callbacks"}, strings.Fields(tt.args)...), "-c", r.file)...)
			if code == exitDone || !strings.Contains(errs, tt.want) || strings.Count(errs, "\n") != 1 {
				t.Errorf("%s, service runs %t: %d %s, want %s", tt.args, runs, code, errs, tt.want)
			}
		}
		if code, _, errs := holdless(t, "callbacks", "move", booked, "2030-11-30 03:17", "-c", r.file); code != exitWrong || !strings.Contains(errs, "holdless callbacks slots") {
			t.Errorf("a time that is not offered: %d %s", code, errs)
		}
	}
}

// book books a callback by the command, and returns its ID.
func book(t *testing.T, file, number string) string {
	t.Helper()
	code, out, errs := holdless(t, "callbacks", "book", "-c", file, "--json", "--queue", "billing", "--phone", number, "--name", "Ev\x1bil")
	if code != exitDone {
		t.Fatalf("book: got %d %s", code, errs)
	}
	var got []promise
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got) != 1 {
		t.Fatalf("got %s: %v", out, err)
	}
	return got[0].ID
}

// TestSecondServiceIsRefused keeps two programs from one database.
func TestSecondServiceIsRefused(t *testing.T) {
	t.Parallel()
	r := serving(t)
	var out, errs bytes.Buffer
	code := execute(t.Context(), []string{"serve", "-c", r.file}, stdio{strings.NewReader(""), &out, &errs})
	if code != exitConfig || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("got %d %q, want %d and one line", code, errs.String(), exitConfig)
	}
	r.stop()
	r.end(t)
}

// TestServeCommand runs the command as it is typed until it is told to end.
func TestServeCommand(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var log logBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, []string{"serve", "-c", written(t, ""), "--drain", "1s"}, stdio{strings.NewReader(""), io.Discard, &log})
	}()
	eventually(t, "service started", func() bool { return strings.Contains(log.String(), "service started") })
	stop()
	select {
	case code := <-ended:
		if code != exitDone {
			t.Errorf("got %d, want 0:\n%s", code, log.String())
		}
	case <-time.After(patience):
		t.Fatal("serve does not end")
	}
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// carrier is a telephone that answers OPTIONS, as a trunk does.
func carrier(t *testing.T) string {
	t.Helper()
	p, err := phone.Open(phone.Config{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p.Addr()
}

// TestTakenOver ends a service that the others took for dead, with an exit
// code that makes its supervisor start it again.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	r := serving(t)
	now := time.Now()
	eventually(t, "declared dead, after its first beat", func() bool {
		return nil == r.store.Update(t.Context(), func(tx callback.Tx) error {
			return tx.Beat(callback.Node{Boot: r.desk.Boot, Host: "other", StartedAt: now, DeadAt: now})
		})
	})
	select {
	case err := <-r.ended:
		if codeOf(err) != exitWrong || !errors.Is(err, scheduler.ErrTakenOver) {
			t.Errorf("got %d %v, want %d and ErrTakenOver", codeOf(err), err, exitWrong)
		}
	case <-time.After(2 * patience):
		t.Error("the service goes on")
	}
}
