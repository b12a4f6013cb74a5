package sweep

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"wxdispatch/internal/message"
)

// Tidier is the account's book as far as it is tidied.
type Tidier interface {
	// Claim takes the right to do a piece of housekeeping for a time.
	Claim(ctx context.Context, what string, d time.Duration) (bool, error)
	// UnderWay yields the records that wait or are being sent, and those that
	// hold a permit since more than 5 minutes and were not begun, with whether
	// their tasks are there, a page at a time.
	UnderWay(ctx context.Context) iter.Seq2[[]Standing, error]
	// Settle carries out what was decided of one of them.
	Settle(ctx context.Context, record *message.Record, do Action) error
}

// Requeue ends doubts as the account's rule says.
type Requeue interface {
	// Doubts returns ids that have been in doubt for longer than after.
	Doubts(ctx context.Context, after time.Duration, most int64) ([]string, error)
	// End ends a doubt; false: it stays one, or was none any more.
	End(ctx context.Context, id string, then Then) (bool, error)
	// Ended is told how many one look ended.
	Ended(ctx context.Context, n int, then Then)
}

// Standing is a record under way and whether the queue holds its task.
type Standing struct {
	Record   *message.Record
	Live     bool // the task will run, or runs
	Archived bool // the task is there and will not run by itself
	Kept     bool // the message's content is kept beside its record
}

// Action is what is done about a record whose task does not bring it on.
type Action string

// The actions.
const (
	Nothing Action = ""
	Look    Action = "look"    // its task is gone; look again before ending it
	Revive  Action = "revive"  // run its archived task
	PutBack Action = "putback" // put it into the queue from its kept payload
	Abandon Action = "abandon" // end it: its task is gone
)

// Tidy looks at all that is under way, and ends doubts as the account's rule
// says. One worker of all does it a minute.
func (s *Sweeper) Tidy(ctx context.Context) error {
	mine, err := s.o.Tidier.Claim(ctx, "tidy", tidyEvery/2)
	if err != nil || !mine {
		return err
	}
	if err := s.tidyQueue(ctx); err != nil {
		return err
	}
	return s.endDoubts(ctx)
}

func (s *Sweeper) tidyQueue(ctx context.Context) error {
	now, seen := s.o.Now(), map[string]time.Time{}
	for page, err := range s.o.Tidier.UnderWay(ctx) {
		if err != nil {
			return err
		}
		for _, standing := range page {
			id := standing.Record.ID
			action := decide(standing, s.missing[id], now)
			if action == Look {
				seen[id] = firstLook(s.missing[id], now)
				continue
			}
			if action == Nothing {
				continue
			}
			if err := s.o.Tidier.Settle(ctx, standing.Record, action); err != nil {
				return err
			}
			s.log.Info("a message whose task did not bring it on", slog.String("id", id),
				slog.String("kind", string(standing.Record.Kind)), slog.String("done", string(action)))
		}
	}
	s.missing = seen
	return nil
}

func firstLook(missing, now time.Time) time.Time {
	if missing.IsZero() {
		return now
	}
	return missing
}

// decide says what is done about a record; missing is since when its task has
// not been there, zero when it was.
func decide(s Standing, missing, now time.Time) Action {
	waits := s.Record.State == message.Waiting
	restarted := waits && (s.Record.Reason == "replay" || s.Record.Reason == "resend")
	switch {
	case s.Live:
		return Nothing
	case restarted && s.Kept:
		return PutBack // whoever restarted it ended before it was in the queue
	case s.Archived && waits:
		if now.Before(s.Record.Due) {
			return Nothing
		}
		return Revive
	case s.Archived:
		return Nothing // being sent: its rescue or its run settles it; or not begun: someone put it there
	case missing.IsZero() || now.Sub(missing) < looksApart:
		return Look
	}
	return Abandon
}

// doubtsPage is how many doubts one look ends.
const doubtsPage = 1000

func (s *Sweeper) endDoubts(ctx context.Context) error {
	if s.o.After <= 0 {
		return nil
	}
	ids, err := s.o.Requeue.Doubts(ctx, s.o.After, doubtsPage)
	if err != nil {
		return err
	}
	ended := 0
	defer func() {
		if ended > 0 {
			s.o.Requeue.Ended(ctx, ended, s.o.Then)
		}
	}()
	for _, id := range ids {
		done, err := s.o.Requeue.End(ctx, id, s.o.Then)
		if err != nil {
			return err
		}
		if !done {
			continue
		}
		ended++
		s.log.Info("a doubt was ended by the account's rule", slog.String("id", id), slog.String("then", string(s.o.Then)))
	}
	return nil
}
