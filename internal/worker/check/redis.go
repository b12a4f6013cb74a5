package check

import (
	"context"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/store"
)

// redisLimit is the longest that one server is asked.
const redisLimit = 5 * time.Second

// Store looks at Redis alone: what a worker that starts says of it.
func Store(ctx context.Context, o Options) []Result { return o.redis(ctx) }

// redis looks at each server that takes writes.
func (o Options) redis(ctx context.Context) []Result {
	if o.Config.Redis.Mode == config.Embedded {
		return []Result{{Name: "redis", Level: Warn,
			Words: "mode embedded keeps nothing when the worker ends; it is for trying and tests",
			Do:    "set redis.mode and redis.addrs before real messages"}}
	}
	if o.Redis == nil {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, redisLimit)
	defer cancel()
	masters, err := o.Redis.Masters(bounded)
	if err != nil {
		return []Result{unheard("", err)}
	}
	var results []Result
	for _, m := range masters {
		results = append(results, o.master(ctx, m)...)
	}
	return results
}

func (o Options) master(ctx context.Context, m Master) []Result {
	ctx, cancel := context.WithTimeout(ctx, redisLimit)
	defer cancel()
	f, err := ask(ctx, m.Server)
	if err != nil {
		return []Result{unheard(m.Name, err)}
	}
	results := []Result{f.latency(), f.newEnough(), f.role(o.Config.Redis.Mode), f.eviction(), f.memory(),
		f.durability(o.Config.Redis.WaitReplicas), f.clock()}
	return named(m.Name, append(results, permissions(ctx, m.Server)...)...)
}

// named says of which server the results tell.
func named(server string, results ...Result) []Result {
	if server == "" {
		return results
	}
	for i := range results {
		results[i].Words = server + ": " + results[i].Words
	}
	return results
}

func unheard(server string, err error) Result {
	r := Result{Name: "redis answers", Level: Fail, Words: "no answer: " + err.Error(), Do: store.Advice(err)}
	return named(server, r)[0]
}

// facts are what one server said. An empty text could not be had.
type facts struct {
	took  time.Duration // of one question
	ahead time.Duration // its clock before ours

	version string
	policy  string // maxmemory-policy
	aof     string // 1: the append-only file is on, 0: it is off
	fsync   string // appendfsync

	part     string // role: master or slave
	replicas string // how many are connected
	cluster  string // 1: it is a node of a cluster
	used     string // bytes of memory
	most     string // maxmemory in bytes, 0: no limit
}

// ask fails only when the server does not answer at all.
func ask(ctx context.Context, s Server) (facts, error) {
	// The first question pays for the connection.
	if _, err := s.Time(ctx); err != nil {
		return facts{}, err
	}
	asked := time.Now()
	clock, err := s.Time(ctx)
	if err != nil {
		return facts{}, err
	}
	f := facts{took: time.Since(asked)}
	f.ahead = clock.Sub(asked.Add(f.took / 2))
	info, err := s.Info(ctx)
	if err != nil {
		info = nil // refused: what it would say is not checked
	}
	f.version, f.aof = info["redis_version"], info["aof_enabled"]
	f.part, f.replicas, f.cluster = info["role"], info["connected_slaves"], info["cluster_enabled"]
	f.used, f.most = info["used_memory"], info["maxmemory"]
	f.policy, _ = store.Policy(ctx, s)
	f.fsync, _ = s.Setting(ctx, "appendfsync")
	return f, nil
}
