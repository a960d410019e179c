package simulate

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// known is a result of which every figure is another.
func known() Result {
	s := Usual()
	s.Special, s.Able = 0.2, 3
	return Result{
		Scenario: s, Sentence: "5 places: 8 agents", Sold: 5, Live: 0.61, Planned: 0.82, Busy: 0.8,
		Promises: 716, Kept: 0.9812, Called: 40, KeptPlace: 0.95, LateP99: 65 * time.Second, Unreached: 9,
		Calls: 2309, Waited: 29 * time.Second, Abandoned: 0.054, Told: 800, Bound: 0.911, ToldRare: 100, Rare: 0.903,
		Dials: 900, Machines: 81, ToAgents: 2, Connected: 700, Locked: 17 * time.Second, Held: 0.004, Wrong: []string{"an agent has two calls"},
	}
}

// TestTable holds that every figure stands below its own name.
func TestTable(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	nobody := Result{Scenario: Usual(), Sentence: "0 places: 8 agents"}
	if err := Table(&b, []Result{known(), nobody}); err != nil {
		t.Fatal(err)
	}
	want := `
AGENTS  POLICY    ORDER     PLACES  LOAD  KEPT    LATE P99  NOT REACHED  WAIT  GAVE UP  BOUND HELD  LOCKED  HELD > 10s  MACHINES
8       deadline  adaptive  5       0.82  98.1 %  1:05      9            0:29  5.4 %    91.1 %      17s     0.4 %       2 of 81
8       deadline  adaptive  0       0.00  -       0:00      0            0:00  -        -           0s      -           0 of 0
5 places: 8 agents
20 % need what 3 of them have: bound held for 90.3 % of these
must never be: an agent has two calls
0 places: 8 agents
`
	if got := "\n" + b.String(); got != want {
		t.Errorf("got%swant%s", got, want)
	}
}

// TestChart holds that every result has its bar, as long as its share of promises
// kept, and that the mark is at the share that is wanted.
func TestChart(t *testing.T) {
	t.Parallel()
	none, all := known(), known()
	none.Kept, all.Kept, all.Order = 0.3, 1, CustomerFirst
	var b bytes.Buffer
	if err := Chart(&b, []Result{known(), none, all}); err != nil {
		t.Fatal(err)
	}
	chart := b.String()
	for _, want := range []string{
		`width="404.2" height="18"/>`, `>98.1 %, late p99 1:05<`, // (0.9812 - 0.5) / 0.5 of 420
		`width="0.0" height="18"/>`, `>30.0 %, late p99 1:05<`,
		`width="420.0" height="18"/>`, `>8 agents, deadline, customer_first<`,
		`>5 places, load 0.82, wait 0:29<`,
		`<line class="mark" x1="654.8"`, `>97 %<`,
	} {
		if !strings.Contains(chart, want) {
			t.Errorf("the chart has no %s:\n%s", want, chart)
		}
	}
	if got := strings.Count(chart, "<rect"); got != 3 {
		t.Errorf("the chart has %d bars, want 3", got)
	}
	for d := xml.NewDecoder(&b); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestJSON holds what programs read: every figure by its name, in seconds, and
// null for a share of nobody.
func TestJSON(t *testing.T) {
	t.Parallel()
	nobody := Result{Scenario: Usual()}
	for _, tt := range []struct {
		name string
		of   Result
		want string
	}{
		{"every figure", known(), `{"agents":8,"load":0.61,"aht_seconds":300,"patience_seconds":600,"keep":0,"answer":0.75,"machine":0.1,` +
			`"special":0.2,"able":3,"slot_seconds":900,"beta":0.5,"policy":"deadline","order":"adaptive","days":300,"seed":1,` +
			`"places":5,"sentence":"5 places: 8 agents","planned_load":0.82,"busy":0.8,` +
			`"promises":716,"kept":0.9812,"kept_places":0.95,"late_p99_seconds":65,"not_reached":9,` +
			`"calls":2309,"wait_seconds":29,"gave_up":0.054,"bound_held":0.911,"bound_held_special":0.903,` +
			`"dials":900,"machines":81,"machines_to_agents":2,"locked_seconds":17,"held_over_10s":0.004,"must_never_be":["an agent has two calls"]}`},
		{"nobody", nobody, `"promises":0,"kept":null,"kept_places":null,"late_p99_seconds":0,"not_reached":0,` +
			`"calls":0,"wait_seconds":0,"gave_up":null,"bound_held":null,"bound_held_special":null,` +
			`"dials":0,"machines":0,"machines_to_agents":0,"locked_seconds":0,"held_over_10s":null}`},
	} {
		got, err := json.Marshal(tt.of)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(string(got), tt.want) {
			t.Errorf("%s: got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}
