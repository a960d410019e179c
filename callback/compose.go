package callback

import (
	"cmp"
	"errors"
	"strings"

	"github.com/holdless/holdless/ivr"
)

// brief begins the names of words that say the same with fewer letters, and
// without such as make a text dear. A text has room for them and a link.
const brief = "text_brief_"

// briefly names the short form of the words of a text.
func briefly(name string) string { return brief + strings.TrimPrefix(name, "text_") }

// compose writes a text about a callback: what it says, how to answer, where to
// see and change it, and the number that calls, if there is room.
func (d *Desk) compose(c Callback, q *Queue, name string, at ivr.Prompt) string {
	link := ""
	if d.Link != nil && (!c.State.Over() || c.State.again()) {
		link = d.Link(c)
	}
	body := d.wording(c.Lang, at, link)
	if q.CallerID == "" || name != "text_booked" && name != "text_moved" {
		return body
	}
	longer := body + " " + d.Text(c.Lang, ivr.Prompt{Name: "text_from", Digits: string(q.CallerID)})
	if d.cost(longer) <= d.cost(body) {
		return longer
	}
	return body
}

// wording chooses among the ways to say a text, each with the digits that
// answer it and its link, the one that is billed as the fewest messages; of
// several the one with the most words.
func (d *Desk) wording(lang string, p ivr.Prompt, link string) string {
	ask := asks[questions[p.Name]]
	few := p
	few.Name = briefly(p.Name)
	ways := []string{d.sentences(lang, link, p, ivr.Prompt{Name: ask})}
	if link != "" {
		short := ivr.Prompt{}
		if ask != "" {
			short.Name = briefly(ask)
		}
		ways = append(ways, d.sentences(lang, link, p, short), d.sentences(lang, link, few, short))
	}
	best := ways[0]
	for _, way := range ways[1:] {
		if d.cost(way) < d.cost(best) {
			best = way
		}
	}
	return best
}

// sentences writes prompts and a link behind one another.
func (d *Desk) sentences(lang, link string, prompts ...ivr.Prompt) string {
	var all []string
	for _, p := range prompts {
		if p.Name != "" {
			all = append(all, d.Text(lang, p))
		}
	}
	if link != "" {
		all = append(all, link)
	}
	return strings.Join(all, " ")
}

// cost is as how many messages a text is billed.
func (d *Desk) cost(body string) int {
	if d.Messages == nil {
		return 1
	}
	return d.Messages(body)
}

// What a survey, and a text that follows it, is about is a callback; of a call
// that was answered at once there is none, and what would be one is made of the
// talk.

// matter is what a call was about that was answered at once.
func (t *Talk) matter() Callback {
	return Callback{
		Queue: t.Queue, Phone: t.Phone, Topic: t.State.Data["topic"], Lang: t.State.Lang, Agent: t.Agent, Talk: t.ID, State: Done,
	}
}

// matterOf returns what a talk by text is about.
func matterOf(tx Tx, t Talk) (Callback, error) {
	if t.Callback != "" {
		return tx.Callback(t.Callback)
	}
	c := t.matter()
	a, err := tx.Asked(cmp.Or(t.State.Data["survey"], t.ID))
	if errors.Is(err, ErrNotFound) {
		return c, nil
	}
	c.Topic = cmp.Or(c.Topic, a.Topic)
	return c, err
}

// matterFor returns what a message is about that nobody waits for.
func matterFor(tx Tx, m Message) (Callback, error) {
	if m.Callback != "" {
		return tx.Callback(m.Callback)
	}
	t, err := tx.Talk(strings.TrimPrefix(m.Key, surveyKey))
	return t.matter(), err
}
