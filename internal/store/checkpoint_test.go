package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
)

// What was committed comes into the database file while writers are nowhere
// near the number of pages at which one of them would have to copy it.
func TestLogIsCopiedBesideTheWriter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range 200 {
		must(t, s, func(tx callback.Tx) error {
			return tx.PutTalk(callback.Talk{ID: fmt.Sprint(i), Line: strings.Repeat("x", 1000)})
		})
	}
	file := filepath.Join(dir, "holdless.db")
	late := time.Now().Add(time.Minute)
	for size := int64(0); size < 100_000; {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if size = info.Size(); time.Now().After(late) {
			t.Fatalf("the file still has %d bytes only", size)
		}
		<-time.After(10 * time.Millisecond)
	}
}
