package traffic

import (
	"fmt"
	"strings"
	"time"

	"github.com/holdless/holdless/callback/walk"
)

// Tell says it all in words and numbers.
func (t Traffic) Tell() []string {
	if t.Talks == 0 {
		return []string{"nobody has called yet"}
	}
	all := []string{fmt.Sprintf("%s %s: %s, %s on the mean%s", t.Menu, t.Version, number(t.Talks, "talk"), seconds(t.Mean), lengths(t.Half, t.Most))}
	for _, e := range t.Ends {
		all = append(all, fmt.Sprintf("  %-10s %s", e.What, share(e.N, t.Talks)))
	}
	for _, n := range t.Nodes {
		all = append(all, n.tell())
	}
	if n, bad := t.Worst(); bad {
		all = append(all, "worst: "+n.Blame())
	}
	return all
}

// tell is one line about a node.
func (n Node) tell() string {
	words := []string{fmt.Sprintf("%-12s %d came, %s each%s", n.Name, n.In, seconds(n.Mean), lengths(n.Half, n.Most))}
	for _, k := range n.Keys {
		words = append(words, fmt.Sprintf("%s: %s", k.What, share(k.N, n.In)))
	}
	for _, c := range []Count{{"silence", n.Silence}, {"wrong key", n.Wrong}, {"hung up", n.Gone}} {
		if c.N > 0 {
			words = append(words, fmt.Sprintf("%s: %s", c.What, share(c.N, n.In)))
		}
	}
	for _, c := range n.Answers {
		words = append(words, fmt.Sprintf("%s: %d", c.What, c.N))
	}
	return strings.Join(words, ", ")
}

// lengths tells how long half of the people, and nine in ten, take at most;
// nothing when that was not counted.
func lengths(half, most time.Duration) string {
	if half == 0 {
		return ""
	}
	return fmt.Sprintf(" (half of them %s, nine in ten %s)", seconds(half), seconds(most))
}

// Blame says what goes wrong at a node.
func (n Node) Blame() string {
	var words []string
	for _, c := range []struct {
		what string
		n    int
	}{{"hang up", n.Gone}, {"press a key that means nothing there", n.Wrong}, {"do nothing", n.Silence}} {
		if c.n > 0 {
			words = append(words, fmt.Sprintf("%s %s", share(c.n, n.In), c.what))
		}
	}
	return fmt.Sprintf("of %d who come to %s, %s", n.In, n.Name, strings.Join(words, ", "))
}

// Compare says how a version does beside another.
func Compare(before, after Traffic) []string {
	all := []string{fmt.Sprintf("%s: %s; %s: %s", before.Version, number(before.Talks, "talk"), after.Version, number(after.Talks, "talk"))}
	for _, end := range walk.Ends() {
		was, is := before.ending(end), after.ending(end)
		if was+is > 0 {
			all = append(all, fmt.Sprintf("%-10s %s (was: %s)", end, share(is, after.Talks), share(was, before.Talks)))
		}
	}
	all = append(all, fmt.Sprintf("a talk takes %s (was: %s)", seconds(after.Mean), seconds(before.Mean)))
	if before.Half > 0 && after.Half > 0 {
		all = append(all, fmt.Sprintf("half of the talks take %s at most (was: %s), nine in ten %s (was: %s)",
			seconds(after.Half), seconds(before.Half), seconds(after.Most), seconds(before.Most)))
	}
	for _, n := range after.Nodes {
		old := before.Node(n.Name)
		if !before.worth(old) || !after.worth(n) {
			continue
		}
		if old.Half > 0 && n.Half > 0 && old.Half != n.Half {
			all = append(all, fmt.Sprintf("at %s half stay %s at most (was: %s)", n.Name, seconds(n.Half), seconds(old.Half)))
		}
		for _, c := range []struct {
			what    string
			was, is int
		}{{"hang up", old.Gone, n.Gone}, {"press a wrong key", old.Wrong, n.Wrong}, {"do nothing", old.Silence, n.Silence}} {
			if percent(c.was, old.In) != percent(c.is, n.In) {
				all = append(all, fmt.Sprintf("at %s %d%% %s (was: %d%%)", n.Name, percent(c.is, n.In), c.what, percent(c.was, old.In)))
			}
		}
	}
	return all
}

func (t Traffic) ending(end string) int {
	for _, e := range t.Ends {
		if e.What == end {
			return e.N
		}
	}
	return 0
}

func percent(n, of int) int { return (100*n + of/2) / max(of, 1) }

func share(n, of int) string { return fmt.Sprintf("%d (%d%%)", n, percent(n, of)) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func number(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
