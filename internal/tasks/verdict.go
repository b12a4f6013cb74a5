package tasks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"wxdispatch/internal/message"
)

// afterPanic keeps a handler that panics from being called in a tight loop.
const afterPanic = 5 * time.Second

// putOff is a verdict Again on its way through asynq.
type putOff struct {
	after  time.Duration
	reason string
}

func (p *putOff) Error() string {
	return fmt.Sprintf("again in %s: %s", p.after.Round(time.Millisecond), p.reason)
}

// Result is the verdict as an asynq handler returns it: nil takes the task off
// the queue, a postponement brings it back, anything else archives it with the
// reason.
func Result(v message.Verdict) error {
	switch v.Next {
	case message.Done:
		return nil
	case message.Again:
		return &putOff{v.After, v.Reason}
	default:
		return fmt.Errorf("%s: %s: %w", v.State, v.Reason, asynq.SkipRetry)
	}
}

// Delay is asynq's RetryDelayFunc. A postponement says itself when to come
// back; a task whose worker died or whose lease ended runs again at once, since
// the ledger knows whether it may be sent.
func Delay(_ int, err error, _ *asynq.Task) time.Duration {
	var p *putOff
	switch {
	case errors.As(err, &p):
		return wholeSeconds(time.Now(), p.after)
	case asynq.IsPanicError(err):
		return afterPanic
	}
	return 0
}

// wholeSeconds lengthens a wait to a full second of the clock: asynq keeps the
// time without its fraction, and would bring the task back that much early.
func wholeSeconds(now time.Time, d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	at := now.Add(d)
	if whole := at.Truncate(time.Second); whole.Before(at) {
		at = whole.Add(time.Second)
	}
	return at.Sub(now)
}

// IsFailure is asynq's predicate: nothing that comes back counts, because
// attempts are counted in the ledger. One thing does: a task whose own Deadline
// is over (somebody enqueued it by hand, ours have none) is never handed to a
// handler again, so only asynq's count takes it off the queue.
func IsFailure(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
