package traffic_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback/walk"
	"github.com/holdless/holdless/internal/traffic"
	"github.com/holdless/holdless/ivr"
)

// counts is what was counted of a version in which so many hung up at times.
func counts(version string, gone int) []walk.Tally {
	one := func(node, way string, n int, d time.Duration) walk.Tally {
		return walk.Tally{Menu: "main", Version: version, Node: node, Way: way, N: n, Time: d}
	}
	return []walk.Tally{
		one("", walk.WayIn, 100, 1000*time.Second), one("", walk.WayEnd+walk.EndBooked, 80-gone, 0),
		one("", walk.WayEnd+walk.EndPerson, 20, 0), one("", walk.WayEnd+walk.EndGone, gone, 0),
		one("times", walk.WayIn, 80, 400*time.Second), one("times", "key 1", 70-gone, 0), one("times", walk.WayMany, 2, 0),
		one("times", walk.WayGone, gone, 0), one("times", walk.WayWrong, 8, 0), one("times", "held", 72-gone, 0),
		one("topics", walk.WayIn, 100, 600*time.Second), one("topics", "key 1", 80, 0), one("topics", walk.WaySilence, 3, 0),
		one("topics", walk.WayTook+"9", 70, 0), one("topics", walk.WayTook+"21", 30, 0), one("", walk.WayTook+"18", 100, 0),
		one("topics", "> times", 80, 0), one("rare", walk.WayIn, 2, 0), one("rare", walk.WayGone, 2, 0),
	}
}

func TestTell(t *testing.T) {
	t.Parallel()
	m, err := ivr.Default("main")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(traffic.Of(counts("v1", 10), m).Tell(), "\n")
	for _, want := range []string{
		"main v1: 100 talks, 10.0 s on the mean (half of them 6.4 s, nine in ten 6.4 s)",
		"  booked     70 (70%)",
		"topics       100 came, 6.0 s each (half of them 0.8 s, nine in ten 12.8 s), 1: 80 (80%), silence: 3 (3%)",
		"times        80 came, 5.0 s each, 1: 60 (75%), more keys: 2 (3%), wrong key: 8 (10%), hung up: 10 (13%), held: 62",
		"worst: of 80 who come to times, 10 (13%) hang up, 8 (10%) press a key that means nothing there",
	} {
		if !strings.Contains(got, want+"\n") && !strings.HasSuffix(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Index(got, "topics  ") > strings.Index(got, "times  ") {
		t.Errorf("the nodes are not in the order of the menu:\n%s", got)
	}
	if got := traffic.Of(nil, m).Tell(); !slices.Equal(got, []string{"nobody has called yet"}) {
		t.Errorf("got %q of nothing", got)
	}
}

func TestTook(t *testing.T) {
	t.Parallel()
	all := traffic.Of(counts("v1", 10), nil)
	for _, tt := range []struct {
		way  ivr.Way
		want int
	}{
		{ivr.Way{From: "times", To: "number", By: "key 1"}, 60},
		{ivr.Way{From: "topics", To: "times", By: "then"}, 80},
		{ivr.Way{From: "nowhere", To: "times", By: "then"}, 0},
	} {
		if got := all.Took(tt.way); got != tt.want {
			t.Errorf("%+v: %d took it, want %d", tt.way, got, tt.want)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	got := traffic.Compare(traffic.Of(counts("v1", 10), nil), traffic.Of(counts("v2", 2), nil))
	want := []string{
		"v1: 100 talks; v2: 100 talks", "person     20 (20%) (was: 20 (20%))", "booked     78 (78%) (was: 70 (70%))",
		"gone       2 (2%) (was: 10 (10%))", "a talk takes 10.0 s (was: 10.0 s)",
		"half of the talks take 6.4 s at most (was: 6.4 s), nine in ten 6.4 s (was: 6.4 s)", "at times 3% hang up (was: 13%)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestWorst: who hangs up counts twice, since he is gone; nodes to which few come
// count for nothing, and neither does what happens to anybody.
func TestWorst(t *testing.T) {
	t.Parallel()
	type node struct {
		name                     string
		came, gone, wrong, quiet int
	}
	for _, tt := range []struct {
		name  string
		nodes []node
		want  string
	}{
		{"hanging up is worse than a wrong key", []node{{"left", 100, 10, 0, 0}, {"astray", 100, 0, 15, 0}}, "left"},
		{"but not than two of them", []node{{"left", 100, 10, 0, 0}, {"astray", 100, 0, 15, 10}}, "astray"},
		{"a share, and no number", []node{{"busy", 100, 5, 0, 0}, {"small", 20, 4, 0, 0}}, "small"},
		{"few of the callers", []node{{"all", 100, 5, 0, 0}, {"rare", 4, 4, 0, 0}}, "all"},
		{"ten at least", []node{{"nine", 9, 9, 0, 0}}, ""},
		{"all is well", []node{{"all", 100, 2, 0, 0}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			all := []walk.Tally{{Way: walk.WayIn, N: tt.nodes[0].came}}
			for _, n := range tt.nodes {
				for way, count := range map[string]int{walk.WayIn: n.came, walk.WayGone: n.gone, walk.WayWrong: n.wrong, walk.WaySilence: n.quiet} {
					all = append(all, walk.Tally{Node: n.name, Way: way, N: count})
				}
			}
			got, bad := traffic.Of(all, nil).Worst()
			if bad != (tt.want != "") || bad && got.Name != tt.want {
				t.Errorf("got %q, %t, want %q", got.Name, bad, tt.want)
			}
		})
	}
}
