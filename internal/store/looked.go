package store

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// longLooked is for how long a file that was looked through need not be looked
// through again. What a process leaves that crashes is whole, SQLite's log sees
// to that, and callers wait while a large file is read; but what a machine
// leaves that crashes, and what somebody has copied there, is looked at.
const longLooked = 24 * time.Hour

// A look says when a file was looked through last, and what it was then. It is
// kept in the lock file, behind the process that has the database.
type look struct {
	at time.Time // zero when nobody knows
	of string    // see stamp
}

// readLook reads the lines of a lock file. One that cannot be read says nothing.
func readLook(lines string) look {
	var ms int64
	_, second, _ := strings.Cut(lines, "\n")
	at, of, ok := strings.Cut(strings.TrimSpace(second), " ")
	if _, err := fmt.Sscan(at, &ms); err != nil || !ok {
		return look{}
	}
	return look{time.UnixMilli(ms), of}
}

// holds reports whether a file need not be looked through again.
func (l look) holds(file string) bool {
	age := time.Since(l.at)
	if l.of == "" || age < 0 || age > longLooked {
		return false
	}
	return l.of == stamp(file) || l.of == stampAtRest(file)
}

// stamp is what a file has for as long as it is the same one, on a machine that
// has not been started anew; "" where that cannot be told.
func stamp(file string) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	info, err := os.Stat(file)
	if err != nil || fileID(info) == "" {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + fileID(info)
}

// stampAtRest is the stamp of a file that nobody writes.
func stampAtRest(file string) string {
	s := stamp(file)
	info, err := os.Stat(file)
	if err != nil || s == "" {
		return ""
	}
	return fmt.Sprintf("%s %d %d", s, info.Size(), info.ModTime().UnixNano())
}

// note writes into the lock file who has the database, and when it was looked
// through.
func (s *Store) note(of string) error {
	line := fmt.Sprintln(os.Getpid())
	if of != "" && !s.looked.IsZero() {
		line += fmt.Sprintln(s.looked.UnixMilli(), of)
	}
	err := s.lock.Truncate(0)
	if err == nil {
		_, err = s.lock.WriteAt([]byte(line), 0)
	}
	return err
}

// rest notes what the file is like that is left behind.
func (s *Store) rest() error {
	if s.spoiled.Load() {
		return s.note("")
	}
	return s.note(stampAtRest(s.name))
}

// spoil has the file looked through at the next start: it was found to be
// damaged.
func (s *Store) spoil() {
	if s.lock != nil && !s.spoiled.Swap(true) {
		_ = s.note("") // it is looked through a day later then
	}
}
