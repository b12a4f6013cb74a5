package store

import (
	"context"
	"errors"
	"strings"
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
		policy, err := policyOf(ctx, client)
		return policy == "noeviction", err
	}
	var evicts atomic.Bool
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
		policy, err := policyOf(ctx, master)
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

// policyOf asks INFO first: CONFIG is often forbidden.
func policyOf(ctx context.Context, server redis.UniversalClient) (string, error) {
	info, err := server.Info(ctx, "memory").Result()
	if err == nil {
		for line := range strings.Lines(info) {
			if policy, found := strings.CutPrefix(strings.TrimSpace(line), "maxmemory_policy:"); found {
				return policy, nil
			}
		}
	}
	settings, err := server.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil {
		return "", err
	}
	if policy, found := settings["maxmemory-policy"]; found {
		return policy, nil
	}
	return "", errPolicyHidden
}
