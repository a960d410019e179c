package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/drawing"
	"github.com/holdless/holdless/internal/editor"
	"github.com/holdless/holdless/internal/traffic"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// newEditor makes the pages on which menus are changed.
func (s *service) newEditor() *editor.Editor {
	e := &editor.Editor{
		Menus: s.menus, Draw: s.drawMenu, Try: s.tryKeys, Advise: s.advise, Replay: s.replayDay, Worst: s.worstIn, Speaks: sounds.Name, Studio: s.studio,
		Origin: s.config.HTTP.PublicURL, Zone: s.config.zoneOf(""), Now: s.with.now, Log: s.log,
	}
	if s.config.file != "" {
		e.Shifts = &shifts{file: s.config.file, menus: s.menus}
	}
	return e
}

// drawMenu draws a menu with what callers did in that version.
func (s *service) drawMenu(w io.Writer, r *http.Request, menu string, m *ivr.Menu) error {
	d := drawing.Menu{Menu: m, Lang: m.Languages()[0], Words: sounds.Text}
	a, err := menuDesk{s.menus, s.store}.traffic(r.Context(), menuAsk{Menu: menu})
	if err != nil {
		return err
	}
	if t := traffic.Of(a.Tallies, m); t.Talks > 0 {
		showTraffic(&d, t)
	}
	return drawing.SVG(w, d)
}

// worstIn says with which node of a menu callers have most trouble.
func (s *service) worstIn(ctx context.Context, menu string, m *ivr.Menu) string {
	a, err := menuDesk{s.menus, s.store}.traffic(ctx, menuAsk{Menu: menu})
	if err != nil {
		s.log.Warn("traffic not read", "err", err)
		return ""
	}
	n, bad := traffic.Of(a.Tallies, m).Worst()
	if !bad {
		return ""
	}
	return n.Blame()
}

// replayDay holds the talks of the last day against a draft of their menu.
func (s *service) replayDay(ctx context.Context, w io.Writer, menu string, draft *ivr.Menu) error {
	a, err := menuDesk{s.menus, s.store}.walks(ctx, menuAsk{Menu: menu, Most: replayMost, Since: s.with.now().Add(-replaySince)})
	if err != nil {
		return err
	}
	talks, of := a.under(menu, nil)
	tellReplay(w, talks, of, draft)
	return nil
}

// tryKeys tells where keys lead in a menu, in the queue that hears it.
func (s *service) tryKeys(w io.Writer, m *ivr.Menu, on editor.Scene) error {
	sc := scene{at: on.At, lang: on.Lang, from: on.From, agents: on.Agents}
	if c, err := loadConfig(s.config.file); err == nil { // else the queue is always at work
		sc.config = s.config.file
		for _, route := range c.Numbers {
			if route.Menu == on.Menu {
				sc.queue = route.Queue
			}
		}
	}
	t, err := sc.talk(m, s.with.now())
	if err != nil {
		return err
	}
	suppose(&t.Facts, on)
	return explain(w, m, t, on.Keys)
}

// suppose puts what somebody wants to be so in the place of what is.
func suppose(f *ivr.Facts, on editor.Scene) {
	switch {
	case on.Open == "yes" && !f.Open:
		f.Open, f.Opens, f.Idle = true, time.Time{}, on.Agents
	case on.Open == "no" && f.Open:
		f.Open, f.Idle = false, 0
		if len(f.Slots) > 0 {
			f.Opens = f.Slots[0]
		}
	}
	if f.Open && f.Idle == 0 && on.Wait > 0 {
		f.MayWait, f.Ahead, f.Bound = true, 1, on.Wait
	}
	f.Caller.Name, f.Caller.VIP = on.Name, on.VIP
	f.Caller.Known = on.Name != "" || on.VIP
	if on.Booking && len(f.Slots) > 0 {
		f.Booking = f.Slots[len(f.Slots)/2]
	}
}

// advise tells what is allowed in a menu and yet not good for callers.
func (s *service) advise(m *ivr.Menu) []ivr.Mistake {
	p := &proof{s.voice, map[string]time.Duration{}}
	var all []ivr.Mistake
	for _, f := range p.findings(m) {
		all = append(all, f.Mistake)
	}
	return all
}

// openAsk and openAnswer are about a link to the pages of menus.
type openAsk struct{ By string }

type openAnswer struct{ URL string }

// openMenus makes a link that lets somebody in once.
func (s *service) openMenus(_ context.Context, q openAsk) (openAnswer, error) {
	base := strings.TrimSuffix(s.config.HTTP.PublicURL, "/")
	if addr, ok := s.http.Addr().(*net.TCPAddr); ok && (base == "" || addr.IP.IsLoopback()) {
		base = "http://" + addr.String()
	}
	return openAnswer{base + "/menus/?key=" + s.editor.Key(q.By)}, nil
}

func (m *menuCommand) open() *cobra.Command {
	return &cobra.Command{
		Use:   "open",
		Short: "Make a link to the pages on which menus are changed; it opens once, within five minutes",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(m.file)
			if err != nil && !c.sound {
				return err
			}
			remote := dialDesk(cmd.Context(), c.Data)
			if remote == nil {
				return wrong("menus open: no service runs on %s; start it with holdless serve -c %s", c.Data, m.file)
			}
			defer remote.close()
			a, err := put[openAnswer](cmd.Context(), remote, "/menus/open", openAsk{shellUser()})
			if err != nil {
				return wrong("menus open: %w", err)
			}
			fmt.Fprintln(cmd.OutOrStdout(), a.URL)
			return nil
		}),
	}
}
