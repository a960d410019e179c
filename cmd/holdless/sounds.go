package main

import (
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/holdless/holdless/sounds"
)

func newSounds() *cobra.Command {
	var file string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sounds",
		Short: "List, check and render what callers hear",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVarP(&file, "config", "c", "", "configuration file; without one, what ships")
	cmd.PersistentFlags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.AddCommand(soundsList(&file, &asJSON), soundsCheck(&file, &asJSON), soundsRender(&file))
	return cmd
}

// withVoice loads the voice of a configuration, or of none.
func withVoice(file string, do func(config, *sounds.Voice) error) error {
	c := defaults()
	c.Languages, c.Sounds.Cache = sounds.Languages(), false
	if file != "" {
		var err error
		if c, err = loadConfig(file); err != nil {
			return err
		}
	}
	v, err := sounds.New(c.voiceConfig())
	if err != nil {
		return unusable("load sounds: %w", err)
	}
	err = do(c, v)
	if stop := v.Close(); err == nil {
		err = stop
	}
	return err
}

// voiceConfig is what package sounds has to know.
func (c config) voiceConfig() sounds.Config {
	conf := sounds.Config{Languages: c.Languages, Override: c.Sounds.Override, TTS: c.Sounds.TTS}
	if c.Sounds.Cache {
		conf.Cache = filepath.Join(c.Data, "sounds")
	}
	return conf
}

func soundsList(file *string, asJSON *bool) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List every prompt, its words, and where its sound comes from",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			return withVoice(*file, func(c config, v *sounds.Voice) error {
				var all []sounds.Sound
				for _, lang := range c.Languages {
					all = append(all, v.List(lang)...)
				}
				if *asJSON {
					return printJSON(cmd.OutOrStdout(), all)
				}
				tab := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
				for _, s := range all {
					fmt.Fprintf(tab, "%s\t%s\t%s\t%s\n", s.Lang, s.Name, s.From, s.Words)
				}
				return tab.Flush()
			})
		}),
	}
}

func soundsCheck(file *string, asJSON *bool) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Find what callers would not hear well",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			return withVoice(*file, func(c config, v *sounds.Voice) error {
				found := v.Check(c.menuTexts())
				if *asJSON {
					if err := printJSON(cmd.OutOrStdout(), found); err != nil {
						return err
					}
				} else {
					for _, f := range found {
						fmt.Fprintf(cmd.OutOrStdout(), "%s: %s; %s\n", f.Lang, f.What, f.Do)
					}
				}
				if len(found) > 0 {
					return wrong("check sounds: %s found", count(len(found), "fault"))
				}
				return nil
			})
		}),
	}
}

// menuTexts is what the menus of a configuration say in words of their own, by
// language.
func (c config) menuTexts() map[string][]string {
	all := map[string][]string{}
	for _, m := range c.menus {
		for _, lang := range c.Languages {
			all[lang] = append(all[lang], m.Texts(lang)...)
		}
	}
	return all
}

func soundsRender(file *string) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "render",
		Short: "Render with a speech engine: what the menus say, or with --dir what ships with holdless",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(cmd.ErrOrStderr()),
				progressbar.OptionSetVisibility(term.IsTerminal(int(os.Stderr.Fd()))), // a log file is no place for a bar
				progressbar.OptionSetDescription("rendering"), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
			tell := func(done, of int) {
				bar.ChangeMax(of)
				_ = bar.Set(done) // a bar that cannot be drawn hinders nobody
			}
			if dir != "" {
				return sounds.Render(cmd.Context(), sounds.RenderConfig{Dir: dir}, tell)
			}
			if *file == "" {
				return usage("sounds render: name a configuration with -c, or the folder of what ships with --dir")
			}
			return withVoice(*file, func(c config, v *sounds.Voice) error {
				if err := v.Warm(cmd.Context(), tell); err != nil {
					return wrong("render sounds: %w", err)
				}
				for lang, texts := range c.menuTexts() {
					for _, text := range v.Prepare(cmd.Context(), lang, texts) {
						fmt.Fprintf(cmd.OutOrStdout(), "%s: cannot be said: %s\n", lang, text)
					}
				}
				return nil
			})
		}),
	}
	cmd.Flags().StringVar(&dir, "dir", "", "folder of package sounds: renders what ships, for its maintainers")
	return cmd
}
