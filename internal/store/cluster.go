package store

import (
	"context"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// rerouted has a cluster's client learn anew who holds what, once a node
// answers that a key is elsewhere: a connection of its own follows nobody.
type rerouted struct{ cluster *redis.ClusterClient }

// DialHook leaves dialling as it is.
func (rerouted) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook looks at one command's answer.
func (r rerouted) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		r.look(ctx, err)
		return err
	}
}

// ProcessPipelineHook looks at a pipeline's first error.
func (r rerouted) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		r.look(ctx, err)
		return err
	}
}

func (r rerouted) look(ctx context.Context, err error) {
	if redis.HasErrorPrefix(err, "MOVED") || redis.HasErrorPrefix(err, "READONLY") || redis.HasErrorPrefix(err, "CLUSTERDOWN") || isAway(err) {
		r.cluster.ReloadState(ctx)
	}
}

// isAway tells that a node did not answer, whatever it might have said.
func isAway(err error) bool {
	return err != nil && err != redis.Nil && !redis.HasErrorPrefix(err, "")
}

// teachTimeout is how long a node may take to learn a script.
const teachTimeout = time.Second

// lenient lets a cluster learn scripts while one of its nodes is away: that one
// says NOSCRIPT once it is back, and learns then.
type lenient struct{}

// DialHook leaves dialling as it is.
func (lenient) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook forgives SCRIPT LOAD what is no answer.
func (lenient) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if !loads(cmd) {
			return next(ctx, cmd)
		}
		short, cancel := context.WithTimeout(ctx, teachTimeout)
		defer cancel()
		err := next(short, cmd)
		if isAway(err) && ctx.Err() == nil {
			cmd.SetErr(nil)
			return nil
		}
		return err
	}
}

// ProcessPipelineHook leaves pipelines as they are.
func (lenient) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func loads(cmd redis.Cmder) bool {
	args := cmd.Args()
	if len(args) < 2 || cmd.Name() != "script" {
		return false
	}
	what, _ := args[1].(string)
	return strings.EqualFold(what, "load")
}
