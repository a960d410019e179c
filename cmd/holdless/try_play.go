package main

import (
	"bytes"
	"context"
	"os/exec"
	"sync"

	"github.com/holdless/holdless/ivr"
)

// players are programs that play mu-law sound from their input.
var players = [][]string{
	{"aplay", "-q", "-t", "raw", "-f", "MU_LAW", "-r", "8000", "-c", "1", "-"},
	{"paplay", "--raw", "--format=ulaw", "--rate=8000", "--channels=1"},
	{"play", "-q", "-t", "raw", "-e", "mu-law", "-b", "8", "-r", "8000", "-c", "1", "-"},
	{"ffplay", "-loglevel", "quiet", "-nodisp", "-autoexit", "-f", "mulaw", "-ar", "8000", "-i", "-"},
}

// findPlayer returns the first program that is installed.
func findPlayer(look func(string) (string, error)) ([]string, error) {
	for _, p := range players {
		if _, err := look(p[0]); err == nil {
			return p, nil
		}
	}
	return nil, usage("--play: no program that plays sound is installed; install alsa-utils, sox or ffmpeg")
}

// sound is what is being played. The zero value is silence.
type sound struct {
	stop context.CancelFunc
	over sync.WaitGroup
}

func (s *sound) cut() {
	if s.stop != nil {
		s.stop()
	}
}

func (s *sound) wait() { s.over.Wait() }

// play lets a turn be heard. What cannot be played has been shown.
func (k *keyboard) play(ctx context.Context, t ivr.Turn) *sound {
	s := &sound{}
	if k.player == nil {
		return s
	}
	var samples []byte
	for _, p := range t.Say {
		for _, c := range k.voice.Say(t.Lang, p) {
			samples = append(samples, c.PCMU...)
		}
	}
	ctx, s.stop = context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, k.player[0], k.player[1:]...)
	cmd.Stdin = bytes.NewReader(samples)
	s.over.Go(func() { _ = cmd.Run() })
	return s
}
