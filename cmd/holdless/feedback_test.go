package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
)

func TestFeedback(t *testing.T) {
	t.Parallel()
	file := written(t, "")
	s, err := store.Open(t.Context(), store.Config{Dir: dataOf(t, file)})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-time.Hour)
	err = s.Update(t.Context(), func(tx callback.Tx) error {
		var all []error
		for i := range 20 {
			a := callback.Asked{Talk: fmt.Sprint(i), At: at, SentAt: at, DeliveredAt: at, AnsweredAt: at}
			sc := callback.Score{Talk: a.Talk, Question: "csat", Value: 5 - i/16, At: at}
			if i == 19 {
				sc.Value = 1
			}
			all = append(all, tx.PutAsked(a), tx.PutScore(sc))
		}
		return errors.Join(all...)
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	code, out, errs := holdless(t, "feedback", "-c", file)
	for _, want := range []string{
		"asked 20, sent 20, delivered 20, answered 20, stopped 0\n", "response   100 % (84 to 100, n=20)\n",
		"CSAT       95 % (76 to 99, n=20)\n", "NPS        too few to say (n=0)\n",
	} {
		if code != exitDone || !strings.Contains(out, want) {
			t.Errorf("got %d %s %s, want %s", code, out, errs, want)
		}
	}
}

// dataOf is where a configuration keeps its data.
func dataOf(t *testing.T, file string) string {
	t.Helper()
	c, err := loadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	return c.Data
}
