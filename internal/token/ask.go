package token

import (
	"context"
	"errors"
	"time"
)

const (
	// comeBack is when to ask again if nobody knows better.
	comeBack = time.Second
	// peek is how often somebody else's fetch is looked at while nobody calls.
	peek = 250 * time.Millisecond

	need  = "need"
	renew = "renew"
)

// errAgain is a fetch's answer when another look is needed: its lock lapsed, or
// the token that it brought was refused meanwhile.
var errAgain = errors.New("the token centre has to look again")

// ask brings a token, once for all of this process who name the same stale one.
func (c *Centre) ask(ctx context.Context, stale string) (string, error) {
	answer := c.flight.DoChan(stale, func() (any, error) {
		if !c.enter() {
			return "", errClosed()
		}
		defer c.running.Done()
		return c.obtain(stale)
	})
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case got := <-answer:
		value, _ := got.Val.(string)
		return value, got.Err
	}
}

// obtain asks the book until somebody's fetch is over, its own or another's.
func (c *Centre) obtain(stale string) (string, error) {
	for {
		name, bell := newName(), c.ringing()
		s, err := c.take(name, need, stale)
		if err != nil {
			return "", err
		}
		stale = "" // said once: what comes next may be the same token, confirmed
		switch s.decision {
		case serve:
			return s.fields["v"], nil
		case fails:
			return "", s.refusal()
		case fetch:
			value, err := c.fetch(name, s)
			if !errors.Is(err, errAgain) {
				return value, err
			}
		default:
			if err := c.await(bell, min(peek, max(s.wait(), time.Millisecond))); err != nil {
				return "", err
			}
		}
	}
}

// take asks the book for the token, or for the lock to fetch it under name. A
// lock that was had just when the centre closed is given back.
func (c *Centre) take(name, want, stale string) (state, error) {
	s, err := c.asked(func(ctx context.Context) (state, error) { return c.book.take(ctx, name, want, stale) })
	if err != nil && s.decision == fetch {
		c.abandon(name)
	}
	return s, err
}

// asked puts a question to the book and takes its answer into the copy. An
// answer that came after Close is returned beside the error.
func (c *Centre) asked(question func(context.Context) (state, error)) (state, error) {
	at := c.o.Now()
	s, err := question(c.ctx)
	if c.ctx.Err() != nil {
		return s, errClosed()
	}
	if err == nil {
		c.adopt(newHeld(s, c.book, at))
	}
	return s, err
}

// adopt takes a reading for the copy, unless a newer one is there. Redis's time
// tells which of two answers that crossed is newer; a later master's clock may
// be behind its predecessor's.
func (c *Centre) adopt(h *held) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.copy.Load()
	if c.closed || old != nil && h.read < old.read && h.at.Sub(old.at) < trip {
		return
	}
	c.copy.Store(h)
	if old == nil || old.value != h.value || old.retry != h.retry {
		close(c.bell)
		c.bell = make(chan struct{})
	}
}

// ringing is closed at the next change of the copy.
func (c *Centre) ringing() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bell
}

// await waits for the bell, for d at most.
func (c *Centre) await(bell <-chan struct{}, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c.ctx.Done():
		return errClosed()
	case <-bell:
	case <-timer.C:
	}
	return nil
}
