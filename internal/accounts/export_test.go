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
