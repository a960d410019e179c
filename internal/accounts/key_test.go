package accounts_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/store/storetest"
)

// TestKeysHaveNames holds that two keys that hold have two names, by which they are
// revoked, and that nobody makes one that may do nothing, or what there is not.
func TestKeysHaveNames(t *testing.T) {
	t.Parallel()
	s := open(t, storetest.New(t))
	reads := []accounts.Scope{accounts.ReadCallbacks}
	for _, tt := range []struct {
		name   string
		scopes []accounts.Scope
		want   error
	}{
		{"crm", reads, nil},
		{"crm", reads, accounts.ErrKeyName},
		{"", reads, accounts.ErrKeyName},
		{strings.Repeat("x", 65), reads, accounts.ErrKeyName},
		{"none", nil, accounts.ErrScope},
		{"all", []accounts.Scope{"*"}, accounts.ErrScope},
	} {
		if token, err := s.AddKey(t.Context(), tt.name, tt.scopes, "test"); !errors.Is(err, tt.want) || tt.want == nil && token == "" {
			t.Errorf("%.20q %v: got %v, want %v", tt.name, tt.scopes, err, tt.want)
		}
	}
	for _, want := range []error{nil, callback.ErrNotFound} {
		if err := s.RevokeKey(t.Context(), "crm", "test"); !errors.Is(err, want) {
			t.Errorf("revoke: got %v, want %v", err, want)
		}
	}
	if _, err := s.AddKey(t.Context(), "crm", reads, "test"); err != nil {
		t.Errorf("the name of a key that is revoked: %v", err)
	}
}
