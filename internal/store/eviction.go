package store

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// errPolicyHidden is what managed Redis does: it tells its policy to nobody.
var errPolicyHidden = errors.New("this Redis does not tell its maxmemory-policy")

// NoEviction tells whether no server that takes writes throws keys away when
// its memory is full. It fails when one does not say.
func NoEviction(ctx context.Context, client redis.UniversalClient) (bool, error) {
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		policy, err := Policy(ctx, Server{client})
		return policy == "noeviction", err
	}
	var evicts atomic.Bool
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
		policy, err := Policy(ctx, Server{master})
		if err == nil && policy != "noeviction" {
			evicts.Store(true)
		}
		return err
	})
	if evicts.Load() {
		return false, nil // one is enough, whatever the others say
	}
	return err == nil, err
}

// Policy is what a server does when its memory is full, in Redis's words, as
// noeviction. INFO is asked first: CONFIG is often forbidden. It fails when
// neither tells.
func Policy(ctx context.Context, server Teller) (string, error) {
	info, err := server.Info(ctx)
	if policy := info["maxmemory_policy"]; err == nil && policy != "" {
		return policy, nil
	}
	policy, err := server.Setting(ctx, "maxmemory-policy")
	if err == nil && policy == "" {
		err = errPolicyHidden
	}
	return policy, err
}
