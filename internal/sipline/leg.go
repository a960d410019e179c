package sipline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/holdless/holdless/internal/liveline"
	"github.com/holdless/holdless/internal/media"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// A stream is the media of one call. [media.Stream] is one; calls in virtual
// time have another.
type stream interface {
	Trust(netip.Addr)
	Offer() []byte
	Answer(offer []byte) ([]byte, error)
	Accept(answer []byte) error
	Held() bool
	Codec() media.Codec
	Start()
	Play(ctx context.Context, sounds ...[]byte) error
	Loop(sound []byte)
	Stop()
	Key(ctx context.Context) (byte, error)
	Pending() bool
	Flush()
	Inject(key byte)
	Tap(fn func(codec media.Codec, at uint32, payload []byte))
	Music(clip []byte)
	Bridge(far *media.Stream)
	Unbridge()
	Silence() time.Duration
	Pause() time.Duration
	Close() error
}

var _ stream = (*media.Stream)(nil)

// A leg is one call, whoever placed it: a dialog and its media.
type leg struct {
	line   *Line
	dialog *dialog
	stream stream
	talk   string // for the log
	leave  func() // gives back what the call has taken

	gone  chan struct{} // closed when the call is over
	once  sync.Once
	asked chan *liveline.TransferError // the other side wants whom it speaks with put through
	left  chan struct{}                // closed when the other side has hung up
	bye   sync.Once

	mu      sync.Mutex
	looks   *time.Timer          // after the call, while it is up
	said    time.Time            // when we last said something
	acks    map[uint32]*expected // answers of ours that wait for their ACK
	asking  bool                 // a re-INVITE or UPDATE of ours is under way
	session session
	updates bool          // the other side takes UPDATE
	news    chan int      // how a transfer goes that we asked for: status codes; nil without one
	newsFor uint32        // the number of our REFER, or that of its first try
	told    chan struct{} // closed when the other side knows how its own REFER ended
	why     string        // of our goodbye, as a Reason field

	informed bool // a key has come by INFO
	infoSeq  uint32
}

var _ liveline.Leg = (*leg)(nil)

func (l *Line) newLeg(d *dialog, s stream, leave func()) *leg {
	return &leg{
		line: l, dialog: d, stream: s, leave: leave,
		gone: make(chan struct{}), left: make(chan struct{}), asked: make(chan *liveline.TransferError), acks: map[uint32]*expected{},
	}
}

// begin puts the call into the book and watches over it.
func (l *leg) begin() {
	l.line.book.put(l)
	l.watch()
}

// Play implements [liveline.Leg].
func (l *leg) Play(ctx context.Context, lang string, say []ivr.Prompt) error {
	var all [][]byte
	for _, p := range say {
		for _, c := range l.line.voice.Say(lang, p) {
			all = append(all, l.sound(c))
		}
	}
	l.stream.Pause() // what was before is past
	err := l.stream.Play(ctx, all...)
	l.spoke()
	switch {
	case l.isGone():
		return io.EOF
	case errors.Is(err, media.ErrKey), errors.Is(err, media.ErrStopped):
		return nil
	}
	return err
}

// sound picks the clip in the codec that was agreed upon.
func (l *leg) sound(c sounds.Clip) []byte {
	if l.stream.Codec() == media.PCMA {
		return c.PCMA
	}
	return c.PCMU
}

// Wait implements [liveline.Leg].
func (l *leg) Wait(on bool) {
	if !on {
		l.stream.Stop()
		return
	}
	if s := l.sound(l.line.voice.Waiting()); len(s) > 0 {
		l.stream.Loop(s)
	}
}

// errForeign means that two calls of different lines cannot be joined.
var errForeign = errors.New("the other call is not one of this line")

// Bridge implements [liveline.Leg].
func (l *leg) Bridge(ctx context.Context, other liveline.Leg) error {
	far, ok := other.(*leg)
	if !ok {
		return errForeign
	}
	to, ok := far.stream.(*media.Stream)
	if !ok {
		return errForeign
	}
	l.stream.Music(l.sound(l.line.voice.Waiting()))
	to.Music(far.sound(l.line.voice.Waiting()))
	l.stream.Bridge(to)
	defer l.part(far)
	select {
	case <-l.gone:
		return io.EOF
	case <-far.gone:
		return nil
	case t := <-l.asked:
		return t
	case t := <-far.asked:
		return t
	case <-ctx.Done():
		return ctx.Err()
	}
}

// part forgets the keys that were pressed in conversation: they answer no
// question of ours.
func (l *leg) part(far *leg) {
	l.stream.Unbridge()
	l.stream.Flush()
	far.stream.Flush()
}

// Gone implements [liveline.Leg].
func (l *leg) Gone() <-chan struct{} { return l.gone }

func (l *leg) isGone() bool {
	select {
	case <-l.gone:
		return true
	default:
		return false
	}
}

// ask sends a request within the call and waits for its final answer.
func (l *leg) ask(ctx context.Context, r *sip.Request) (*sip.Response, error) {
	return l.line.askWithin(ctx, l.dialog, r)
}

// ask sends a request and waits for its final answer.
func (l *Line) ask(ctx context.Context, r *sip.Request) (*sip.Response, error) {
	ctx, stop := context.WithTimeout(ctx, 64*sip.T1+sip.T1) // RFC 3261, 17.1.2.2: timer F, and a little
	defer stop()
	tx, err := l.ua.TransactionLayer().Request(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("send %s: %w", r.Method, err)
	}
	defer tx.Terminate()
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, fmt.Errorf("%s: %w", r.Method, errors.Join(errSilent, tx.Err()))
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return nil, fmt.Errorf("%s: %w", r.Method, errSilent)
			}
			return nil, fmt.Errorf("%s: %w", r.Method, ctx.Err())
		}
	}
}

// errSilent means that a request was not answered.
var errSilent = errors.New("no answer")
