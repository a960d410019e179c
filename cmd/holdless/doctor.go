package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/sounds"
)

func newDoctor() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Examine this machine and its carriers: ports, NAT, clock, time zones, voices, disk, database, trunks, texts, mail, Twilio",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(file)
			if err != nil {
				return err
			}
			return (&doctor{config: c}).examine(cmd.Context(), cmd.OutOrStdout())
		}),
	}
	configFlag(cmd, &file)
	return cmd
}

// A doctor looks at what a configuration needs of the world.
type doctor struct {
	config config
	twilio http.RoundTripper // nil for the network
	public http.RoundTripper // to ourselves, by the public address; nil for the network

	watches []watch // what others said of the time, on the way
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

func (d *doctor) examine(ctx context.Context, out io.Writer) error {
	faults := 0
	for _, look := range []func(context.Context) []symptom{
		d.service, d.ports, d.zones, d.voices, d.disk, d.trunks, d.texts, d.mail, d.account, d.address, d.clock,
	} {
		for _, s := range look(ctx) {
			fmt.Fprintf(out, "%s  %s\n", s.grade, visible(s.what))
			if s.do != "" {
				fmt.Fprintf(out, "      -> %s\n", s.do)
			}
			if s.grade == ill {
				faults++
			}
		}
	}
	if faults > 0 {
		return wrong("%s found; see the lines that begin with FAIL", count(faults, "fault"))
	}
	return nil
}

// service looks at the database, and whether the service has it.
func (d *doctor) service(ctx context.Context) []symptom {
	data := d.config.Data
	runs := symptom{good, "the service is running on " + data, ""}
	if remote := dialDesk(ctx, data); remote != nil {
		remote.close()
	} else {
		runs = symptom{poor, "the service is not running on " + data, "start it: holdless serve"}
	}
	s, err := store.Inspect(ctx, store.Config{Database: d.config.Database, Dir: data})
	if errors.Is(err, os.ErrNotExist) {
		return []symptom{{poor, "there is no database in " + data + " yet", "start the service, which makes it: holdless serve"}}
	}
	if err != nil {
		return []symptom{runs, {ill, oneLine(err), ""}}
	}
	if err := errors.Join(s.Sound(ctx), s.Close()); err != nil {
		return []symptom{runs, {ill, oneLine(err), "see Back up and restore in docs/operating.md"}}
	}
	return []symptom{runs, {good, "the database can be opened and is sound", ""}}
}

// ports opens what the service would open. While it runs, it has them.
func (d *doctor) ports(ctx context.Context) []symptom {
	c := d.config
	if remote := dialDesk(ctx, c.Data); remote != nil {
		remote.close()
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

func (d *doctor) voices(context.Context) []symptom {
	c := d.config
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

// What a disk should have, so that a day of calls does not fill it.
const (
	freeShare = 10      // percent
	freeRoom  = 1 << 30 // bytes
)

func (d *doctor) disk(context.Context) []symptom {
	dir := d.config.Data
	free, size, err := freeSpace(dir)
	says := fmt.Sprintf("disk: %d MB of %d MB are free in %s", free>>20, size>>20, dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return []symptom{{poor, "disk: there is no directory " + dir + " yet", "start the service, which makes it: holdless serve"}}
	case errors.Is(err, errors.ErrUnsupported):
		return []symptom{{poor, "disk: this system does not tell how full it is", "see that there is room in " + dir}}
	case err != nil:
		return []symptom{{ill, fmt.Sprintf("disk: %s: %v", dir, err), "let this user write there"}}
	case free < leastRoom:
		return []symptom{{ill, says, "make room: the service is not ready, and promises nothing when it cannot write"}}
	case free < freeRoom || 100*free < freeShare*size:
		return []symptom{{poor, says, "make room: the service promises nothing when it cannot write"}}
	}
	return []symptom{{good, says, ""}}
}
