package limits

import (
	"context"
	"slices"
	"sync"
	"time"
)

// mostRemembered bounds the memory that strangers can take, for each kind.
const mostRemembered = 20_000

// A Memory is the book of one process. The zero value is ready.
type Memory struct {
	mu  sync.Mutex
	all map[string]map[string]time.Time // when each is full, by kind and name
}

var _ Book = (*Memory)(nil)

// Take implements [Book].
func (m *Memory) Take(_ context.Context, now time.Time, all ...Limit) (Left, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	full := make([]time.Time, len(all))
	var left Left
	for i, l := range all {
		next, one := l.Take(m.all[l.Kind][l.Name()], now)
		if full[i] = next; i > 0 {
			one = left.And(one)
		}
		left = one
	}
	if left.Wait > 0 {
		return left, nil
	}
	for i, l := range all {
		m.put(l, full[i], now)
	}
	return left, nil
}

// Give implements [Book].
func (m *Memory) Give(_ context.Context, now time.Time, all ...Limit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range all {
		if full, ok := m.all[l.Kind][l.Name()]; ok {
			m.put(l, full.Add(-l.Every), now)
		}
	}
	return nil
}

// put remembers when a limit is full.
func (m *Memory) put(l Limit, full, now time.Time) {
	kind := m.all[l.Kind]
	if kind == nil {
		kind = map[string]time.Time{}
		if m.all == nil {
			m.all = map[string]map[string]time.Time{}
		}
		m.all[l.Kind] = kind
	}
	if len(kind) >= mostRemembered {
		sweep(kind, now)
	}
	kind[l.Name()] = full
}

// sweep forgets whose limits are full; when these are few, it forgets those
// too that are the nearest to it.
func sweep(kind map[string]time.Time, now time.Time) {
	var busy []time.Time
	for name, full := range kind {
		if !full.After(now) {
			delete(kind, name)
			continue
		}
		busy = append(busy, full)
	}
	if len(busy) < mostRemembered/2 {
		return
	}
	slices.SortFunc(busy, time.Time.Compare)
	middle := busy[len(busy)/2]
	for name, full := range kind {
		if !full.After(middle) {
			delete(kind, name)
		}
	}
}
