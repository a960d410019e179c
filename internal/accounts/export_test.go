package accounts

import "context"

// UseLink does what is done once a passkey was made by a link.
func (g *Registry) UseLink(ctx context.Context, name, link string) (token string, err error) {
	err = g.Store.UpdateAccounts(ctx, func(tx Tx) error {
		token, err = g.useLink(tx, maker{name, link}, origin{})
		return err
	})
	return token, err
}

// HashOf hashes a password as it is stored.
func (g *Registry) HashOf(ctx context.Context, password string) (string, error) {
	return g.hash(ctx, password)
}

// Hashing takes the place of somebody whose password is being hashed, if there
// is one, until it is called.
func (g *Registry) Hashing() (done func(), ok bool) {
	g.begin()
	select {
	case g.hashing <- struct{}{}:
		return func() { <-g.hashing }, true
	default:
		return nil, false
	}
}
