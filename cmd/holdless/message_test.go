package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
	"github.com/holdless/holdless/sounds/audio"
)

// messageMenu lets callers leave a message when nobody answers.
const messageMenu = "start: a\nstuck: a\nnodes:\n  a: {do: connect, to: agents, then: e, busy: v}\n" +
	"  v: {do: voicemail, then: e}\n  e: {do: end}\n"

// TestMessageIsHeard has a caller speak after the tone, over SIP and RTP, and the
// agent listen on the page of the promise: he hears what was said, sample by
// sample, and to its end, however late the machine was to read it.
func TestMessageIsHeard(t *testing.T) {
	t.Parallel()
	file := written(t, "numbers: {+358912345: {menu: menu.yaml, queue: billing}}\nsounds: {cache: false}\n")
	text := strings.Replace(read(t, file), "numbers: {+358912345: {menu: main, queue: billing}}\n", "", 1)
	write(t, file, strings.Replace(text, "agents: [anna],", "agents: [anna], voicemail: 1m,", 1))
	write(t, filepath.Join(filepath.Dir(file), "menu.yaml"), messageMenu)
	r := startWith(t, file)
	defer r.end(t)
	defer r.stop()

	said := words(t)
	r.leaves(t, said)
	site := "http://" + r.http.Addr().String()
	agent := enter(t, file, site, "agent")
	id := pageOf.FindString(pageAs(t, agent, site+"/"))
	message := soundOf.FindStringSubmatch(pageAs(t, agent, site+id))
	if message == nil {
		t.Fatalf("no message is on the page %q", id)
	}
	heard, err := audio.ReadWAV([]byte(pageAs(t, agent, site+message[1])))
	if err != nil {
		t.Fatal(err)
	}
	wantSaid(t, heard.Samples, audio.Decode(said).Samples)
}

var (
	pageOf  = regexp.MustCompile(`/desk/[A-Z2-7]{26}`)
	soundOf = regexp.MustCompile(`src="(/desk/[A-Z2-7]{26}/message/[A-Z2-7]{26})"`)
)

// words are a sentence, as a caller could say it, in mu-law.
func words(t *testing.T) (all []byte) {
	t.Helper()
	v, err := sounds.New(sounds.Config{Languages: []string{"en"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, clip := range v.Say("en", ivr.Prompt{Name: "goodbye"}) {
		all = append(all, clip.PCMU...)
	}
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	return all
}

// leaves has somebody call, speak after the tone, and press hash.
func (r *running) leaves(t *testing.T, said []byte) {
	t.Helper()
	_, c := r.call(t)
	ctx, stop := context.WithTimeout(t.Context(), 2*patience)
	defer stop()
	pause := bytes.Repeat([]byte{0xff}, audio.Rate/4) // a key is cut off with the tone that is before it
	tone := c.Encoded(new(sounds.Voice).Beep().PCMU)
	tone = tone[len(tone)/4:][:len(tone)/2]
	err := c.Hear(ctx, func(heard []byte) bool { return len(heard) > audio.Rate })
	if err == nil {
		err = c.Press(ctx, "5") // he knows what he is told
	}
	if err == nil {
		err = c.Hear(ctx, func(heard []byte) bool { return bytes.Contains(heard, tone) })
	}
	if err == nil {
		err = c.Say(ctx, append(c.Encoded(said), c.Encoded(pause)...))
	}
	if err == nil {
		err = c.Press(ctx, "#")
	}
	if err != nil {
		t.Fatalf("no message could be left: %v", err)
	}
	select {
	case <-c.Done():
	case <-ctx.Done():
		t.Fatal("nobody says goodbye to who has left a message")
	}
}

// pageAs is what somebody who has signed in gets.
func pageAs(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", url, res.StatusCode, err)
	}
	return string(body)
}

// wantSaid wants each frame of what was said in what is heard, exactly, one after
// the other. Between them there may be silence: a telephone on a busy machine
// speaks haltingly.
func wantSaid(t *testing.T, heard, said []float64) {
	t.Helper()
	const frame = audio.Rate / 50
	var found []bool
	last := 0
	for at := 0; at+frame <= len(said); at += frame {
		piece := said[at:][:frame]
		if (audio.PCM{Rate: audio.Rate, Samples: piece}).Peak() < 0.02 {
			continue // silence is everywhere
		}
		place := placeOf(heard[last:], piece)
		if place >= 0 {
			last += place + frame
		}
		found = append(found, place >= 0)
	}
	if len(found) < 50 || slices.Contains(found, false) {
		t.Errorf("not all of what was said is heard, in %d samples: %v", len(heard), found)
	}
}

// placeOf is where a part begins; -1 where it is not.
func placeOf(all, part []float64) int {
	for at := 0; at+len(part) <= len(all); at++ {
		if slices.Equal(all[at:][:len(part)], part) {
			return at
		}
	}
	return -1
}
