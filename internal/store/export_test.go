package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/holdless/holdless/callback"
)

// query returns the text and the arguments of a query that must stay fast
// however much is stored.
func (s *Store) query(name string, args []any) (string, []any) {
	switch name {
	case "openCallback":
		return openCallback, args
	case "dueCallbacks":
		return s.d.dueCallbacks(), args
	case "nextDue":
		return s.d.nextDue(), args
	case "dueMessages":
		return s.d.dueMessages(), args
	case "countSlots":
		return countSlots, args
	case "openTalk":
		return openTalk, args
	case "liveTalks":
		return liveTalks, args
	case "callbacksOf":
		return callbacksOf("customer", []string{"70", "80", "90"})
	case "dials":
		return dials, args
	case "attemptAs":
		return attemptAs, args
	case "forsaken":
		return forsaken, args
	case "ended":
		return ended, args
	case "entriesOf":
		return entriesOf, args
	case "talksWith":
		return talksWith, args
	case "textsFrom":
		return textsFrom, args
	case "tasks":
		return tasks, args
	case "notKept":
		return missed(args[0].(callback.MissedFilter))
	case "changes":
		return changes(args[0].(callback.ChangeFilter))
	case "parts":
		return parts(args[0].(callback.PartFilter))
	case "unsettledCallbacks":
		return unsettledCallbacks, args
	case "unsettledContacts":
		return unsettledContacts, args
	case "ratings":
		return ratings([]callback.Phone{"+35870", "+35880", "+35890"})
	case "takeErrands":
		return takeErrands, args
	case "dialled":
		return dialled(args[0].(callback.DialFilter))
	}
	return findCallbacks(args[0].(callback.Filter))
}

// Exec runs a statement outside of any rule.
func (s *Store) Exec(ctx context.Context, statement string) error {
	_, err := s.write.ExecContext(ctx, statement)
	return err
}

// Plan tells how the database would run a query.
func (s *Store) Plan(ctx context.Context, name string, args []any) (string, error) {
	query, args := s.query(name, append([]any(nil), args...))
	explain := "EXPLAIN QUERY PLAN "
	if s.d == &postgres {
		explain = "EXPLAIN "
	}
	rows, err := s.write.QueryContext(ctx, explain+query, bind(args)...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	cols, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var plan strings.Builder
	for rows.Next() {
		row := make([]any, len(cols))
		for i := range row {
			row[i] = new(any)
		}
		if err := rows.Scan(row...); err != nil {
			return "", err
		}
		fmt.Fprintln(&plan, *row[len(row)-1].(*any)) // SQLite puts numbers before the text
	}
	return plan.String(), rows.Err()
}

// Mentions lists the columns of all tables that have a word in them.
func (s *Store) Mentions(ctx context.Context, word string) ([]string, error) {
	columns := `SELECT t.name, c.name FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
		WHERE t.type = 'table' AND c.type = 'TEXT'`
	if s.d == &postgres {
		columns = `SELECT table_name, column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND data_type = 'text'`
	}
	rows, err := s.write.QueryContext(ctx, columns)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all [][2]string
	for rows.Next() {
		var at [2]string
		if err := rows.Scan(&at[0], &at[1]); err != nil {
			return nil, err
		}
		all = append(all, at)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	var found []string
	for _, at := range all {
		var n int
		query := fmt.Sprintf(`SELECT COUNT(*) FROM %s WHERE %s LIKE $1`, at[0], at[1])
		if err := s.write.QueryRowContext(ctx, query, "%"+word+"%").Scan(&n); err != nil {
			return nil, err
		}
		if n > 0 {
			found = append(found, at[0]+"."+at[1])
		}
	}
	return found, nil
}

// HoldAllowances keeps all limits from others until it is let go, and then has
// all of them be full now.
func (s *Store) HoldAllowances(ctx context.Context, held chan<- error, let <-chan struct{}) error {
	dbtx, err := s.write.BeginTx(ctx, nil)
	if err == nil {
		_, err = dbtx.ExecContext(ctx, `UPDATE allowance SET full_at = full_at`)
	}
	held <- err
	if err != nil {
		return err
	}
	<-let
	if _, err := dbtx.ExecContext(ctx, `UPDATE allowance SET full_at = $1`, time.Now().UnixMicro()); err != nil {
		return errors.Join(err, dbtx.Rollback())
	}
	return dbtx.Commit()
}

// Rows counts the rows of a table.
func (s *Store) Rows(ctx context.Context, table string) (n int, err error) {
	err = s.write.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table).Scan(&n)
	return n, err
}
