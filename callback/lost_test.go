package callback_test

import (
	"cmp"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/store"
	"github.com/holdless/holdless/internal/store/storetest"
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

// torn is a store that has written, and cannot say so: its connection breaks.
type torn struct{ callback.Store }

var errTorn = errors.New("connection reset")

func (s torn) Update(ctx context.Context, fn func(callback.Tx) error) error {
	return cmp.Or(s.Store.Update(ctx, fn), errTorn)
}

// undone is a store that writes nothing, and finds that out as it commits: the disk
// is full.
type undone struct{ callback.Store }

func (u undone) Update(ctx context.Context, fn func(callback.Tx) error) error {
	return u.Store.Update(ctx, func(tx callback.Tx) error { return cmp.Or(fn(tx), errFull) })
}

// A promise is kept whose call was taken in hand when nobody could tell whether that
// was stored, whoever is rung first, and its customer hears of nothing: nothing has
// left. So is one of which nothing was stored.
func TestRingThatMayBeStored(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(callback.Store) callback.Store{
		"stored":     func(s callback.Store) callback.Store { return torn{s} },
		"not stored": func(s callback.Store) callback.Store { return undone{s} },
	} {
		for _, order := range []callback.Order{callback.AgentFirst, callback.CustomerFirst} {
			t.Run(name+", "+string(order), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, func(c *callback.Config) {
					q := c.Queues["billing"]
					q.Dialing = order
					c.Queues["billing"] = q
				})
				c := w.books(aino)
				w.texts()
				w.now = c.At
				whole := w.Store
				w.Store = breaks(whole)
				rings, err := w.Claim(t.Context(), 10)
				if err == nil || len(rings) != 1 {
					t.Fatalf("%d rings, %v", len(rings), err)
				}
				w.Store = whole
				if err := w.Unsent(t.Context(), rings[0], err); err != nil && !errors.Is(err, callback.ErrNotFound) {
					t.Fatal(err)
				}
				w.pass(10 * time.Second)
				w.rings(1)
				w.wantTexts()
			})
		}
	}
}

// A text that was leased when nothing could be stored, and then leased again, is with
// whoever leased it last: what the first says of it, late, is of no lease.
func TestTextThatWasNotLeased(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.books(aino)
	whole := w.Store
	w.Store = undone{whole}
	first, failed := w.ClaimMessages(t.Context(), 10)
	if !errors.Is(failed, errFull) || len(first) != 1 {
		t.Fatalf("%d texts, %v", len(first), failed)
	}
	w.Store = whole
	w.pass(time.Second)
	second := w.leaving("text_booked")
	if err := w.Delivered(t.Context(), first[0], callback.Postponed, failed); err != nil {
		t.Fatal(err)
	}
	w.pass(30 * time.Second)
	w.wantTexts() // its gateway takes its time
	if err := w.Delivered(t.Context(), second, callback.Unclear, errors.New("no answer")); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Minute)
	w.wantTexts()
	w.pass(time.Minute)
	w.wantTexts("text_booked")
}

// unhurried is a store that still writes when its caller has given up.
type unhurried struct {
	callback.Store
	write, written chan struct{}
}

func (u unhurried) Update(ctx context.Context, fn func(callback.Tx) error) error {
	decided := make(chan struct{})
	go func() {
		defer close(u.written)
		_ = u.Store.Update(context.WithoutCancel(ctx), func(tx callback.Tx) error {
			err := fn(tx)
			close(decided)
			<-u.write
			return err
		})
	}()
	<-decided
	return errTorn
}

// A ring is not forgotten because the database has not stored it yet: it may store it
// in the end, when nobody waits for that any more.
func TestRingThatIsStoredLate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := worldOn(t, s, "boot-1")
		c := w.books(aino)
		w.now = c.At
		late := unhurried{s, make(chan struct{}), make(chan struct{})}
		w.Store = late
		rings, err := w.Claim(t.Context(), 10)
		if !errors.Is(err, errTorn) || len(rings) != 1 {
			t.Fatalf("%d rings, %v", len(rings), err)
		}
		w.Store = s
		brief, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		early := w.Unsent(brief, rings[0], err)
		close(late.write)
		<-late.written
		if early == nil || errors.Is(early, callback.ErrNotFound) {
			t.Errorf("of a ring that is being stored it says: %v", early)
		}
		if err := w.Unsent(t.Context(), rings[0], err); err != nil {
			t.Error(err)
		}
		w.pass(10 * time.Second)
		w.rings(1)
	})
}
