package main

import (
	"context"
	"strings"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// part is who plays on the stage of the demo.
type part string

// The parts of the demo.
const (
	callerPart   part = "caller"
	agentPart    part = "agent"
	customerPart part = "customer"
)

// partOf tells by the menu of a talk who is spoken to.
func partOf(t callback.Talk) part {
	switch t.Menu {
	case "agent", "whisper":
		return agentPart
	case "customer":
		return customerPart
	}
	return callerPart
}

// captions stands between the line and the desk and sees what everybody is
// told: the words of what the line says in real sound. All else a line can ask
// of a desk goes to the desk itself.
type captions struct {
	*callback.Desk
	told func(part, callback.Phone, ivr.Turn)
}

// Answer implements sipline.Desk.
func (c *captions) Answer(ctx context.Context, in callback.Inbound) (ivr.Turn, error) {
	t, err := c.Desk.Answer(ctx, in)
	if err == nil {
		c.told(callerPart, in.From, t)
	}
	return t, err
}

// Next implements sipline.Desk.
func (c *captions) Next(ctx context.Context, talk string, turn int, e ivr.Event) (ivr.Turn, error) {
	t, err := c.Desk.Next(ctx, talk, turn, e)
	if err != nil || e.Kind == ivr.Gone {
		return t, err
	}
	err = c.Store.View(ctx, func(tx callback.Tx) error {
		held, err := tx.Talk(talk)
		if err == nil {
			c.told(partOf(held), held.Phone, t)
		}
		return err
	})
	return t, err
}

// wordsOf is what a turn says.
func wordsOf(t ivr.Turn) string {
	var all []string
	for _, p := range t.Say {
		if text := sounds.Text(t.Lang, p); text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, " ")
}
