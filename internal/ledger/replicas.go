package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
)

// replicasTimeout is how long replicas may take to have a begin.
const replicasTimeout = time.Second

// runDurably is run, and where replicas are asked for, waits on the same
// connection until they have what the script wrote. Too few: class
// Unavailable, though the script ran; the caller asks again or gives back.
func (l *Ledger) runDurably(ctx context.Context, op string, script *redis.Script, keys []string, args ...any) ([]any, error) {
	if l.replicas == 0 {
		return l.run(ctx, op, script, keys, args...)
	}
	node, err := l.nodeOf(ctx, keys[0])
	if err != nil {
		return nil, unavailable(op, err)
	}
	conn := node.Conn()
	defer conn.Close()
	answer, err := script.Run(ctx, conn, keys, args...).Slice()
	if err != nil {
		return nil, unavailable(op, err)
	}
	have, err := conn.Wait(ctx, l.replicas, replicasTimeout).Result()
	if err != nil {
		return nil, unavailable(op, err)
	}
	if int(have) < l.replicas {
		return nil, &fault.Error{Op: op, Class: fault.Unavailable,
			Message: fmt.Sprintf("%d of %d replicas have it; redis.wait_replicas asks for all of them before a send", have, l.replicas)}
	}
	return answer, nil
}

// nodeOf is the node that holds a key: WAIT speaks of one connection's writes.
func (l *Ledger) nodeOf(ctx context.Context, key string) (*redis.Client, error) {
	switch client := l.redis.(type) {
	case *redis.Client:
		return client, nil
	case *redis.ClusterClient:
		return client.MasterForKey(ctx, key)
	}
	return nil, fmt.Errorf("a %T has no connection of its own to wait on", l.redis)
}
