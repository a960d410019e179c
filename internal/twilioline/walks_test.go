package twilioline

import (
	"testing"

	"github.com/holdless/holdless/internal/linetest"
)

// TestWalks holds talks with keys at random over the webhooks of Twilio.
func TestWalks(t *testing.T) {
	t.Parallel()
	linetest.Stroll(t, 56, 28, newVisitor)
}
