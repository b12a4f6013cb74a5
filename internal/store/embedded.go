package store

import (
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"

	"wxdispatch/internal/fault"
)

// Embedded is a Redis inside this process, for trying and tests: nothing is
// kept when it ends.
type Embedded struct {
	mini *miniredis.Miniredis
	stop chan struct{}
	done chan struct{}
}

// StartEmbedded starts one that listens on addr (host:port, port 0 for any).
// miniredis lets no key expire by itself, so a ticker moves its time on.
func StartEmbedded(addr string) (*Embedded, error) {
	e := &Embedded{mini: miniredis.NewMiniRedis(), stop: make(chan struct{}), done: make(chan struct{})}
	if err := e.mini.StartAddr(addr); err != nil {
		return nil, &fault.Error{Op: "store.embedded", Class: fault.Unavailable,
			Message: fmt.Sprintf("the embedded Redis cannot listen on %s; free that address or set redis.addrs", addr), Err: err}
	}
	go e.tick()
	return e, nil
}

// Addr is where it listens, host:port.
func (e *Embedded) Addr() string { return e.mini.Addr() }

// Close ends it; everything in it is gone.
func (e *Embedded) Close() error {
	close(e.stop)
	<-e.done
	e.mini.Close()
	return nil
}

func (e *Embedded) tick() {
	defer close(e.done)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-ticker.C:
			e.mini.FastForward(time.Second)
		}
	}
}
