package main

import (
	"context"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// counter counts the commands that a worker sends, as a hook of its client:
// Redis's own count takes in what scripts do inside. A pipeline of n is n.
type counter struct {
	mu    sync.Mutex
	sent  map[string]int64
	polls map[string]int64
}

// counted is a counter's answer.
type counted struct {
	Sent  map[string]int64 `json:"sent"`  // by name; a script's by the start of its hash
	Polls map[string]int64 `json:"polls"` // asynq's questions for a task, by queue
}

// total is all commands together.
func (c counted) total() (n int64) {
	for _, one := range c.Sent {
		n += one
	}
	return n
}

func newCounter() *counter {
	return &counter{sent: map[string]int64{}, polls: map[string]int64{}}
}

func (c *counter) counts() counted {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := counted{map[string]int64{}, map[string]int64{}}
	for name, n := range c.sent {
		out.Sent[name] = n
	}
	for queue, n := range c.polls {
		out.Polls[queue] = n
	}
	return out
}

func (c *counter) add(cmds ...redis.Cmder) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cmd := range cmds {
		c.sent[nameOf(cmd)]++
		if queue, takes := taken(cmd); takes {
			c.polls[queue]++
		}
	}
}

// nameOf tells scripts apart by the start of their hash.
func nameOf(cmd redis.Cmder) string {
	args := cmd.Args()
	if cmd.Name() != "evalsha" || len(args) < 2 {
		return cmd.Name()
	}
	sha, _ := args[1].(string)
	return "evalsha " + sha[:min(8, len(sha))]
}

// taken is the queue that asynq's script asks for a task (Dequeue of its
// internal/rdb, known by its four keys).
func taken(cmd redis.Cmder) (queue string, takes bool) {
	args := cmd.Args()
	if cmd.Name() != "evalsha" || len(args) < 4 || args[2] != 4 {
		return "", false
	}
	key, _ := args[3].(string)
	return strings.CutSuffix(key, ":pending")
}

// DialHook changes nothing.
func (c *counter) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook counts one command.
func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.add(cmd)
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook counts each command of a pipeline.
func (c *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.add(cmds...)
		return next(ctx, cmds)
	}
}
