package api

import (
	"net/http"
	"strconv"
	"strings"
)

// paged makes a page of what was found, which is one more than the limit when
// there is another page, and the cursor of that.
func paged[T, R any](found []T, limit int, show func(T) R, cursor func(T) string) (rows []R, next string) {
	rows = []R{}
	for i, one := range found {
		if i == limit {
			return rows, cursor(found[i-1])
		}
		rows = append(rows, show(one))
	}
	return rows, ""
}

// cursor names a place in an order: a number, and what is there.
func cursor(at int64, id string) string { return strconv.FormatInt(at, 36) + "." + id }

// fromCursor reads one; "" is the beginning.
func fromCursor(c string) (at int64, id string, err error) {
	if c == "" {
		return 0, "", nil
	}
	number, id, ok := strings.Cut(c, ".")
	at, err = strconv.ParseInt(number, 36, 64)
	if err != nil || !ok || id == "" {
		return 0, "", problem(http.StatusUnprocessableEntity, "invalid", "The cursor is none of those that were given.")
	}
	return at, id, nil
}
