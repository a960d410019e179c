package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A rule is something that time zones tell from a version on.
type rule struct {
	version string
	zone    string
	at      string // an instant
	offset  int    // hours from UTC
}

// rules are changes that only a version of its time, or later, knows. By them
// the age of rules is told that have no version written on them.
var rules = []rule{
	{"2025b", "America/Coyhaique", "2025-06-01T00:00:00Z", -3},
	{"2025a", "America/Asuncion", "2025-06-01T00:00:00Z", -3},
	{"2024a", "Asia/Almaty", "2024-06-01T00:00:00Z", 5},
	{"2022f", "America/Mexico_City", "2023-06-01T00:00:00Z", -6},
}

// zones finds out which rules of time zones this program goes by: it asks the
// rules themselves, and whoever supplies them.
func (d *doctor) zones(context.Context) []symptom {
	known, from := knownRules(time.LoadLocation), zoneDir(d.config.zoneOf("").String())
	do := "update the package tzdata: governments change clocks with less notice than a year"
	if from == "" {
		from, do = "this program ("+runtime.Version()+")", "install the package tzdata, or run a newer holdless"
	} else if v := zoneVersion(from); v > known {
		known = v
	}
	says := fmt.Sprintf("time zones: version %s or later, of %s", known, from)
	year, err := strconv.Atoi(strings.TrimRight(known, "abcdefghijklmnopqrstuvwxyz"))
	if known < rules[0].version || err != nil || time.Now().Year()-year > 1 {
		return []symptom{{poor, says, do}}
	}
	return []symptom{{good, says, ""}}
}

// knownRules is the newest version whose rules are known; "" for none.
func knownRules(load func(string) (*time.Location, error)) string {
	for _, r := range rules {
		at, err := time.Parse(time.RFC3339, r.at)
		zone, err2 := load(r.zone)
		if err != nil || err2 != nil {
			continue
		}
		if _, offset := at.In(zone).Zone(); offset == r.offset*3600 {
			return r.version
		}
	}
	return ""
}

// zoneDirs is where Go looks for rules, in this order; then in itself.
var zoneDirs = []string{"/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"}

// zoneDir is where the rules of a zone come from; "" for this program itself.
func zoneDir(zone string) string {
	dirs := zoneDirs
	if env := os.Getenv("ZONEINFO"); env != "" {
		if info, err := os.Stat(env); err == nil && !info.IsDir() {
			return env // a zip file
		}
		dirs = append([]string{env}, dirs...)
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, zone)); err == nil {
			return dir
		}
	}
	return ""
}

// zoneVersion reads the version that is written beside the rules; "" for none.
func zoneVersion(dir string) string {
	for _, name := range []string{"tzdata.zi", "+VERSION"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		line, _ := bufio.NewReader(f).ReadString('\n')
		_ = f.Close() // it was only read
		if v := strings.TrimPrefix(strings.TrimSpace(line), "# version "); len(v) == 5 {
			return v
		}
	}
	return ""
}
