package reports

import (
	"encoding/csv"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
)

// TestAuditOfADayWithoutMidnight has all of a day that begins at one o'clock, and
// nothing of the evening before.
func TestAuditOfADayWithoutMidnight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var err error
	if w.Zone, err = time.LoadLocation("America/Havana"); err != nil {
		t.Fatal(err)
	}
	for day, name := range map[int]string{7: "before", 8: "of the day"} {
		w.write(func(tx callback.Tx) error {
			return tx.Record(callback.Entry{Kind: "user.added", Actor: "operator", Name: name, At: time.Date(2026, time.March, day, 23, 30, 0, 0, w.Zone)})
		})
	}
	if _, body := w.get("/audit/audit.csv?from=2026-03-08&to=2026-03-08"); strings.Contains(body, "before") || !strings.Contains(body, "of the day") {
		t.Errorf("the audit of the day has %s", body)
	}
}

// TestAudit holds who changed what: what people did, and nothing else.
func TestAudit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, e := range []callback.Entry{
		{Kind: "menu.live", Actor: "user:sam", Name: "main.yaml", Value: "v2"},
		{Kind: "user.added", Actor: "operator", Name: "eve", Value: "agent eve"},
		{Kind: "desk.cancel", Actor: "agent:anna", Callback: "CB1", Value: "has solved it"},
		{Kind: "callback.cancelled", Actor: "api:crm", Callback: "CB2", Name: "operator_close"},
		{Kind: "callback.connected", Actor: "agent:anna", Callback: "CB3"},
		{Kind: "talk.note", Actor: "agent:anna", Name: "csat", Value: "5"},
		{Kind: "callback.booked", Actor: "caller", Callback: "CB4"},
		{Kind: "limit.reached", Actor: "desk", Name: "per_day"},
	} {
		e.At = noon.Add(time.Duration(i-8) * 24 * time.Hour)
		w.write(func(tx callback.Tx) error { return tx.Record(e) })
	}
	kinds := func(query string) string {
		_, body := w.get("/audit/audit.json?" + query)
		var found struct{ Rows []map[string]string }
		if err := json.Unmarshal([]byte(body), &found); err != nil {
			t.Fatal(err, body)
		}
		all := ""
		for _, r := range found.Rows {
			all += r["kind"] + " "
		}
		return all
	}
	for query, want := range map[string]string{
		"":                              "callback.cancelled desk.cancel user.added menu.live ",
		"who=user:sam":                  "menu.live ",
		"what=desk":                     "desk.cancel ",
		"what=nonsense":                 "callback.cancelled desk.cancel user.added menu.live ",
		"from=2026-11-17":               "callback.cancelled desk.cancel ",
		"from=2026-11-16&to=2026-11-16": "user.added ",
	} {
		if got := kinds(query); got != want {
			t.Errorf("%s: %s; want %s", query, got, want)
		}
	}
	_, body := w.get("/audit")
	for _, want := range []string{"sam (user)", "put a menu before callers", "Anna (agent)", `href="/desk/CB1"`, "has solved it", "crm (api)", "who runs the service", "added an account", "cancelled a callback"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for range pageChanges {
		w.write(func(tx callback.Tx) error {
			return tx.Record(callback.Entry{At: noon, Kind: "agent.break", Actor: "user:sam", Name: "anna"})
		})
	}
	_, body = w.get("/audit")
	older := regexp.MustCompile(`href="(/audit\?[^"]*before=[^"]+)"`).FindStringSubmatch(body)
	if len(older) != 2 {
		t.Fatal("there is no way to what is older")
	}
	if _, body = w.get(strings.ReplaceAll(older[1], "&amp;", "&")); strings.Contains(body, "is on a break") || !strings.Contains(body, "sam (user)") {
		t.Error("what is older is not on the next page")
	}
}

// TestAuditFileIsWhole holds that a file has every change once, however many
// there are, and that one that breaks off does not look whole.
func TestAuditFileIsWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const all = 2*fileChanges + 1
	w.write(func(tx callback.Tx) error {
		for i := range all {
			if err := tx.Record(callback.Entry{At: noon, Kind: "agent.break", Actor: "user:sam", Name: strconv.Itoa(i)}); err != nil {
				return err
			}
		}
		return nil
	})
	_, text := w.get("/audit/audit.csv")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != all+1 || rows[0][3] != "on" || rows[1][3] != strconv.Itoa(all-1) || rows[all][3] != "0" {
		t.Errorf("%d lines of CSV, %v", len(rows), err)
	}
	_, text = w.get("/audit/audit.json")
	var found struct {
		Name string
		Rows []struct{ On string }
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil || found.Name != "audit" || len(found.Rows) != all || found.Rows[all-1].On != "0" {
		t.Errorf("%d rows of JSON, %v", len(found.Rows), err)
	}
	if _, text = w.get("/audit/audit.csv?who=user:nobody"); strings.Count(text, "\n") != 1 {
		t.Errorf("of nobody: %q", text)
	}
	w.breaksOff("/audit/audit.csv", "/audit/audit.json")
}
