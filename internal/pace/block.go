package pace

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

const (
	// slotGood is how long a slot may stand before its call starts. The promise
	// leaves 100 ms; the rest is for the way to WeChat.
	slotGood = 70 * time.Millisecond
	// takeWithin is how much later than a slot's moment, and its lateness, it
	// may be taken, so that time is left for what stands between the slot and
	// the call.
	takeWithin = 40 * time.Millisecond
	// blockLife is how long a block lasts beyond its grant and its last slot,
	// however late its slots might be used.
	blockLife = time.Second
)

// block is some slots of the account's line, leased by this worker. They are
// spent through a limiter that runs empty from the block's start: a slot comes
// at its moment, and what is not taken while its lateness lasts is lost.
type block struct {
	limiter *rate.Limiter
	start   time.Time     // the first slot comes a step later
	last    time.Time     // the last slot's moment and half a step
	step    float64       // seconds
	late    time.Duration // after its moment, by the late clock, a slot may be taken
	good    time.Duration // after its moment, by the late clock, its call may start
	lapse   time.Time     // nothing is taken from then on
	slots   int
	from    int64 // Redis's time of start
	to      int64
}

// newBlock turns a grant into a block on the local clock, nil when no slot of
// it can be used. A moment is taken for the latest that it may be, so that no
// slot is early; and its time is cut by as much as that may be wrong, so that
// none is late.
func newBlock(g grant, c *clock, heard time.Time) *block {
	start, earlier := c.local(g.from)
	step := float64(g.to-g.from) / 1e6 / float64(g.slots)
	late := g.late + takeWithin - earlier
	if late < 0 {
		return nil
	}
	b := &block{
		start: start, last: start.Add(seconds((float64(g.slots) + 0.5) * step)), step: step,
		late: late, good: g.late + slotGood - earlier, slots: g.slots, from: g.from, to: g.to,
	}
	b.lapse = later(heard, b.last).Add(min(late, blockLife))
	atMost := g.slots + int(b.lapse.Sub(b.last).Seconds()/step) + int(max(0, heard.Sub(start)).Seconds()/step) + 2 // never full: late slots are dropped one by one
	b.limiter = rate.NewLimiter(rate.Limit(1/step), atMost)
	b.limiter.AllowN(start, atMost)
	return b
}

// next returns the moment of the next slot; it may be over already. A block
// that is used up or has lapsed has none.
func (b *block) next(now time.Time) (moment time.Time, ok bool) {
	if !now.Before(b.lapse) {
		return time.Time{}, false
	}
	at := later(now, b.start)
	moment = b.moment(at)
	if over := at.Sub(moment) - b.late; over > 0 {
		b.limiter.AllowN(at, int(math.Ceil(over.Seconds()/b.step)))
		moment = b.moment(at)
	}
	return moment, !moment.After(b.last)
}

// moment is when the limiter's next token came or comes.
func (b *block) moment(at time.Time) time.Time {
	return at.Add(seconds((1 - b.limiter.TokensAt(at)) * b.step))
}

// take takes the slot of that moment and returns until when its call must have
// started; false when it has not come yet.
func (b *block) take(moment, now time.Time) (good time.Time, ok bool) {
	if now.Before(b.start) || !b.limiter.AllowN(now, 1) {
		return time.Time{}, false
	}
	good = now.Add(slotGood)
	if end := moment.Add(b.good); end.Before(good) {
		good = end
	}
	return good, true
}

// left is how many slots are still to come or to be taken.
func (b *block) left(now time.Time) int {
	moment, ok := b.next(now)
	if !ok {
		return 0
	}
	return min(b.slots, int(b.last.Sub(moment).Seconds()/b.step)+1)
}

// rest is the part of the block that was not used, in Redis's time: what may
// be given back.
func (b *block) rest(now time.Time) (from, to int64) {
	unused := float64(b.left(now)) / float64(b.slots)
	return b.to - int64(math.Floor(unused*float64(b.to-b.from))), b.to
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
