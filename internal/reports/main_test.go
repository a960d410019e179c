package reports

import (
	"testing"

	"github.com/holdless/holdless/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }
