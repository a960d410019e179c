package ivr

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// offer reads out free times and holds the one that is chosen. The soonest
// come first; one key further are other days, and a time of day may be keyed
// in instead.
type offer struct {
	say  []sentence
	max  int
	wait bool // say that 0 is a person who can be waited for
	then string
	none string // when no time is free

	listen Listen // for one key, or for a time of day
}

// The pages of offer, beside "" for the soonest times. A page of one day has
// the day for a name; a list may go on at an offset: "days/3".
const (
	pageDays    = "days"
	pageNearest = "nearest"
	dayLayout   = "2006-01-02"
)

func readOffer(f *fields) kind {
	return &offer{
		say: f.says("say"), max: f.number("max", 3, 1, 3), wait: f.yes("wait", false),
		then: f.choice(), none: f.next("none"),
		listen: Listen{Max: 4, Finish: "#", Wait: 8 * time.Second, Gap: 1500 * time.Millisecond},
	}
}

func (k *offer) enter(t *talk) string {
	if len(t.Slots) == 0 {
		return k.none
	}
	t.room(k.max + 2) // the times, other days, and a person
	if !t.seen {
		t.sayAll(k.say)
	}
	page, from := cutPage(t.Page)
	all := k.page(t)
	if len(all) == 0 { // the last one went while the caller was listening
		t.Page, page, all = "", "", t.Slots
	}
	switch page {
	case "":
		k.soonest(t, all)
	case pageDays:
		t.say(Prompt{Name: "which_day"})
		k.list(t, "offer_day", all, from)
		k.sayMore(t, "press_days", all)
	case pageNearest:
		t.say(t.offered("nearest", all[0], 1), Prompt{Name: "press_days", Key: k.moreKey()})
	default:
		k.list(t, "offer", all, from)
		k.sayMore(t, "press_later", all)
		t.say(Prompt{Name: "key_time"})
	}
	return t.listen(&k.listen)
}

// page returns all that the list on this page goes through.
func (k *offer) page(t *talk) []time.Time {
	switch page, _ := cutPage(t.Page); page {
	case "":
		return t.Slots
	case pageNearest:
		return t.Offered
	case pageDays:
		return firstOfDays(t.Slots, t.Now.Location())
	default:
		return slices.DeleteFunc(slices.Clone(t.Slots), func(at time.Time) bool {
			return at.In(t.Now.Location()).Format(dayLayout) != page
		})
	}
}

func (k *offer) hear(t *talk, e Event) (string, bool) {
	switch {
	case e.Kind == Held:
		t.Held = e.At
		return k.then, true
	case e.Kind == Taken:
		t.say(Prompt{Name: "taken"})
		t.Slots, t.Page, t.Held = without(t.Slots, t.Held), "", time.Time{}
		return t.Node, true
	case e.Kind != Heard || !digits(e.Text, 1, 4):
		return "", false
	case len(e.Text) > 1:
		return k.keyed(t, e.Text)
	}
	key := int(e.Text[0] - '0')
	switch {
	case key >= 1 && key <= len(t.Offered):
		return k.choose(t, t.Offered[key-1])
	case key == k.max+1 && (t.Page == pageNearest || len(k.page(t)) > k.max):
		return k.more(t)
	}
	return "", false
}

// choose takes the day or the time that was read out under a key. What was
// said is remembered, so a key means what the caller heard, even if the free
// times have changed since.
func (k *offer) choose(t *talk, at time.Time) (string, bool) {
	if page, _ := cutPage(t.Page); page == pageDays {
		t.Page = at.In(t.Now.Location()).Format(dayLayout)
		return t.Node, true
	}
	t.Held = at // so that a Taken can be told from what is still free
	t.out.Book = &Book{Do: Hold, At: at}
	return "", true
}

// more turns the page.
func (k *offer) more(t *talk) (string, bool) {
	page, from := cutPage(t.Page)
	switch page {
	case "", pageNearest:
		t.Page = pageDays
	default:
		t.Page = page + "/" + strconv.Itoa(from+k.max)
	}
	return t.Node, true
}

// keyed looks for the free time nearest to one that was keyed in.
func (k *offer) keyed(t *talk, keys string) (string, bool) {
	clock, ok := clockTime(keys)
	if !ok || len(t.Slots) == 0 {
		t.sorry = "not_a_time"
		return "", false
	}
	at, exact := nearest(t.Slots, k.wished(t), clock)
	if exact {
		return k.choose(t, at)
	}
	t.Page, t.Offered = pageNearest, []time.Time{at}
	return t.Node, true
}

// wished is the instant after which a keyed-in time is meant: now, or the
// beginning of the day whose times are being read out.
func (k *offer) wished(t *talk) time.Time {
	page, _ := cutPage(t.Page)
	day, err := time.ParseInLocation(dayLayout, page, t.Now.Location())
	if err != nil {
		if page == pageDays {
			t.Page = ""
		}
		return t.Now
	}
	t.Page = ""
	return day
}

// soonest reads out the first times of all, and what else there is.
func (k *offer) soonest(t *talk, all []time.Time) {
	k.list(t, "offer", all, 0)
	k.sayMore(t, "press_days", all)
	if t.seen {
		t.say(Prompt{Name: "key_time"})
	}
	if k.wait && t.Open && t.m.anytime["0"] != "" {
		k.person(t)
	}
}

// person says that 0 is a person, if one can be had: at once, or after a wait
// whose bound is known.
func (k *offer) person(t *talk) {
	switch {
	case t.Idle > 0:
		t.say(Prompt{Name: "press_person", Key: "0"})
	case t.Bound > 0:
		minutes := int((t.Bound + time.Minute - 1) / time.Minute)
		t.say(Prompt{Name: "press_wait", N: minutes, Key: "0"})
	}
}

// list reads out one page of a list, which begins again after its end.
func (k *offer) list(t *talk, name string, all []time.Time, from int) {
	if from >= len(all) {
		from = 0
	}
	t.Offered = slices.Clone(all[from:min(from+k.max, len(all))])
	for i, at := range t.Offered {
		t.say(t.offered(name, at, i+1))
	}
}

func (k *offer) sayMore(t *talk, name string, all []time.Time) {
	if len(all) > k.max {
		t.say(Prompt{Name: name, Key: k.moreKey()})
	}
}

func (k *offer) moreKey() string { return strconv.Itoa(k.max + 1) }

func (t *talk) offered(name string, at time.Time, key int) Prompt {
	p := t.timed(name, at)
	p.Key = strconv.Itoa(key)
	return p
}

func cutPage(page string) (name string, from int) {
	name, offset, more := strings.Cut(page, "/")
	if !more {
		return name, 0
	}
	from, err := strconv.Atoi(offset)
	if err != nil || from < 0 {
		return name, 0
	}
	return name, from
}

// firstOfDays returns the first free time of every day.
func firstOfDays(free []time.Time, loc *time.Location) []time.Time {
	var all []time.Time
	last := ""
	for _, at := range free {
		if day := at.In(loc).Format(dayLayout); day != last {
			all, last = append(all, at), day
		}
	}
	return all
}

func without(all []time.Time, at time.Time) []time.Time {
	return slices.DeleteFunc(slices.Clone(all), at.Equal)
}

// hears returns the keys of the times, and the one for more of them.
func (k *offer) hears() map[string]string {
	keys := map[string]string{}
	for n := range k.max + 1 {
		keys[strconv.Itoa(n+1)] = ""
	}
	return keys
}
