package store_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/holdless/holdless/internal/store/storetest"
)

// background is for helper processes, which have no test.
var background = context.Background()

// helpers are what this binary does when a test runs it as another process.
var helpers = map[string]func(string) error{
	"open":  openAsNobody,
	"write": writeForEver,
}

func TestMain(m *testing.M) {
	do, asked := helpers[os.Getenv("HOLDLESS_STORE_HELPER")]
	if !asked {
		storetest.Main(m)
	}
	if err := do(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
