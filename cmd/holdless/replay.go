package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/internal/replay"
	"github.com/holdless/holdless/ivr"
)

// walked is one recorded talk.
type walked struct {
	Version string
	Walk    []walk.Step
}

// walksAnswer is recorded talks, and the texts of the versions they were held in.
type walksAnswer struct {
	Talks []walked
	Texts map[string]string
}

func (m menuDesk) walks(ctx context.Context, q menuAsk) (walksAnswer, error) {
	a := walksAnswer{Texts: map[string]string{}}
	err := m.store.View(ctx, func(tx callback.Tx) error {
		a.Talks = nil
		all, err := tx.Walked(q.Menu, q.Since, q.Most)
		for _, t := range all {
			a.Talks = append(a.Talks, walked{t.Version, t.Walk})
			a.Texts[t.Version] = ""
		}
		return err
	})
	for version := range a.Texts {
		if found, err := m.Version(ctx, q.Menu, version); err == nil {
			a.Texts[version] = found.Source()
		}
	}
	return a, err
}

// How far back a replay looks, and at how many talks at most, unless somebody
// says otherwise.
const (
	replaySince = 24 * time.Hour
	replayMost  = 10000
)

// replayer is what replay was asked to do.
type replayer struct {
	config, menu, calls, against, save string
	since                              time.Duration
	most                               int
}

func newReplay() *cobra.Command {
	var r replayer
	cmd := &cobra.Command{
		Use:   "replay DRAFT.yaml",
		Short: "Hold the talks of the last days against a draft, and tell which end otherwise",
		Long: "Replay takes what callers did, key by key, and does the same in the draft.\n" +
			"The talks are those that the service has recorded, or lines of a file with --calls: \"open idle: 1 1 1\".",
		Args: cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			return r.run(cmd.Context(), cmd.OutOrStdout(), args[0])
		}),
	}
	f := cmd.Flags()
	configFlag(cmd, &r.config)
	f.StringVar(&r.menu, "menu", "", "the menu whose talks are taken; found by the name of the draft, or as the only one, when left out")
	f.StringVar(&r.calls, "calls", "", "file with talks, one on each line, in place of the recorded ones")
	f.StringVar(&r.against, "against", "", "menu file to compare with; the version that each talk was held in when left out")
	f.StringVar(&r.save, "save", "", "write the recorded talks to this file, one on each line; there are no numbers in it")
	f.DurationVar(&r.since, "since", replaySince, "how far back")
	f.IntVar(&r.most, "max", replayMost, "talks at most, the latest")
	return cmd
}

func (r *replayer) run(ctx context.Context, w io.Writer, file string) error {
	draft, err := menuFor("replay", file)
	if err != nil {
		return err
	}
	talks, of, err := r.talks(ctx, file)
	if err != nil {
		return err
	}
	if r.save != "" {
		if err := saveLines(r.save, talks); err != nil {
			return err
		}
	}
	if len(talks) == 0 {
		fmt.Fprintln(w, "nothing was recorded: take a longer time with --since, or talks of your own with --calls")
		return nil
	}
	tellReplay(w, talks, of, draft)
	return nil
}

// tellReplay tells which talks end otherwise in a draft.
func tellReplay(w io.Writer, talks [][]walk.Step, of func(int) *ivr.Menu, draft *ivr.Menu) {
	for _, line := range replay.Compare(talks, of, draft).Tell() {
		fmt.Fprintln(w, line)
	}
}

// talks finds the talks, and the menu that each was held in.
func (r *replayer) talks(ctx context.Context, file string) ([][]walk.Step, func(int) *ivr.Menu, error) {
	var fixed *ivr.Menu
	var err error
	if r.against != "" || r.calls != "" {
		if r.against == "" {
			r.against = "main"
		}
		if fixed, err = menuFor("replay", r.against); err != nil {
			return nil, nil, err
		}
	}
	if r.calls != "" {
		talks, err := readCalls(r.calls)
		return talks, func(int) *ivr.Menu { return fixed }, err
	}
	return r.recorded(ctx, file, fixed)
}

func readCalls(file string) ([][]walk.Step, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, usage("--calls: %w", err)
	}
	talks, err := replay.Read(in)
	if err := errors.Join(err, in.Close()); err != nil {
		return nil, wrong("read %s: %w", file, err)
	}
	return talks, nil
}

// recorded takes the talks from the service.
func (r *replayer) recorded(ctx context.Context, file string, fixed *ivr.Menu) ([][]walk.Step, func(int) *ivr.Menu, error) {
	q := menuAsk{Menu: r.menu, Most: r.most, Since: time.Now().Add(-r.since)}
	var err error
	if q.Menu == "" {
		if q.Menu, err = r.menuOf(ctx, file); err != nil {
			return nil, nil, err
		}
	}
	a, err := askMenus(ctx, r.config, "/menus/walks", q, menuDesk.walks)
	if err != nil {
		return nil, nil, wrong("%w", err)
	}
	talks, of := a.under(q.Menu, fixed)
	return talks, of, nil
}

// under are the talks, and the menu that each was held in, or one that is fixed;
// without those held in a version that nobody understands any more.
func (a walksAnswer) under(menu string, fixed *ivr.Menu) ([][]walk.Step, func(int) *ivr.Menu) {
	menus := map[string]*ivr.Menu{}
	for version, text := range a.Texts {
		if m, err := ivr.Parse(menu, []byte(text)); err == nil {
			menus[version] = m
		}
	}
	kept := slices.DeleteFunc(a.Talks, func(t walked) bool { return fixed == nil && menus[t.Version] == nil })
	talks := make([][]walk.Step, len(kept))
	for i, t := range kept {
		talks[i] = t.Walk
	}
	return talks, func(i int) *ivr.Menu {
		if fixed != nil {
			return fixed
		}
		return menus[kept[i].Version]
	}
}

// menuOf finds the menu that a draft is of: the one of that name, or the one
// that callers hear when there is no other.
func (r *replayer) menuOf(ctx context.Context, file string) (string, error) {
	c, err := loadConfig(r.config)
	if err != nil && !c.sound {
		return "", err
	}
	var heard []string
	for _, route := range c.Numbers {
		if filepath.Base(route.Menu) == filepath.Base(file) {
			return route.Menu, nil
		}
		if !slices.Contains(heard, route.Menu) {
			heard = append(heard, route.Menu)
		}
	}
	if len(heard) == 1 {
		return heard[0], ctx.Err()
	}
	slices.Sort(heard)
	return "", usage("--menu: callers hear %v; name the one that the draft is of", heard)
}

func saveLines(file string, talks [][]walk.Step) error {
	var text []byte
	for _, steps := range talks {
		text = append(text, replay.Line(steps)+"\n"...)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return wrong("write %s: %w", file, err)
	}
	return nil
}
