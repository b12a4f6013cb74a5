package sweep

import (
	"context"
	"log/slog"
	"time"
)

// goneApart is the least time between the two looks that find the task of a
// dead run gone. Nothing can begin such a message any more, so it need not wait
// for Tidy; two looks, in case its run settles it just now.
const goneApart = 5 * time.Second

// endGone ends messages that dead runs hold and whose content is nowhere: a
// failover forgot that they were settled, or someone deleted their tasks. They
// may have been sent, so the ledger holds them in doubt.
func (s *Sweeper) endGone(ctx context.Context, places []place) error {
	now, since := s.o.Now(), map[string]time.Time{}
	defer func() { s.gone = since }()
	for _, p := range places {
		if first := firstLook(s.gone[p.id], now); now.Sub(first) < goneApart {
			since[p.id] = first
			continue
		}
		if err := s.o.Tidier.Settle(ctx, p.record, Abandon); err != nil {
			return err
		}
		s.log.Info("a dead run's message has no task any more", slog.String("kind", string(p.lane.Kind)), slog.String("id", p.id))
	}
	return nil
}
