package dispatch

import (
	"log/slog"
	"sync"
	"time"

	"wxdispatch/internal/message"
)

// toldAgain is how often the log says that a lane stands still for the ledger.
const toldAgain = 10 * time.Second

// unheard says in the log that the ledger gives no leave, so that a lane which
// sends nothing is not silent about it. The first message speaks for all.
type unheard struct {
	mu   sync.Mutex
	last time.Time
}

func (u *unheard) tell(log *slog.Logger, job message.Job, err error) {
	if err == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if now := time.Now(); now.Sub(u.last) >= toldAgain {
		u.last = now
		log.Warn("nothing is sent: the ledger gives no leave; it is asked again", slog.String("account", job.Message.Account),
			slog.String("kind", string(job.Message.Kind)), slog.String("id", job.Message.ID), slog.Any("error", err))
	}
}
