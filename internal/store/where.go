package store

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/holdless/holdless/callback"
)

// A where gathers conditions and their arguments.
type where struct {
	conds []string
	args  []any
}

// arg adds an argument and returns its placeholder.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return fmt.Sprintf("$%d", len(w.args))
}

// add adds a condition, if it is asked for.
func (w *where) add(asked bool, cond string, v any) {
	if asked {
		w.conds = append(w.conds, fmt.Sprintf(cond, w.arg(v)))
	}
}

func (w *where) oneOf(col string, states []callback.State) {
	var places []string
	for _, s := range states {
		places = append(places, w.arg(s))
	}
	if len(places) > 0 {
		w.conds = append(w.conds, col+` IN (`+strings.Join(places, ", ")+`)`)
	}
}

// among writes some values, of which there is one at least, as a list. It is filled up
// to a power of two, so that there are few different statements to remember.
func among[T any](w *where, values []T) string {
	places := make([]string, 1<<bits.Len(uint(len(values)-1)))
	for i := range places {
		places[i] = w.arg(values[min(i, len(values)-1)])
	}
	return strings.Join(places, ", ")
}

func (w *where) text() string {
	if len(w.conds) == 0 {
		return ""
	}
	return ` WHERE ` + strings.Join(w.conds, ` AND `)
}
