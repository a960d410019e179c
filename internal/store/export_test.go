package store

import (
	"context"
	"fmt"
	"strings"

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
	case "dials":
		return dials, args
	case "ended":
		return ended, args
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
