package pace

import "time"

// clockAge is how long a reading of Redis's clock is believed, at least: two
// clocks drift apart by less than a hundredth of a second meanwhile.
const clockAge = 5 * time.Second

// clock relates Redis's clock to this process's monotonic one. Every answer
// tells that Redis's time was so much between the question and the answer; what
// several of them leave is narrower than any one, so that a slow answer costs
// no slots.
type clock struct {
	base         time.Time // of both clocks' durations here
	redis        int64     // Redis's time at base, by the first reading
	current, old bounds
	since        time.Time // of current
}

// bounds are the least and the most that this process's clock is ahead.
type bounds struct{ least, most time.Duration }

func (b bounds) and(o bounds) bounds { return bounds{max(b.least, o.least), min(b.most, o.most)} }

// learn takes a reading: Redis's time was now at some moment between sent and
// heard. One that contradicts earlier ones (Redis's clock was set, another node
// is the master) takes their place.
func (c *clock) learn(now int64, sent, heard time.Time) {
	if c.base.IsZero() {
		c.base, c.redis = sent, now
	}
	at := micro(now - c.redis)
	reading := bounds{sent.Sub(c.base) - at, heard.Sub(c.base) - at}
	switch narrower := c.both().and(reading); {
	case c.since.IsZero() || narrower.least > narrower.most:
		c.current, c.old, c.since = reading, reading, heard
	case heard.Sub(c.since) > clockAge:
		c.old, c.current, c.since = c.current, reading, heard
	default:
		c.current = c.current.and(reading)
	}
}

func (c *clock) both() bounds { return c.current.and(c.old) }

// local returns the latest local time that a moment of Redis's can be, and how
// much earlier it may be as well.
func (c *clock) local(moment int64) (latest time.Time, earlier time.Duration) {
	b := c.both()
	return c.base.Add(micro(moment-c.redis) + b.most), b.most - b.least
}
