package hooks_test

import (
	"os"
	"testing"

	"github.com/holdless/holdless/internal/store/storetest"
)

// noProxy is where nobody listens.
const noProxy = "http://127.0.0.1:9"

// TestMain names a proxy, as operators do for all programs of a machine; a
// process looks once.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"HTTP_PROXY": noProxy, "HTTPS_PROXY": noProxy, "NO_PROXY": "", "no_proxy": ""} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	storetest.Main(m)
}
