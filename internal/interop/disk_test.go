package interop

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A doing is one thing that a process did, as strace saw it. Things are in the
// order in which they began; began and ended count the lines of the trace.
type doing struct {
	call, path   string
	data         []byte // written
	at           int64  // where in the file; its new length, of a truncation
	began, ended int    // ended is 0 when it never did
	sure         int    // when the disk had it for certain; 0 for never
}

// traced reads what strace wrote with -f and -y, of calls that begin with a
// file.
func traced(t testing.TB, file string) []*doing {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []*doing
	open := map[string]*doing{} // by thread
	in := bufio.NewScanner(f)
	in.Buffer(nil, 64<<20)
	for n := 1; in.Scan(); n++ {
		thread, text, _ := strings.Cut(in.Text(), " ")
		text = strings.TrimLeft(text, " ")
		if strings.HasPrefix(text, "<... ") {
			if d := open[thread]; d != nil && succeeded(text) {
				d.ended = n
			}
			delete(open, thread)
			continue
		}
		d := did(text)
		if d == nil {
			continue
		}
		d.began = n
		switch {
		case strings.HasSuffix(text, "<unfinished ...>"):
			open[thread] = d
		case succeeded(text):
			d.ended = n
		default:
			continue // it failed, and did nothing
		}
		all = append(all, d)
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func succeeded(line string) bool {
	i := strings.LastIndex(line, ") ")
	result := strings.TrimLeft(line[i+1:], " =")
	return i >= 0 && !strings.HasPrefix(result, "-1") && !strings.HasPrefix(result, "?")
}

// did reads one line; nil when it is about nothing that lasts.
func did(line string) *doing {
	call, rest, ok := strings.Cut(line, "(")
	if !ok {
		return nil
	}
	d := &doing{call: call}
	switch call {
	case "pwrite64", "write", "fsync", "fdatasync", "ftruncate":
		_, rest, ok = strings.Cut(rest, "<")
		if d.path, rest, ok = cutLast(rest, ok, call); !ok {
			return nil
		}
	case "openat", "unlink", "unlinkat":
		i := strings.IndexByte(rest, '"')
		if i < 0 || call == "openat" && !strings.Contains(rest, "O_CREAT") {
			return nil
		}
		path, _ := unquote(rest[i:])
		d.path = string(path)
		return d
	default:
		return nil
	}
	switch call {
	case "pwrite64", "write":
		i := strings.IndexByte(rest, '"')
		if i < 0 {
			return nil
		}
		d.data, rest = unquote(rest[i:])
		numbers := strings.Split(strings.TrimPrefix(rest, ", "), ", ")
		if call == "pwrite64" && len(numbers) > 1 {
			d.at = number64(numbers[1])
		}
	case "ftruncate":
		d.at = number64(strings.TrimPrefix(rest, ", "))
	}
	return d
}

// cutLast takes the path of a descriptor, which ends at the first ">" behind
// which an argument, or the end of the call follows.
func cutLast(rest string, ok bool, call string) (path, more string, _ bool) {
	end := ">, "
	if call == "fsync" || call == "fdatasync" {
		end = ">"
	}
	path, more, found := strings.Cut(rest, end)
	return path, more, ok && found
}

func number64(s string) int64 {
	digits := strings.TrimLeft(s, " ")
	n := 0
	for n < len(digits) && digits[n] >= '0' && digits[n] <= '9' {
		n++
	}
	v, err := strconv.ParseInt(digits[:n], 10, 64)
	if err != nil {
		return 0
	}
	return v
}

// unquote reads a string as strace writes it, and returns what follows.
func unquote(s string) (text []byte, rest string) {
	plain := map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'v': '\v', 'f': '\f', 'a': '\a', 'b': '\b', '"': '"', '\\': '\\'}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return text, s[i+1:]
		case s[i] != '\\':
			text = append(text, s[i])
		case s[i+1] >= '0' && s[i+1] <= '7':
			v := 0
			for range 3 {
				if s[i+1] < '0' || s[i+1] > '7' {
					break
				}
				i++
				v = 8*v + int(s[i]-'0')
			}
			text = append(text, byte(v))
		default:
			i++
			text = append(text, plain[s[i]])
		}
	}
	return text, ""
}

// A disk is what was written to a database, and when that was sure to be there.
type disk struct {
	dir  string
	base map[string][]byte // what was there before
	ops  []*doing
}

// kept tells which files are looked at: the rest is made anew at each start.
func kept(path string) bool {
	return strings.HasSuffix(path, ".db") || strings.HasSuffix(path, ".db-wal") || strings.HasSuffix(path, ".db-journal")
}

// newDisk is what all that was done means for a directory. Syncs that forgets
// names count as not done: a disk, or a database, that does not mean it.
func newDisk(dir string, base map[string][]byte, all []*doing, forgets func([]*doing, int) bool) *disk {
	d := &disk{dir: dir, base: base}
	var about []*doing
	for _, o := range all {
		if o.path == dir && o.call == "fsync" || filepath.Dir(o.path) == dir && kept(o.path) {
			about = append(about, o)
		}
	}
	there := map[string]bool{}
	for path := range base {
		there[path] = true
	}
	for i, o := range about {
		if o.call == "fsync" || o.call == "fdatasync" || o.call == "openat" && there[o.path] {
			continue
		}
		if o.call != "pwrite64" && o.call != "ftruncate" {
			there[o.path] = o.call == "openat"
		}
		own := *o
		own.sure = surely(about, i, dir, forgets)
		d.ops = append(d.ops, &own)
	}
	return d
}

// surely is when something that was done was certain to be on the disk; 0 for never.
func surely(about []*doing, i int, dir string, forgets func([]*doing, int) bool) int {
	o := about[i]
	by := o.path
	if o.call == "openat" || strings.HasPrefix(o.call, "unlink") {
		by = dir // a name is in its directory
	}
	for j := i + 1; j < len(about) && o.ended > 0; j++ {
		s := about[j]
		if (s.call == "fsync" || s.call == "fdatasync") && s.path == by && s.began > o.ended && s.ended > 0 && !forgets(about, j) {
			return s.ended
		}
	}
	return 0
}

// nothing is forgotten by a disk that keeps its word.
func nothing([]*doing, int) bool { return false }

// everything is forgotten under synchronous=OFF: it never asks.
func everything([]*doing, int) bool { return true }

// commits are forgotten under synchronous=NORMAL: the log is on the disk only
// before it is copied into the file.
func commits(all []*doing, i int) bool {
	if !strings.HasSuffix(all[i].path, "-wal") {
		return false
	}
	for _, next := range all[i+1:] {
		if next.call == "pwrite64" {
			return strings.HasSuffix(next.path, "-wal")
		}
	}
	return true
}

// How much of what was not yet sure outlives a cut.
const (
	noneLasts  = iota // the worst for what was promised
	allLasts          // a process that was killed
	someLasts         // in any order
	firstLasts        // as it was written
	tornLasts         // sectors of it
	fates
)

const sector = 512

// cut returns the files as the disk has them when the power goes at a moment.
func (d *disk) cut(at int, chance *rand.Rand) map[string][]byte {
	files := map[string][]byte{}
	for path, b := range d.base {
		files[path] = bytes.Clone(b)
	}
	fate, first := chance.IntN(fates), chance.Float64()
	nameless := map[string]bool{} // files whose name never came to the disk
	for _, o := range d.ops {
		if o.began >= at {
			break
		}
		part := len(o.data)
		last := o.sure > 0 && o.sure < at
		if !last {
			last = lasts(fate, float64(o.began)/float64(at) < first, chance)
			if fate == tornLasts && part > sector {
				part = sector * chance.IntN(part/sector+1)
			}
		}
		if o.call == "openat" {
			nameless[o.path] = !last
		}
		if last && !nameless[o.path] {
			o.write(files, part)
		}
	}
	return files
}

func lasts(fate int, early bool, chance *rand.Rand) bool {
	switch fate {
	case noneLasts:
		return false
	case allLasts:
		return true
	case firstLasts:
		return early
	}
	return chance.IntN(2) == 0
}

// write does one thing to the files, as far as it came.
func (d *doing) write(files map[string][]byte, part int) {
	b := files[d.path]
	switch d.call {
	case "openat": // a new one
		files[d.path] = []byte{}
	case "unlink", "unlinkat":
		delete(files, d.path)
	case "ftruncate":
		files[d.path] = grown(b, int(d.at))[:d.at]
	case "pwrite64", "write":
		b = grown(b, int(d.at)+part)
		copy(b[d.at:], d.data[:part])
		files[d.path] = b
	}
}

func grown(b []byte, size int) []byte {
	if size > len(b) {
		b = append(b, make([]byte, size-len(b))...)
	}
	return b
}

// image reads the files of a directory that are looked at.
func image(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	all, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		if !kept(path) {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[path] = b
	}
	return files
}

// lay writes files into another directory.
func lay(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	for path, b := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), b, 0o600); err != nil {
			t.Fatal(fmt.Errorf("lay the disk out: %w", err))
		}
	}
}
