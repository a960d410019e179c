package callback_test

import (
	"context"
	"errors"
	"testing"

	"github.com/holdless/holdless/callback"
)

// lossy is a store that says that it has written, and has not: a replica took
// the place of the database, and lacks its last moments.
type lossy struct{ callback.Store }

func (l lossy) Update(ctx context.Context, fn func(callback.Tx) error) error {
	lost := errors.New("lost")
	err := l.Store.Update(ctx, func(tx callback.Tx) error { return errors.Join(fn(tx), lost) })
	if errors.Is(err, lost) {
		return nil
	}
	return err
}

// Who was called up, and of whom the store knows that he still stands in line,
// waits on until he is called up again. His line does not ask without end.
func TestLostCallUpIsMadeAgain(t *testing.T) {
	t.Parallel()
	w := lined(t)
	caller := w.calls(aino).presses("0").hears("nobody_free")
	w.frees("bo")
	whole := w.Store
	w.Store = lossy{whole}
	w.rings(0)
	w.Store = whole
	caller.called(true).hears("nobody_free")
	caller.called(false)
	w.rings(0)
	if got := caller.called(true).hears("connecting").connect(); got.Addr != "sip:bo@127.0.0.1" {
		t.Errorf("rings %q", got.Addr)
	}
}
