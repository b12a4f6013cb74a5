package token

import (
	"math/rand/v2"
	"time"

	"wxdispatch/internal/message/keys"
)

const (
	// reread bounds the age of a copy that no news came for, Redis willing.
	reread = 15 * time.Second
	// breath is the least time between two looks that nobody called for.
	breath = 50 * time.Millisecond
)

// keep learns of changes, renews ahead, and tries again what failed.
func (c *Centre) keep() {
	defer c.running.Done()
	changes := c.book.redis.Subscribe(c.ctx, keys.Token(c.o.Account))
	defer func() { _ = changes.Close() }()
	news := changes.ChannelWithSubscriptions() // subscribed anew: something may have been missed
	for {
		failing := c.attend()
		timer := time.NewTimer(c.pause(failing))
		select {
		case <-c.ctx.Done():
			timer.Stop()
			return
		case <-news:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// attend reads how the token stands and fetches what is due. It tells whether
// Redis failed.
func (c *Centre) attend() bool {
	if _, err := c.asked(c.book.look); err != nil {
		return true
	}
	at, wanted := c.copy.Load().due()
	if !wanted || c.o.Now().Before(at) {
		return false
	}
	name := newName()
	s, err := c.take(name, renew, "")
	if err != nil {
		return true
	}
	if s.decision == fetch {
		_, _ = c.fetch(name, s) // what went wrong is logged, and stands in the copy
	}
	return false
}

// pause is how long nothing needs to be looked at. Somebody else's fetch tells
// of its end; where it does not, it is looked at soon.
func (c *Centre) pause(failing bool) time.Duration {
	wait := c.reread - rand.N(c.reread/4)
	if at, wanted := c.copy.Load().due(); wanted {
		left := at.Sub(c.o.Now())
		if left <= 0 {
			left = peek
		}
		wait = min(wait, left)
	}
	if failing {
		wait = min(wait, comeBack)
	}
	return max(wait, breath)
}
