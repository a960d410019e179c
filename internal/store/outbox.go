package store

import (
	"time"

	"github.com/holdless/holdless/callback"
)

const messageCols = `id, kind, dedupe_key, addr, body, talk, callback, due_at, until, once,
	tries, boot, lease, done_at, status, err, ref, receipt, receipt_at, unclear`

func messageInto(m *callback.Message) []any {
	return []any{
		&m.ID, &m.Kind, &m.Key, &m.To, &m.Body, &m.Talk, &m.Callback,
		moment{&m.DueAt},
		moment{&m.Until},
		&m.Once,
		&m.Tries, &m.Boot,
		moment{&m.Lease},
		moment{&m.DoneAt},
		&m.Status, &m.Err, &m.Ref, &m.Receipt,
		moment{&m.ReceiptAt},
		&m.Unclear,
	}
}

func messageArgs(m callback.Message) []any {
	return []any{
		m.ID, m.Kind, m.Key, m.To, m.Body, m.Talk, m.Callback, m.DueAt, m.Until, m.Once,
		m.Tries, m.Boot, m.Lease, m.DoneAt, m.Status, m.Err, m.Ref, m.Receipt, m.ReceiptAt, m.Unclear,
	}
}

// AddMessage implements [callback.Outbox].
func (t *tx) AddMessage(m callback.Message) error {
	return t.add(`INSERT INTO outbox (`+messageCols+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
		ON CONFLICT DO NOTHING`, messageArgs(m)...)
}

// PutMessage implements [callback.Outbox]. The dedupe key never changes.
func (t *tx) PutMessage(m callback.Message) error {
	args := messageArgs(m)
	return t.put(`UPDATE outbox SET kind = $2, addr = $3, body = $4, talk = $5, callback = $6, due_at = $7, until = $8,
			once = $9, tries = $10, boot = $11, lease = $12, done_at = $13, status = $14, err = $15,
			ref = $16, receipt = $17, receipt_at = $18, unclear = $19
		WHERE id = $1`, append(args[:2:2], args[3:]...)...)
}

// Message implements [callback.Outbox].
func (t *tx) Message(id string) (callback.Message, error) {
	return first(t, messageInto, `SELECT `+messageCols+` FROM outbox WHERE id = $1`+t.lock, id)
}

const messageByRef = `SELECT ` + messageCols + ` FROM outbox WHERE ref = $1 AND ref <> '' ORDER BY seq DESC LIMIT 1`

// MessageByRef implements [callback.Outbox].
func (t *tx) MessageByRef(ref string) (callback.Message, error) {
	return first(t, messageInto, messageByRef+t.lock, ref)
}

func (d *dialect) dueMessages() string {
	return `SELECT ` + messageCols + ` FROM outbox` + d.index("outbox_due") + `
		WHERE done_at = 0 AND due_at <= $1 AND lease <= $1
		ORDER BY due_at, seq LIMIT $2` + kept
}

// DueMessages implements [callback.Outbox].
func (t *tx) DueMessages(now time.Time, most int) ([]callback.Message, error) {
	return list(t, messageInto, t.d.dueMessages()+t.claim, now, most)
}

// SentTo implements [callback.Outbox].
func (t *tx) SentTo(to string, since time.Time) (n int, err error) {
	err = t.one(`SELECT COUNT(*) FROM outbox WHERE addr = $1 AND dedupe_key NOT LIKE 'code:%' AND (done_at > $2 AND status = 'sent' OR done_at = 0 AND lease > $2)`, []any{to, since}, &n)
	return n, err
}

// MessagesTo implements [callback.Outbox].
func (t *tx) MessagesTo(to string, most int) ([]callback.Message, error) {
	var w where
	w.add(to != "", `addr = %s`, to)
	query := `SELECT ` + messageCols + ` FROM outbox` + w.text() + ` ORDER BY seq DESC LIMIT ` + w.arg(most) + kept
	return list(t, messageInto, query, w.args...)
}

// AddText implements [callback.Inbox]. A text without an ID is always new.
func (t *tx) AddText(in callback.InText, at time.Time) error {
	return t.add(`INSERT INTO inbox (line, id, sender, dialled, body, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`, in.Line, in.ID, in.From, in.To, in.Body, at)
}
