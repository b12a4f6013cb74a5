package worker

import (
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/ledger"
)

// ears hear of parks that other programs change: one subscription for all
// accounts. What is missed is seen at the next look.
type ears struct {
	sub  *redis.PubSub
	done chan struct{}
}

func (w *Worker) hear() *ears {
	e := &ears{sub: w.redis.PSubscribe(w.life, ledger.Heard), done: make(chan struct{})}
	told := e.sub.Channel()
	go func() {
		defer close(e.done)
		for m := range told {
			if a := w.fleet.find(ledger.HeardOf(m.Channel)); a != nil {
				a.keeper.Wake()
			}
		}
	}()
	return e
}

func (e *ears) stop() error {
	err := e.sub.Close()
	<-e.done
	return err
}
