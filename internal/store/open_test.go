package store_test

import (
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
)

func TestOpenTwiceKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	storetest.EachConfig(t, func(t *testing.T, cfg store.Config) {
		for range 2 {
			s, err := store.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Ping(t.Context()); err != nil {
				t.Error(err)
			}
			err = s.Update(t.Context(), func(tx callback.Tx) error {
				return tx.Record(callback.Entry{Kind: "opened"})
			})
			if err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		s, err := store.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		err = s.View(t.Context(), func(tx callback.Tx) error {
			got, err := tx.Entries(0, 10)
			if len(got) != 2 {
				t.Errorf("entries = %v, want 2", got)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
