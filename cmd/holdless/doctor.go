package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/sounds"
)

func newDoctor() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Examine this machine: ports, clock, time zones, voices, disk, trunks, texts",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			return examine(cmd.Context(), file, cmd.OutOrStdout())
		}),
	}
	configFlag(cmd, &file)
	return cmd
}

// A symptom is what the doctor says of one thing.
type symptom struct {
	grade grade
	what  string
	do    string // what to do about it; "" when there is nothing to do
}

type grade string

const (
	good grade = "ok  "
	poor grade = "warn"
	ill  grade = "FAIL"
)

func examine(ctx context.Context, file string, out io.Writer) error {
	c, err := loadConfig(file)
	if err != nil {
		return err
	}
	faults := 0
	for _, look := range []func(context.Context, config) []symptom{
		lookAtService, lookAtPorts, lookAtClock, lookAtZones, lookAtVoices, lookAtDisk, lookAtTrunks, lookAtTexts,
	} {
		for _, s := range look(ctx, c) {
			fmt.Fprintf(out, "%s  %s\n", s.grade, s.what)
			if s.do != "" {
				fmt.Fprintf(out, "      -> %s\n", s.do)
			}
			if s.grade == ill {
				faults++
			}
		}
	}
	if faults > 0 {
		return wrong("doctor: %s found; see the lines that begin with FAIL", count(faults, "fault"))
	}
	return nil
}

func lookAtService(ctx context.Context, c config) []symptom {
	if d := dialDesk(ctx, c.Data); d != nil {
		d.close()
		return []symptom{{good, "the service is running on " + c.Data, ""}}
	}
	s, err := store.Inspect(ctx, store.Config{Database: c.Database, Dir: c.Data})
	if errors.Is(err, os.ErrNotExist) {
		return []symptom{{poor, "there is no database in " + c.Data + " yet", "start the service, which makes it: holdless serve"}}
	}
	if err != nil {
		return []symptom{{ill, oneLine(err), ""}}
	}
	if err := s.Close(); err != nil {
		return []symptom{{ill, oneLine(err), ""}}
	}
	return []symptom{{good, "the database can be opened; the service is not running", "start it: holdless serve"}}
}

// lookAtPorts opens what the service would open. While it runs, it has them.
func lookAtPorts(ctx context.Context, c config) []symptom {
	if d := dialDesk(ctx, c.Data); d != nil {
		d.close()
		return nil
	}
	all := []symptom{port(ctx, "tcp", c.HTTP.Listen, "pages", "http.listen")}
	for _, l := range c.SIP.Listen {
		network, addr, _ := strings.Cut(l, ":")
		if network == "tls" {
			network = "tcp"
		}
		all = append(all, port(ctx, network, addr, "SIP", "sip.listen"))
	}
	return all
}

func port(ctx context.Context, network, addr, what, key string) symptom {
	var lc net.ListenConfig
	var open io.Closer
	var err error
	if network == "udp" {
		open, err = lc.ListenPacket(ctx, network, addr)
	} else {
		open, err = lc.Listen(ctx, network, addr)
	}
	if err != nil {
		return symptom{ill, fmt.Sprintf("%s cannot listen on %s %s: %v", what, network, addr, err), "stop the other program, or change " + key}
	}
	open.Close()
	if host, _, err := net.SplitHostPort(addr); err == nil && net.ParseIP(host).IsLoopback() && what == "SIP" {
		return symptom{poor, fmt.Sprintf("%s listens on %s %s: nobody else can call", what, network, addr), "write the address of this machine into " + key}
	}
	return symptom{good, fmt.Sprintf("%s can listen on %s %s", what, network, addr), ""}
}

func lookAtClock(ctx context.Context, c config) []symptom {
	now := time.Now()
	if now.Year() < 2026 {
		return []symptom{{ill, "the clock shows " + now.Format(time.RFC3339), "set it, and keep it right with NTP"}}
	}
	if synced, known := clockSynced(ctx); known && !synced {
		return []symptom{{poor, "the clock is not kept right by a time server", "turn on NTP: timedatectl set-ntp true"}}
	}
	return []symptom{{good, "the clock shows " + now.In(c.zoneOf("")).Format("2006-01-02 15:04:05 MST"), ""}}
}

// zoneAge is how old the rules of time zones may be: governments change them
// with less notice than a year.
const zoneAge = 180 * 24 * time.Hour

// lookAtZones finds the zone rules as Go does: those of the system first.
func lookAtZones(context.Context, config) []symptom {
	for _, dir := range []string{os.Getenv("ZONEINFO"), "/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ"} {
		if dir == "" {
			continue
		}
		file := filepath.Join(dir, "tzdata.zi")
		info, err := os.Stat(file)
		if err != nil {
			continue
		}
		v := zoneVersion(file)
		if time.Since(info.ModTime()) > zoneAge {
			return []symptom{{poor, fmt.Sprintf("time zones: version %s, %s old", v, days(time.Since(info.ModTime()))), "update the package tzdata"}}
		}
		return []symptom{{good, "time zones: version " + v + " of " + dir, ""}}
	}
	return []symptom{{
		poor, "time zones: the system has none; those in this program (" + runtime.Version() + ") are used",
		"install the package tzdata, and keep it up to date",
	}}
}

// zoneVersion reads the first line: "# version 2026a".
func zoneVersion(file string) string {
	src, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	line, err := bufio.NewReader(bytes.NewReader(src)).ReadString('\n')
	v, ok := strings.CutPrefix(strings.TrimSpace(line), "# version ")
	if err != nil || !ok {
		return "unknown"
	}
	return v
}

func days(d time.Duration) string { return count(int(d.Hours()/24), "day") }

func lookAtVoices(_ context.Context, c config) []symptom {
	v, err := sounds.New(c.voiceConfig())
	if err != nil {
		return []symptom{{ill, "sounds: " + oneLine(err), "repair them, or take sounds out of the configuration"}}
	}
	defer func() { _ = v.Close() }() // nothing was rendered
	var all []symptom
	for _, lang := range c.Languages {
		engine := v.Engine(lang)
		if engine == "" {
			engine = "no speech engine: what ships is said in pieces"
		}
		all = append(all, symptom{good, "voice " + lang + ": " + engine, ""})
	}
	for _, f := range v.Check(c.own()) {
		all = append(all, symptom{poor, "voice " + f.Lang + ": " + f.What, f.Do})
	}
	return all
}

// freeLeast is how much of a disk should be free, in percent.
const freeLeast = 10

func lookAtDisk(_ context.Context, c config) []symptom {
	free, err := freeSpace(c.Data)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return []symptom{{poor, "disk: there is no directory " + c.Data + " yet", "start the service, which makes it: holdless serve"}}
	case errors.Is(err, errors.ErrUnsupported):
		return []symptom{{poor, "disk: this system does not tell how full it is", "see that there is room in " + c.Data}}
	case err != nil:
		return []symptom{{ill, fmt.Sprintf("disk: %s: %v", c.Data, err), "let this user write there"}}
	case free < freeLeast:
		return []symptom{{poor, fmt.Sprintf("disk: %d %% of %s are free", free, c.Data), "make room: the service promises nothing when it cannot write"}}
	}
	return []symptom{{good, fmt.Sprintf("disk: %d %% of %s are free", free, c.Data), ""}}
}

func lookAtTexts(_ context.Context, c config) []symptom {
	if c.SMS.Driver == "log" {
		return []symptom{{poor, "texts: the driver log sends nothing to anybody", "confirmations and surveys only go to the log"}}
	}
	return []symptom{{good, "texts: driver " + c.SMS.Driver, ""}}
}

// clockSynced asks systemd; known is false where there is none.
func clockSynced(ctx context.Context) (synced, known bool) {
	out, err := exec.CommandContext(ctx, "timedatectl", "show", "--property=NTPSynchronized", "--value").Output()
	if err != nil {
		return false, false
	}
	return strings.TrimSpace(string(out)) == "yes", true
}
