package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
	"github.com/holdless/holdless/sounds/audio"
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
	cmd.AddCommand(soundsList(&file, &asJSON), soundsCheck(&file, &asJSON), soundsRender(&file), soundsRecord(&file))
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
	if conf.Override == "" && c.file != "" {
		if info, err := os.Stat(c.recordingsDir()); err == nil && info.IsDir() {
			conf.Override = c.recordingsDir()
		}
	}
	if c.Sounds.Cache {
		conf.Cache = filepath.Join(c.Data, "sounds")
	}
	return conf
}

// recordingsDir is the folder of the operator's own recordings.
func (c config) recordingsDir() string {
	return cmp.Or(c.Sounds.Override, filepath.Join(c.Data, "recordings"))
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
					fmt.Fprintf(tab, "%s\t%s\t%s\t%s\t%s\n", s.Lang, s.Name, s.From, s.Text, s.Words)
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
				found := v.Check(c.own())
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

// own is what the menus of a configuration say in words of their own, with the
// recordings they name.
func (c config) own() []sounds.Own { return ownWords(c.menus, c.Languages) }

func ownWords(menus map[string]*ivr.Menu, languages []string) []sounds.Own {
	var all []sounds.Own
	for _, name := range slices.Sorted(maps.Keys(menus)) {
		for _, w := range menus[name].Words() {
			if slices.Contains(languages, w.Lang) {
				all = append(all, sounds.Own{Lang: w.Lang, Text: w.Text, Recording: w.Recording})
			}
		}
	}
	return all
}

// menuTexts is what the menus of a configuration say in words of their own, by
// language.
func (c config) menuTexts() map[string][]string {
	all := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(c.menus)) {
		for _, lang := range c.Languages {
			all[lang] = append(all[lang], c.menus[name].Texts(lang)...)
		}
	}
	return all
}

func soundsRecord(file *string) *cobra.Command {
	var words string
	cmd := &cobra.Command{
		Use:   "record LANG NAME FILE.wav",
		Short: "Put a recording among your own, with the words that it says",
		Long: "Record looks at a recording and puts it into the folder sounds: override: of the configuration. NAME is a prompt, or what a menu calls it.\n" +
			"The words are kept beside it, so that a recording is not played when the text has changed. A service that runs plays it from the next call on.",
		Args: cobra.ExactArgs(3),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(*file)
			if err != nil {
				return err
			}
			wav, err := readSome(args[2])
			if err != nil {
				return usage("record: %w", err)
			}
			if words == "" {
				words = c.wordsOf(args[0], args[1])
			}
			length, err := sounds.Record(c.recordingsDir(), sounds.Recording{
				Lang: args[0], Name: args[1], Words: words, By: shellActor(), At: time.Now(), WAV: wav,
			})
			if err != nil {
				return wrong("record %s/%s: %w", args[0], args[1], err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s/%s.wav: %.1f seconds, saying %q\n", args[0], args[1], length.Seconds(), words)
			return nil
		}),
	}
	cmd.Flags().StringVar(&words, "words", "", "what it says; found by the name when left out")
	return cmd
}

// readSome reads a file as far as a recording may be long.
func readSome(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	return io.ReadAll(io.LimitReader(file, audio.MaxBytes+1))
}

// wordsOf is the text that a recording stands for: that of a menu, or of a
// prompt.
func (c config) wordsOf(lang, name string) string {
	for _, o := range c.own() {
		if o.Lang == lang && (o.Recording == name || sounds.Slug(o.Text) == name) {
			return o.Text
		}
	}
	if holes, known := ivr.PromptNames()[name]; known && len(holes) == 0 {
		return sounds.Text(lang, ivr.Prompt{Name: name})
	}
	return ""
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func soundsRender(file *string) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "render [LANGUAGE...]",
		Short: "Render with a speech engine: what the menus say, or with --dir what ships with holdless",
		RunE: run(func(cmd *cobra.Command, langs []string) error {
			// One of no known length would draw itself beside us, with no end.
			bar := progressbar.NewOptions(1, progressbar.OptionSetWriter(cmd.ErrOrStderr()),
				progressbar.OptionSetVisibility(isTerminal(cmd.ErrOrStderr())), // a log file is no place for a bar
				progressbar.OptionSetDescription("rendering"), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
			tell := func(done, of int) {
				bar.ChangeMax(of)
				_ = bar.Set(done) // a bar that cannot be drawn hinders nobody
			}
			if dir != "" {
				return sounds.Render(cmd.Context(), sounds.RenderConfig{Languages: langs, Dir: dir}, tell)
			}
			if len(langs) > 0 {
				return usage("sounds render: a configuration names its languages itself")
			}
			if *file == "" {
				return usage("sounds render: name a configuration with -c, or the folder of what ships with --dir")
			}
			return withVoice(*file, func(c config, v *sounds.Voice) error {
				unsaid, err := v.Warm(cmd.Context(), c.menuTexts(), tell)
				if err != nil {
					return wrong("render sounds: %w", err)
				}
				for _, lang := range c.Languages {
					for _, text := range unsaid[lang] {
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
