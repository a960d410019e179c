package desk

import (
	"sync"
	"time"
)

const (
	lookEvery = 200 * time.Millisecond // how often the journal is looked at for what other nodes have done
	readMost  = 500                    // entries at a time
	queueMost = 256                    // events that may wait for one browser
)

// A client is one browser that listens. Who is too slow is let go: he comes
// again, and is told what he has missed.
type client struct {
	who  Person
	out  chan []byte
	look chan struct{} // whether he is still let in
}

// A hub tells every browser what happens. One reader of the journal serves all.
type hub struct {
	mu      sync.Mutex
	clients map[*client]bool
	seq     int64 // the last entry that was told
	over    bool
}

// join adds a browser, and returns the last entry that it will not be told of.
func (h *hub) join(who Person) (*client, int64) {
	c := &client{who, make(chan []byte, queueMost), make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		close(c.out)
		return c, h.seq
	}
	if h.clients == nil {
		h.clients = map[*client]bool{}
	}
	h.clients[c] = true
	return c, h.seq
}

func (h *hub) leave(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(c)
}

// drop lets a browser go. The lock is held.
func (h *hub) drop(c *client) {
	if h.clients[c] {
		delete(h.clients, c)
		close(c.out)
	}
}

// tell sends events to those who may see them, and has read up to seq.
func (h *hub) tell(seq int64, events []event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		for _, e := range events {
			if !e.to(c.who) {
				continue
			}
			if e.text == nil {
				select {
				case c.look <- struct{}{}:
				default: // he looks already
				}
				continue
			}
			select {
			case c.out <- e.text:
			default:
				h.drop(c)
			}
			if !h.clients[c] {
				break
			}
		}
	}
	h.seq = max(h.seq, seq)
}

// skip has read up to seq, if there is nobody to tell.
func (h *hub) skip(seq int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.clients) > 0 {
		return false
	}
	h.seq = max(h.seq, seq)
	return true
}

// empty reports whether nobody listens.
func (h *hub) empty() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients) == 0
}

// close sends everybody away, now and later.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.over = true
	for c := range h.clients {
		h.drop(c)
	}
}

func (h *hub) last() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seq
}

// An event is what a browser is told, as it goes over the wire.
type event struct {
	text []byte // nil to have it looked at whether he is still let in
	to   func(Person) bool
}

// only chooses the browsers of one agent.
func only(agent string) func(Person) bool {
	return func(p Person) bool { return p.Agent == agent }
}

func everybody(Person) bool { return true }
