package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/twilioline"
)

func newTwilio() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "twilio",
		Short: "Prepare an account at Twilio",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTwilioFallback())
	return cmd
}

func newTwilioFallback() *cobra.Command {
	var file, lang string
	cmd := &cobra.Command{
		Use:   "fallback",
		Short: "Print the document that callers hear while this machine is down",
		Args:  cobra.NoArgs,
		RunE: run(func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(file)
			if err != nil {
				return err
			}
			if lang == "" {
				lang = c.Twilio.Lang
			}
			fmt.Fprintln(cmd.OutOrStdout(), c.Twilio.Fallback(lang))
			fmt.Fprint(cmd.ErrOrStderr(), fallbackAdvice(c.Twilio))
			return nil
		}),
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&lang, "lang", "", "language of what is said; without it the first of languages")
	return cmd
}

// fallbackAdvice says where the document belongs, and what it lacks.
func fallbackAdvice(c twilioline.Config) string {
	advice := "Keep this at Twilio, not on this machine: in the console make a TwiML Bin of it, and choose\n" +
		"that at each number under \"Primary handler fails\". Print it anew when languages or\n" +
		"twilio.fallback_to change.\n"
	if c.FallbackTo == "" {
		advice += "It rings nobody: name a person in twilio.fallback_to.\n"
	}
	return advice
}
