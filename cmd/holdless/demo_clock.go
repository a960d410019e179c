package main

import (
	"sync"
	"time"
)

// clock is the time of the demo: it can be sped up, and it can be moved on.
type clock struct {
	mu    sync.Mutex
	began time.Time // by the real clock
	at    time.Time // what the clock showed then
	speed float64
	most  float64 // how fast it may run while nobody needs it like ours
}

// newClock shows two minutes to ten of today at a place, so that the demo is
// the same at night.
func newClock(zone *time.Location, speed float64) *clock {
	real := time.Now()
	y, m, d := real.In(zone).Date()
	return &clock{began: real, at: time.Date(y, m, d, 9, 58, 0, 0, zone), speed: speed, most: speed}
}

// now is what the clock shows.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read(time.Now())
}

func (c *clock) read(real time.Time) time.Time {
	return c.at.Add(time.Duration(float64(real.Sub(c.began)) * c.speed))
}

// jump moves the clock on to a time; it never goes back.
func (c *clock) jump(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	real := time.Now()
	if now := c.read(real); to.Before(now) {
		to = now
	}
	c.began, c.at = real, to.In(c.at.Location())
}

// back shows an earlier time, before anything has happened.
func (c *clock) back(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.began, c.at = time.Now(), to.In(c.at.Location())
}

// pace makes the clock run as fast as this from now on.
func (c *clock) pace(speed float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	real := time.Now()
	c.began, c.at, c.speed = real, c.read(real), speed
}

// limit is how fast the clock may run.
func (c *clock) limit() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most
}

// allow lets the clock run as fast as this while nobody needs it like ours.
func (c *clock) allow(most float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.most = most
}
