package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisStart is how long a redis-server may take until it answers.
const redisStart = 20 * time.Second

// startRedis starts a private redis-server that keeps nothing, unless args say
// otherwise, and returns it with its address once it answers.
func startRedis(ctx context.Context, dir string, args ...string) (*process, string, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, "", fmt.Errorf("%w; install it (apt-get install redis-server)", err)
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, "", err
	}
	_, port, _ := net.SplitHostPort(addr)
	p, err := launch(ctx, dir, "redis", path, append([]string{"--port", port, "--bind", "127.0.0.1", "--dir", dir,
		"--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--daemonize", "no"}, args...)...)
	if err != nil {
		return nil, "", err
	}
	if err := answers(ctx, addr); err != nil {
		p.end()
		return nil, "", p.lost(err)
	}
	return p, addr, nil
}

func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func answers(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, redisStart)
	defer cancel()
	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true, MaxRetries: -1})
	defer client.Close()
	return until(ctx, 10*time.Millisecond, func() (bool, error) { return client.Ping(ctx).Err() == nil, nil })
}

// until looks again and again whether something has come about.
func until(ctx context.Context, every time.Duration, look func() (bool, error)) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if done, err := look(); done || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// book is what Redis counts of itself.
type book struct {
	calls, usec map[string]int64 // by command, those inside scripts included
	in, out     int64            // bytes
	memory      int64            // used_memory
}

func readBook(ctx context.Context, client redis.UniversalClient) (book, error) {
	b := book{calls: map[string]int64{}, usec: map[string]int64{}}
	text, err := client.Info(ctx, "everything").Result()
	if err != nil {
		return b, err
	}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if cmd, ok := strings.CutPrefix(name, "cmdstat_"); ok {
			var calls, usec int64
			if _, err := fmt.Sscanf(value, "calls=%d,usec=%d", &calls, &usec); err != nil {
				return b, fmt.Errorf("INFO says %s", line)
			}
			b.calls[cmd], b.usec[cmd] = calls, usec
		}
		for known, into := range map[string]*int64{"total_net_input_bytes": &b.in, "total_net_output_bytes": &b.out, "used_memory": &b.memory} {
			if name == known {
				_, err = fmt.Sscan(value, into)
			}
		}
	}
	return b, errors.Join(err)
}
