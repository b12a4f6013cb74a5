package sweep

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

const (
	// rescuePage is how many dead runs one look takes on.
	rescuePage = 200
	// rescuers is how many of them are brought on at once.
	rescuers = 16
	// writingDown is how long runs are left alone once Redis answers again: what
	// they know they write down within a trip and the pause before it, and who is
	// rescued before is in doubt for nothing.
	writingDown = 4 * time.Second
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
	Held(ctx context.Context, lane message.Lane, id string) (message.Job, error)
	// Forsaken returns the ids of running tasks whose worker gave no sign of
	// life for so long, up to most a lane of the account.
	Forsaken(ctx context.Context, account string, silent time.Duration, most int64) (map[message.Lane][]string, error)
}

// place is where a message's content is.
type place struct {
	lane   message.Lane
	id     string
	record *message.Record // of a run that died
}

// Rescue brings on the messages of runs and workers that died, outside the
// queue: each is begun anew, and the ledger says whether it may be sent. Its
// task, when asynq brings it back, finds where it stands then.
func (s *Sweeper) Rescue(ctx context.Context) error {
	overdue, err := s.overdue(ctx)
	if err != nil {
		return err
	}
	forsaken, err := s.forsaken(ctx)
	if err != nil {
		return err
	}
	gone, err := s.bringOn(ctx, append(overdue, forsaken...))
	if err != nil {
		return err
	}
	return s.endGone(ctx, gone)
}

// overdue returns the messages that runs hold beyond their time, though not soon
// after Redis was away: it kept the living from writing, too.
func (s *Sweeper) overdue(ctx context.Context) ([]place, error) {
	asked := s.o.Now()
	ids, err := s.o.Book.Overdue(ctx, s.o.Account, rescuePage)
	now := s.o.Now()
	if err != nil || now.Sub(asked) > rescueEvery {
		s.away = now
	}
	if err != nil || len(ids) == 0 || now.Sub(s.away) < writingDown {
		return nil, err
	}
	records, err := s.o.Book.Records(ctx, s.o.Account, ids)
	if err != nil {
		return nil, err
	}
	var places []place
	for _, record := range records {
		if record != nil {
			places = append(places, place{record.Lane(), record.ID, record})
		}
	}
	return places, nil
}

// bringOn hands messages to their dispatchers and returns when each has its
// verdict. What dead runs hold and no queue does any more it answers as gone.
func (s *Sweeper) bringOn(ctx context.Context, places []place) (gone []place, err error) {
	var running sync.WaitGroup
	defer running.Wait()
	free := make(chan struct{}, rescuers)
	for _, p := range places {
		job, err := s.o.Queue.Held(ctx, p.lane, p.id)
		switch {
		case fault.Is(err, fault.NotFound) && p.record != nil:
			gone = append(gone, p)
			continue
		case fault.Is(err, fault.NotFound), fault.Is(err, fault.Invalid):
			continue // done meanwhile; or no message, which the lane archives
		case err != nil:
			return nil, err
		}
		if job.Message.Lane() != p.lane {
			continue // in the wrong queue: the lane archives it
		}
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			verdict := s.o.Lanes.Handle(ctx, job)
			s.log.Info("a dead run's message was brought on", slog.String("kind", string(p.lane.Kind)),
				slog.String("id", p.id), slog.String("state", string(verdict.State)), slog.String("reason", verdict.Reason))
		})
	}
	return gone, nil
}
