package sweep

import (
	"context"
	"log/slog"
	"sync"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

const (
	// rescuePage is how many dead runs one look takes on.
	rescuePage = 200
	// rescuers is how many of them are brought on at once.
	rescuers = 16
)

// Book tells what dead runs left.
type Book interface {
	// Overdue returns ids whose run should have settled by now, longest first.
	Overdue(ctx context.Context, account string, most int64) ([]string, error)
	// Records returns the records of ids, nil where there is none.
	Records(ctx context.Context, account string, ids []string) ([]*message.Record, error)
}

// Queue is where the messages' contents are.
type Queue interface {
	// Held returns the message of a task in whatever state; class NotFound
	// when there is none.
	Held(ctx context.Context, account string, kind message.Kind, id string) (message.Job, error)
}

// Rescue brings on the messages of runs that died, outside the queue: each is
// begun anew, and the ledger says whether it may be sent. Its task, when asynq
// brings it back, finds where it stands then.
func (s *Sweeper) Rescue(ctx context.Context) error {
	ids, err := s.o.Book.Overdue(ctx, s.o.Account, rescuePage)
	if err != nil || len(ids) == 0 {
		return err
	}
	records, err := s.o.Book.Records(ctx, s.o.Account, ids)
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	defer running.Wait()
	places := make(chan struct{}, rescuers)
	for _, record := range records {
		if record == nil {
			continue
		}
		job, err := s.o.Queue.Held(ctx, s.o.Account, record.Kind, record.ID)
		if fault.Is(err, fault.NotFound) {
			continue // Tidy ends it when it is still gone a minute later
		}
		if err != nil {
			return err
		}
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			verdict := s.o.Lanes.Handle(ctx, job)
			s.log.Info("a dead run's message was brought on", slog.String("kind", string(record.Kind)),
				slog.String("id", record.ID), slog.String("state", string(verdict.State)), slog.String("reason", verdict.Reason))
		})
	}
	return nil
}
