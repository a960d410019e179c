package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// apart is the program as a process of its own, among strangers.
type apart struct {
	*testing.T
	file, addr string
	process    int
	cookies    string // of an admin
	key        string // of a program
}

var listensAt = regexp.MustCompile(`service started.* addr=(127\.0\.0\.1:\d+)`)

func runApart(t *testing.T) *apart {
	t.Helper()
	s := &apart{T: t, file: written(t, "sounds: {cache: false}\n")}
	var log logBuffer
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), buildProgram(t), "serve", "-c", s.file, "--drain", "1s")
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := <-ended; err != nil {
			t.Errorf("it ended by %v:\n%.2000s", err, log.String())
		}
	})
	eventually(t, "started", func() bool { return listensAt.MatchString(log.String()) })
	s.addr, s.process = listensAt.FindStringSubmatch(log.String())[1], cmd.Process.Pid
	admin := enter(t, s.file, s.site(), "admin")
	at, err := url.Parse(s.site())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range admin.Jar.Cookies(at) {
		s.cookies += c.Name + "=" + c.Value + "; "
	}
	code, key, errs := holdless(t, "keys", "add", "crm", "--scope", "callbacks:write", "--scope", "callbacks:read", "-c", s.file)
	if code != exitDone {
		t.Fatal(errs)
	}
	s.key = strings.TrimSpace(key)
	return s
}

func (s *apart) site() string { return "http://" + s.addr }

// memory is what the process has in RAM, in bytes.
func (s *apart) memory() int {
	s.Helper()
	src, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process))
	if err != nil {
		s.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(src), "VmRSS:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		s.Fatal(err)
	}
	return kb << 10
}

// dial connects to the program, and does not wait for it for ever.
func (s *apart) dial() net.Conn {
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.Error(err)
		return nil
	}
	_ = conn.SetDeadline(time.Now().Add(2 * patience))
	return conn
}

// answered sends the bytes of a request, and returns what is answered.
func (s *apart) answered(what, request string) (code int, body string) {
	conn := s.dial()
	if conn == nil {
		return 0, ""
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		s.Errorf("%s: %v", what, err)
		return 0, ""
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.Errorf("%s is left without an answer: %v", what, err)
		return 0, ""
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		s.Errorf("%s: %v", what, err)
	}
	return res.StatusCode, string(said)
}

// head writes the beginning of a request, up to its body.
func (s *apart) head(line, kind string, more ...string) string {
	fields := append([]string{line + " HTTP/1.1", "Host: " + s.addr, "Content-Type: " + kind}, more...)
	return strings.Join(fields, "\r\n") + "\r\n\r\n"
}

const (
	ofForm = "application/x-www-form-urlencoded"
	ofJSON = "application/json"
)

// A rude request is one that no browser sends.
type rude struct {
	what, request string
	code          int
	words         string
	times         int
}

// rudeRequests are begun and not ended, or say that they are a gigabyte long, or
// are longer than anything that is asked for.
func (s *apart) rudeRequests() []rude {
	begun, large := "Content-Length: 100", "Content-Length: "+strconv.Itoa(1<<30)
	chunk := func(n int) string { return fmt.Sprintf("%x\r\n%s", n, strings.Repeat("x", n)) }
	cookie, key, once := "Cookie: "+s.cookies, "Authorization: Bearer "+s.key, "Idempotency-Key: rude"
	const streams = "Transfer-Encoding: chunked"
	book, link := "POST /api/v1/callbacks", "POST /c/AAAAAAAAAAAA"
	return []rude{
		{"a head that goes on", "GET /login HTTP/1.1\r\nHost: x\r\nX-Slow: ", 408, "in time", 200},
		{"a form that stops", s.head("POST /login", ofForm, begun) + "name=", 408, "in time", 100},
		{"a link that stops", s.head(link, ofForm, begun) + "now=", 408, "in time", 20},
		{"a menu that stops", s.head("POST /menus/check", ofForm, begun, cookie) + "text=", 408, "in time", 5},
		{"a booking that stops", s.head(book, ofJSON, begun, key) + "{", 408, "too-slow", 5},
		{"a booking with a key that stops", s.head(book, ofJSON, begun, key, once) + "{", 408, "too-slow", 5},

		{"a head that is endless", "GET /login HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("x", 24<<10), 431, "", 5},
		{"a gigabyte for a form", s.head("POST /login", ofForm, large), 413, "larger", 20},
		{"a gigabyte for a link", s.head(link, ofForm, large), 413, "larger", 20},
		{"a gigabyte for a menu", s.head("POST /menus/check", ofForm, large, cookie), 413, "larger", 20},
		{"a gigabyte for a recording", s.head("POST /menus/prompts/upload", "multipart/form-data; boundary=x", large, cookie), 413, "larger", 20},
		{"a gigabyte for a booking", s.head(book, ofJSON, large, key), 413, "too-large", 20},
		{"a form that goes on", s.head("POST /login", ofForm, streams) + chunk(64<<10+1), 413, "larger", 20},
		{"a menu that goes on", s.head("POST /menus/check", ofForm, streams, cookie) + chunk(1<<20+1), 413, "larger", 3},
		{"a booking that goes on", s.head(book, ofJSON, streams, key) + chunk(32<<10), 413, "too-large", 20},
	}
}

// TestStrangers has clients be slow, send gigabytes, listen without reading, and
// guess passwords and links, all at once. Each is told what is wrong; the memory
// of the program stays as it is; whoever else comes is served, and what he asked
// for is there afterwards.
func TestStrangers(t *testing.T) {
	t.Parallel()
	s := runApart(t)
	code, first := s.answered("the desk", s.head("GET /desk/events?after=0", ofForm, "Cookie: "+s.cookies, "Connection: close", "Last-Event-ID: x"))
	if code != http.StatusBadRequest {
		t.Fatalf("the admin is not let in: %d %s", code, first)
	}
	for _, deaf := range s.deaf(1000) {
		defer deaf.Close()
	}
	before := s.memory()
	var strangers, others sync.WaitGroup
	for _, r := range s.rudeRequests() {
		for range r.times {
			strangers.Go(func() {
				if code, body := s.answered(r.what, r.request); code != r.code || !strings.Contains(body, r.words) {
					t.Errorf("%s: got %d %q, want %d %q", r.what, code, body, r.code, r.words)
				}
			})
		}
	}
	strangers.Go(func() {
		s.guess("POST /login", ofForm, "name=admin-1&password=a+wrong+pass+phrase", http.StatusForbidden)
	})
	strangers.Go(func() { s.guess("GET /c/AAAAAAAAAAA", ofForm, "", http.StatusNotFound) })
	over, most := make(chan struct{}), 0
	others.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-over:
				return
			case <-time.After(50 * time.Millisecond): // no load of its own
			}
			if code, body := s.book(n); code != http.StatusCreated {
				t.Errorf("a booking among strangers: %d %s", code, body)
				return
			}
			most = max(most, s.memory())
		}
	})
	strangers.Wait()
	s.greedy()
	close(over)
	others.Wait()
	const room = 256 << 20 // of the 80 GB that they would send, and with what the race detector keeps of it
	if grown := most - before; grown > room {
		t.Errorf("the memory grew by %d MB to %d MB", grown>>20, most>>20)
	}
	t.Logf("memory: %d MB before, %d MB at the most", before>>20, most>>20)
}

// book books a callback as a program does, and looks whether it is there.
func (s *apart) book(n int) (int, string) {
	ask := fmt.Sprintf(`{"queue": "billing", "phone": "+35840%07d"}`, 1_000_000+n)
	more := []string{"Authorization: Bearer " + s.key, "Connection: close"}
	code, body := s.answered("a booking", s.head("POST /api/v1/callbacks", ofJSON, append(more, fmt.Sprint("Content-Length: ", len(ask)))...)+ask)
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(body), &made); code != http.StatusCreated || err != nil {
		return code, body
	}
	if code, body := s.answered("what was booked", s.head("GET /api/v1/callbacks/"+made.ID, ofJSON, more...)); code != http.StatusOK {
		return code, body
	}
	return code, ""
}

// deaf are desks that are told everything, and read nothing.
func (s *apart) deaf(n int) []net.Conn {
	all := make([]net.Conn, 0, n)
	for range n {
		conn := s.dial()
		if conn == nil {
			break
		}
		all = append(all, conn)
		_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10) // what it holds for them is the system's, not ours
		if _, err := io.WriteString(conn, s.head("GET /desk/events?after=0", ofForm, "Cookie: "+s.cookies)); err != nil {
			s.Fatal(err)
		}
	}
	return all
}

// guess tries a hundred times what it does not know: a few tries are looked at,
// the others have to wait.
func (s *apart) guess(line, kind, form string, wrong int) {
	told := map[int]int{}
	for range 100 {
		code, body := s.answered("a guess", s.head(line, kind, "Connection: close", fmt.Sprint("Content-Length: ", len(form)))+form)
		told[code]++
		if strings.Contains(body, "admin") && code != wrong && code != http.StatusTooManyRequests {
			s.Errorf("%s tells %s", line, body)
		}
	}
	if told[wrong] == 0 || told[http.StatusTooManyRequests] == 0 || told[wrong]+told[http.StatusTooManyRequests] != 100 {
		s.Errorf("%s: a hundred guesses were told %v", line, told)
	}
}

// greedy sends a gigabyte where a few letters are asked for: each is answered, or
// cut off, long before its end.
func (s *apart) greedy() {
	for path, kind := range map[string]string{
		"/login": ofForm, "/welcome/x": ofForm, "/login/passkey/finish": ofJSON, "/api/v1/callbacks": ofJSON, "/menus/prompts/upload": ofForm,
	} {
		body := &metered{Reader: io.LimitReader(endless{}, 1<<30)}
		req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.site()+path, body)
		if err != nil {
			s.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Authorization", "Bearer "+s.key)
		res, err := http.DefaultClient.Do(req)
		cut := errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, os.ErrDeadlineExceeded)
		if err != nil && !cut {
			s.Fatalf("%s: %v", path, err)
		}
		if err == nil {
			res.Body.Close()
			if res.StatusCode < 400 || res.StatusCode > 499 {
				s.Errorf("%s: got %d", path, res.StatusCode)
			}
		}
		if n := body.n.Load(); n > 64<<20 {
			s.Errorf("%s: %d bytes were taken", path, n)
		}
	}
}

// endless is a body of the same letter over and over.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte("x"), len(p))), nil }

// metered counts what was read of it.
type metered struct {
	io.Reader
	n atomic.Int64 // an answer may come while the client still reads
}

func (c *metered) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}
