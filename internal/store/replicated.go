package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
)

// replicasTimeout is how long replicas may take to have what was written.
const replicasTimeout = time.Second

// Replicated returns what carries out a write and comes back only once n
// replicas have it; nil for n = 0. WAIT speaks of one connection's own writes,
// so the write is handed a client whose scripts all go over that connection, to
// the node of the key: over another one, a failover between the write and the
// wait would be told as done though it was forgotten. A mark is written last, for
// a write that finds all done already writes nothing, and WAIT after nothing is
// content at once.
//
// What it returns fails as the write does, or with class Unavailable when too
// few replicas have it within a second; then it may or may not be kept.
func Replicated(client redis.UniversalClient, n int) func(ctx context.Context, key string, write func(redis.UniversalClient) error) error {
	if n == 0 {
		return nil
	}
	return func(ctx context.Context, key string, write func(redis.UniversalClient) error) error {
		conn, err := connTo(ctx, client, key)
		if err != nil {
			return away(err)
		}
		defer conn.Close()
		if err := write(pinned{client, conn}); err != nil {
			return err
		}
		pipe := conn.Pipeline()
		pipe.Set(ctx, mark(key), 1, time.Minute)
		have := pipe.Do(ctx, "WAIT", n, replicasTimeout.Milliseconds())
		if _, err := pipe.Exec(ctx); err != nil {
			return away(err)
		}
		if got, _ := have.Int(); got < n {
			return &fault.Error{Op: "store.replicated", Class: fault.Unavailable,
				Message: fmt.Sprintf("%d of %d replicas have it; redis.wait_replicas asks for all of them", got, n)}
		}
		return nil
	}
}

// mark is the key of a mark in the slot of another key.
func mark(key string) string {
	from, to := strings.IndexByte(key, '{'), strings.IndexByte(key, '}')
	if from < 0 || to < from {
		return key + ":mark" // no cluster: any node's key will do
	}
	return "wxd:mark:" + key[from:to+1]
}

// connTo is a connection to the node of a key. A node of a cluster that
// answers on it that the key is elsewhere has the client look anew, so that
// the next try goes to the right one.
func connTo(ctx context.Context, client redis.UniversalClient, key string) (*redis.Conn, error) {
	node, err := nodeOf(ctx, client, key)
	if err != nil {
		return nil, err
	}
	conn := node.Conn()
	if cluster, ok := client.(*redis.ClusterClient); ok {
		conn.AddHook(rerouted{cluster})
	}
	return conn, nil
}

// pinned sends scripts and pipelines over one connection.
type pinned struct {
	redis.UniversalClient
	conn *redis.Conn
}

func (p pinned) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return p.conn.Eval(ctx, script, keys, args...)
}

func (p pinned) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	return p.conn.EvalSha(ctx, sha, keys, args...)
}

// ScriptLoad asks no other node: that one may be away, and need not know.
func (p pinned) ScriptLoad(ctx context.Context, script string) *redis.StringCmd {
	return p.conn.ScriptLoad(ctx, script)
}

func (p pinned) Pipeline() redis.Pipeliner { return p.conn.Pipeline() }

func away(err error) error {
	return &fault.Error{Op: "store.replicated", Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
}

// nodeOf is the node that holds a key.
func nodeOf(ctx context.Context, client redis.UniversalClient, key string) (*redis.Client, error) {
	switch client := client.(type) {
	case *redis.Client:
		return client, nil
	case *redis.ClusterClient:
		return client.MasterForKey(ctx, key)
	}
	return nil, fmt.Errorf("a %T has no node to wait on", client)
}
