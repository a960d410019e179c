package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

// early is soon after the first of the rows below.
var early = time.Unix(10, 0)

// late is soon before the last of them.
var late = time.Unix(19_900, 0)

// many makes rows of all ages on both databases.
var many = []string{
	`INSERT INTO callback (id, queue, phone, name, topic, lang, note, owner, agent, talk, state, at, wall, zone,
		hold_until, due_at, until, attempts, boot, version, idem_key, created_at, updated_at, settled)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT CAST(i AS TEXT), 'billing', '+358' || CAST(i AS TEXT), '', '', '', '', '', '', '',
		CASE WHEN i % 10 = 0 THEN 'booked' ELSE 'done' END, 1000 * (i % 500), '', '',
		0, 1000 * i, 0, 0, '', 0, '', 0, 1000 * i, CASE WHEN i % 50 = 1 THEN 0 ELSE 1 END FROM n`,
	`INSERT INTO attempt (ref, callback, no, leg, agent, boot, provider, intent_at, sent_at, answered_at, ended_at, outcome)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT CAST(i AS TEXT), CAST(i AS TEXT), 1, 'customer', '', '', 'CA' || CAST(i AS TEXT), 1000 * i, 0, 0, 0, '' FROM n`,
	`INSERT INTO outbox (id, kind, dedupe_key, addr, body, talk, callback, due_at, until, once, tries, boot, lease, done_at, status, err)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT CAST(i AS TEXT), '', '', '', '', '', '', 1000 * i, 0, 0, 0, '', 0, CASE WHEN i % 100 = 0 THEN 0 ELSE 1 END, '', '' FROM n`,
	`INSERT INTO talk (id, line, phone, dialled, menu, queue, callback, attempt, agent, closed, state, last, began_at, ended_at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT CAST(i AS TEXT), 'text', '+358' || CAST(i AS TEXT), '', '', '', '', '', '', CASE WHEN i % 10 = 0 THEN 0 ELSE 1 END, '', '', i, i FROM n`,
	`INSERT INTO journal (at, kind, talk, callback, queue, phone, actor, name, value)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT 1000 * i, CASE WHEN i % 1000 = 0 THEN 'task' WHEN i % 1000 = 1 THEN 'promise.missed' WHEN i % 1000 = 2 THEN 'menu.live' ELSE 'talk.note' END,
		'', CAST(i AS TEXT), '', '', CASE WHEN i % 1000 = 2 THEN 'user:sam' ELSE 'desk' END, 'unhappy customer', '' FROM n`,
	`INSERT INTO part (kind, value, queue, name, since, n, ms)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT CASE WHEN i % 100 = 0 THEN 'agent' ELSE 'topic' END, 'x', 'billing', 'kept', i, 1, 0 FROM n`,
	`INSERT INTO measure (queue, name, since, n, ms)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT 'billing', 'kept', 1000 * i, 1, 0 FROM n`,
	`INSERT INTO contact (id, phone, queue, topic, at, agent, spoke_at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT CAST(i AS TEXT), '+358' || CAST(i AS TEXT), 'billing', '', 1000 * i, 'anna', 1000 * i FROM n`,
	`INSERT INTO inbox (line, id, sender, dialled, body, at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT 'text', CAST(i AS TEXT), '+358' || CAST(i AS TEXT), '', '', i FROM n`,
	`INSERT INTO survey (talk, callback, call, queue, agent, topic, phone, menu, version, asked_at, sent_at, delivered_at, answered_at, stopped_at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT CAST(i AS TEXT), '', '', '', '', '', '+358' || CAST(i AS TEXT), '', '', i, 0, 0, 0, 0 FROM n`,
	`INSERT INTO score (talk, question, value, words, queue, agent, at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT CAST(i AS TEXT), 'csat', 5, '', '', '', i FROM n`,
	`INSERT INTO errand (id, boot, agent, talk, deed, place, at, state)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	SELECT CAST(i AS TEXT), 'b1', 'anna', '', 'join', '', 1000 * i, CASE WHEN i % 1000 = 0 THEN 'asked' ELSE 'done' END FROM n`,
}

// openStates are those in which a customer is still to be called.
var openStates = []callback.State{
	callback.BookedState, callback.RetryWait, callback.Claimed, callback.AgentRinging,
	callback.AgentReady, callback.CustomerDialing, callback.Connected,
}

// A partial index serves only a query with the very words of the index. A
// change of either is found here, not by a service that grows slow.
func TestQueriesUseTheirIndexes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		query   string
		args    []any
		indexes []string
		sorts   bool // the few rows found are sorted
	}{
		{"openCallback", []any{"billing", "+35870"}, []string{"callback_open"}, false},
		{"dueCallbacks", []any{early, 10}, []string{"callback_due"}, false},
		{"nextDue", []any{early}, []string{"callback_due", "outbox_due", "outbox_leased"}, false},
		{"dueMessages", []any{early, 10}, []string{"outbox_due"}, false},
		{"countSlots", []any{"billing", int64(1000), int64(3000), int64(0)}, []string{"callback_slot"}, false},
		{"openTalk", []any{"text", "+35870"}, []string{"talk_open"}, false},
		{"liveTalks", []any{"+35870"}, []string{"talk_live"}, false},
		{"callbacksOf", nil, []string{"talk"}, false},
		{"dials", []any{"+35870", int64(1000)}, []string{"attempt_phone"}, false},
		{"attemptAs", []any{"CA70"}, []string{"attempt_provider"}, false},
		{"forsaken", []any{late}, []string{"attempt_dialled"}, false},
		{"ended", []any{late, 50}, []string{"attempt_dialled"}, false},
		{"dialled", []any{callback.DialFilter{Since: late}}, []string{"attempt_dialled"}, false},
		{"dialled", []any{callback.DialFilter{Since: late, Prefix: "+358700"}}, []string{"attempt_"}, false},
		{"dialled", []any{callback.DialFilter{Since: late, Shown: "+358912345678"}}, []string{"attempt_"}, false},
		{"asked for", []any{callback.Filter{Caller: "+35870", Since: early}}, []string{"callback_caller"}, true},
		{"neighbours", []any{callback.Filter{Prefix: "+35870", Since: early}}, []string{"callback_phone"}, true},
		{"entriesOf", []any{"70", 200}, []string{"journal_callback"}, false},
		{"talksWith", []any{"+35870", 20}, []string{"talk_phone"}, false},
		{"textsFrom", []any{"+35870", 20}, []string{"inbox_sender"}, false},
		{"tasks", []any{"unhappy customer", early, 0, 500}, []string{"journal_task"}, true},
		{"notKept", []any{callback.MissedFilter{From: early, To: late, Max: 50}}, []string{"journal_missed"}, false},
		{"notKept", []any{callback.MissedFilter{From: early, To: late, After: callback.EntryMark{At: late, Seq: 7000}, Max: 50}}, []string{"journal_missed"}, false},
		{"changes", []any{callback.ChangeFilter{Max: 50}}, []string{"journal_people"}, false},
		{"unsettledCallbacks", []any{late, 50}, []string{"callback_unsettled"}, false},
		{"unsettledContacts", []any{late, 50}, []string{"contact_unsettled"}, false},
		{"parts", []any{callback.PartFilter{By: "agent", From: early, To: late}}, []string{"part_values"}, true},
		{"parts", []any{callback.PartFilter{By: "agent", From: early, To: late, Daily: true, Names: []string{"kept"}}}, []string{"part_values"}, true},
		{"parts", []any{callback.PartFilter{Together: true, From: late.Add(-time.Minute), To: late}}, []string{"measure_sum"}, true},
		{"parts", []any{callback.PartFilter{From: late.Add(-time.Minute), To: late, Names: []string{"kept", "late"}}}, []string{"measure"}, true},
		{"ratings", nil, []string{"survey_phone"}, true},
		{"of a link", []any{callback.Filter{Short: "ABCDEFGH"}}, []string{"callback_short"}, true},
		{"held", []any{callback.Filter{States: []callback.State{callback.HeldState}}}, []string{"callback_state"}, false},
		{"missed", []any{callback.Filter{States: []callback.State{callback.BookedState}, To: early}}, []string{"callback_at"}, true},
		{"of a number", []any{callback.Filter{Phone: "+35870"}}, []string{"callback_phone"}, true},
		{"open of a number", []any{callback.Filter{Phone: "+35870", States: openStates, Max: 20}}, []string{"callback_phone"}, true},
		{"over today", []any{callback.Filter{Queue: "billing", States: []callback.State{callback.Done, callback.Failed}, Moved: late, From: time.Unix(100, 0), To: time.Unix(107, 0)}}, []string{"callback_"}, true},
		{"takeErrands", []any{callback.ErrandTaken, "b1", callback.ErrandAsked, early}, []string{"errand_of"}, false},
		{"spoken to", []any{callback.Filter{Phone: "+35870", States: []callback.State{callback.CustomerDialing, callback.Connected}}}, []string{"callback_phone"}, true},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		// SQLite has no statistics unless somebody asks for them. PostgreSQL
		// gathers them by itself, a minute later.
		check := func() {
			t.Helper()
			for _, tt := range tests {
				plan, err := s.Plan(t.Context(), tt.query, tt.args)
				if err != nil {
					t.Fatalf("%s: %v", tt.query, err)
				}
				for _, index := range tt.indexes {
					if !strings.Contains(plan, index) {
						t.Errorf("%s does not use %s:\n%s", tt.query, index, plan)
					}
				}
				if strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "B-TREE") && !tt.sorts {
					t.Errorf("%s reads or sorts more than it needs:\n%s", tt.query, plan)
				}
			}
		}
		fill(t, s)
		if strings.HasSuffix(t.Name(), "/sqlite") {
			check()
		}
		if err := s.Exec(t.Context(), `ANALYZE`); err != nil {
			t.Fatal(err)
		}
		check()
	})
}

func fill(t *testing.T, s *store.Store) {
	t.Helper()
	for _, statement := range many {
		if err := s.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
