package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	counted "github.com/holdless/holdless/callback/figures"
	"github.com/holdless/holdless/internal/reports"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
	"github.com/holdless/holdless/internal/wall"
)

// quarterDays are the days in which the million calls below came.
const quarterDays = 90

// million are the calls of a quarter of a year, 100,000 callbacks that were
// kept, and what customers said of them; of 4 queues, 20 agents.
var million = []string{
	`INSERT INTO contact (id, phone, queue, topic, at, agent, spoke_at, settled)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
	SELECT CAST(i AS TEXT), '+35840' || CAST(i % 300000 AS TEXT), 'q' || CAST(i % 4 AS TEXT), 't' || CAST(i % 8 AS TEXT), CAST(7776 AS BIGINT) * i,
		'a' || CAST(i % 20 AS TEXT), CAST(7776 AS BIGINT) * i + 60000, 1 + i % 2 FROM n`,
	`INSERT INTO callback (id, queue, phone, name, topic, lang, note, owner, agent, talk, state, at, wall, zone,
		hold_until, due_at, until, attempts, boot, version, idem_key, created_at, updated_at, settled)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
	SELECT 'c' || CAST(i AS TEXT), 'q' || CAST(i % 4 AS TEXT), '+35840' || CAST(i % 300000 AS TEXT), 'Aino Virtanen', 't' || CAST(i % 8 AS TEXT), 'fi', '', '', 'a' || CAST(i % 20 AS TEXT), '',
		'done', CAST(77760 AS BIGINT) * i, '', '', 0, 0, CAST(77760 AS BIGINT) * i, 0, '', 0, '', CAST(77760 AS BIGINT) * i, CAST(77760 AS BIGINT) * i, 1 FROM n`,
	`INSERT INTO told (id, queue, at, ahead, mean, bound, until, ended_at, how)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
	SELECT 'c' || CAST(i AS TEXT), 'q' || CAST(i % 4 AS TEXT), CAST(77760 AS BIGINT) * i, 0, 0, 0, CAST(77760 AS BIGINT) * i, CAST(77760 AS BIGINT) * i + 60000, 'kept' FROM n`,
	`INSERT INTO survey (talk, callback, call, queue, agent, topic, phone, menu, version, asked_at, sent_at, delivered_at, answered_at, stopped_at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
	SELECT CAST(i AS TEXT), 'c' || CAST(i AS TEXT), '', 'q1', 'a1', '', '+35840' || CAST(i % 300000 AS TEXT), '', '', CAST(77760 AS BIGINT) * i, 1, 1, 1, 0 FROM n`,
	`INSERT INTO score (talk, question, value, words, queue, agent, at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
	SELECT CAST(i AS TEXT), 'csat', 1 + i % 5, 'had to call twice', 'q1', 'a1', CAST(77760 AS BIGINT) * i FROM n`,
	`INSERT INTO journal (at, kind, talk, callback, queue, phone, actor, name, value)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
	SELECT CAST(25920 AS BIGINT) * i, CASE WHEN i % 300 = 0 THEN 'promise.missed' WHEN i % 1000 = 1 THEN 'task' ELSE 'talk.note' END, CAST(i / 3 AS TEXT), 'c' || CAST(i / 3 AS TEXT),
		'q1', '+35840' || CAST(i / 3 % 300000 AS TEXT), 'desk', CASE WHEN i % 1000 = 1 THEN 'unhappy customer' ELSE 'late' END, CASE WHEN i % 1000 = 1 THEN '2 agent:a1' ELSE 'nobody was free in time' END FROM n`,
}

// quarter counts what came of the million calls, as the desk counts it.
func quarter(b *testing.B, s *store.Store, zone *time.Location) {
	b.Helper()
	for _, statement := range million {
		if err := s.Exec(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	names := append(counted.Course(2*time.Hour), counted.Keys, counted.Talking, counted.Writing, counted.Ringing, counted.Available, counted.Told, counted.Held,
		counted.Over, counted.Less, counted.Saved, counted.Resolved, counted.Repeated, counted.Why+"nobody was free in time",
		counted.FunnelOffered, counted.FunnelAccepted, counted.FunnelDialed, counted.FunnelAnswered, counted.FunnelConnected)
	for minutes := -30; minutes <= 30; minutes += 3 {
		names = append(names, counted.PunctualWithin(time.Duration(minutes)*time.Minute))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	const shares = 160 // of a queue on a day: 8 topics, of 20 agents
	for day := range quarterDays {
		since := time.Date(1970, 1, 1+day, 0, 0, 0, 0, zone)
		must(b, s, func(tx callback.Tx) error {
			for i := range 4 * shares {
				parts := map[string]string{
					counted.ByTopic: fmt.Sprint("t", i%8), counted.ByLang: []string{"fi", "en", "cs", "el", "cy", "ro"}[i%6],
					counted.ByAgent: fmt.Sprint("a", i%20), counted.ByHour: fmt.Sprint(i % 24),
				}
				if err := share(tx, fmt.Sprint("q", i/shares), since, names, parts); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := s.Exec(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
}

// share counts a share of a day, 17 or 18 calls.
func share(tx callback.Tx, queue string, since time.Time, names []string, parts map[string]string) error {
	for _, name := range names {
		m := callback.Measure{Queue: queue, Since: since, Count: counted.Count{Name: name, N: 17, Time: 17 * time.Minute}, Parts: map[string]string{}}
		for by, of := range parts {
			if counted.Apart(by, name) {
				m.Parts[by] = of
			}
		}
		if err := tx.Measure(m); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkReport makes the pages of reports of a quarter of a year with a
// million calls and 100,000 callbacks, their files, and the wall.
func BenchmarkReport(b *testing.B) {
	storetest.EachBench(b, func(b *testing.B, s *store.Store) {
		zone := time.UTC
		d := benchDesk(b, s, zone)
		quarter(b, s, zone)
		worst := func(context.Context, time.Time, time.Time) string { return "" }
		pages := (&reports.Server{
			Desk: d, Zone: zone, Log: d.Log, Topic: func(topic string) string { return topic }, Agent: func(context.Context) string { return "" }, Worst: worst,
		}).Handler()
		for _, by := range []string{"queue", "topic", "language", "agent"} {
			b.Run("by="+by, func(b *testing.B) { quarterly(b, pages, "/reports?period=90d&by="+by) })
		}
		for name, path := range map[string]string{
			"one-queue": "/reports?period=90d&queue=q1&by=agent", "unhappy": "/reports/unhappy.csv?period=90d", "missed": "/reports/missed.csv?period=90d",
			"csv": "/reports/promises.csv?period=90d&by=agent", "all": "/reports/all.json?period=90d&by=topic", "audit": "/audit",
		} {
			b.Run(name, func(b *testing.B) { quarterly(b, pages, path) })
		}
		b.Run("unanswered", func(b *testing.B) { unanswered(b, d) })
		hung := (&wall.Server{
			Desk: d, Log: d.Log, Worst: func(context.Context) string { return "" }, Alarms: func(context.Context) []string { return nil },
			Zone: func(string) *time.Location { return zone },
		}).Handler()
		b.Run("wall", func(b *testing.B) { timed(b, func() { fetched(b, hung, "/wall?part=1") }) })
	})
}

// unanswered lists the unhappy customers of the quarter alone.
func unanswered(b *testing.B, d *callback.Desk) {
	b.Helper()
	timed(b, func() {
		all, err := d.Unanswered(b.Context(), time.Unix(0, 0))
		if err != nil || len(all) == 0 {
			b.Fatal(len(all), err)
		}
	})
}

// benchDesk is a desk of 4 queues and 20 agents.
func benchDesk(b *testing.B, s *store.Store, zone *time.Location) *callback.Desk {
	b.Helper()
	c := callback.Defaults()
	c.Agents, c.Queues = map[string]callback.Agent{}, map[string]callback.QueueConfig{}
	for i := range 20 {
		c.Agents[fmt.Sprint("a", i)] = callback.Agent{Name: fmt.Sprint("Agent ", i), Phone: fmt.Sprintf("sip:a%d@127.0.0.1", i)}
	}
	for i := range 4 {
		c.Queues[fmt.Sprint("q", i)] = callback.QueueConfig{Agents: []string{fmt.Sprint("a", i)}, Hours: map[string]string{"mon-sun": "08:00-20:00"}, CallerID: "+358912345678"}
	}
	d, err := callback.New(c)
	if err != nil {
		b.Fatal(err)
	}
	d.Store, d.Boot, d.Log = s, "boot", slog.New(slog.DiscardHandler)
	d.Now = func() time.Time { return time.Date(1970, 1, quarterDays, 12, 0, 0, 0, zone) }
	return d
}

// fetched is what a page answers.
func fetched(b *testing.B, pages http.Handler, path string) *httptest.ResponseRecorder {
	b.Helper()
	got := httptest.NewRecorder()
	pages.ServeHTTP(got, httptest.NewRequest(http.MethodGet, path, nil))
	if got.Code != http.StatusOK || got.Body.Len() == 0 {
		b.Fatal(got.Code, got.Body)
	}
	return got
}

// timed does something again and again, and reports how long half of the times
// took at the most.
func timed(b *testing.B, do func()) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		do()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
}

// quarterly opens a page again and again, and sees that the million is in it.
func quarterly(b *testing.B, pages http.Handler, path string) {
	b.Helper()
	var table struct{ Rows []map[string]any }
	err := json.Unmarshal(fetched(b, pages, "/reports/course-service.json?period=90d&step=week").Body.Bytes(), &table)
	offered := 0.0
	for _, r := range table.Rows {
		offered += r["offered"].(float64)
	}
	if err != nil || len(table.Rows) < 13 {
		b.Fatalf("%d weeks with %.0f callers, %v", len(table.Rows), offered, err)
	}
	timed(b, func() { fetched(b, pages, path) })
}
