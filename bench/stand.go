package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/desk"
)

// side is who is measured.
type side string

const (
	bareSide side = "bare"
	ourSide  side = "wxdispatch"
)

// week is what message.max_age and message.keep are by default.
const week = 7 * 24 * time.Hour

// stand is what one run stands on: a Redis and a stand-in of its own, and what
// is started on them.
type stand struct {
	ctx    context.Context
	set    settings
	dir    string
	load   load
	redis  *process
	addr   string // of Redis, or of the proxy before it: the workers'
	proxy  *proxy // nil: no latency
	wechat *process
	url    string
	client redis.UniversalClient // straight to Redis
	desk   *desk.Desk
	ends   []func()
}

// openStand starts it all; the caller ends it with close.
func openStand(ctx context.Context, set settings, l load, latency time.Duration) (*stand, error) {
	s := &stand{ctx: ctx, set: set, load: l}
	if err := s.open(latency); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stand) open(latency time.Duration) (err error) {
	if err := s.openRedis(); err != nil {
		return err
	}
	s.desk = desk.New(s.client, desk.Options{Known: s.load.all(), MaxAge: week, Keep: week, By: "bench"})
	if latency > 0 {
		if s.proxy, err = startProxy(s.addr, latency); err != nil {
			return err
		}
		s.addr = s.proxy.Addr
		s.ends = append(s.ends, s.proxy.close)
	}
	return s.openWeChat()
}

// openRedis makes the folder and starts Redis in it.
func (s *stand) openRedis(args ...string) (err error) {
	if s.dir, err = os.MkdirTemp("", "wxdispatch-bench-"); err != nil {
		return err
	}
	s.ends = append(s.ends, func() { _ = os.RemoveAll(s.dir) })
	if s.redis, s.addr, err = startRedis(s.ctx, s.dir, args...); err != nil {
		return err
	}
	s.ends = append(s.ends, s.redis.end)
	s.client = redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{s.addr}, PoolSize: 2 * producers})
	s.ends = append(s.ends, func() { _ = s.client.Close() })
	return nil
}

func (s *stand) openWeChat() (err error) {
	if s.wechat, err = s.start("wechat", "wechat", nil); err != nil {
		return err
	}
	return s.wechat.ask("url", &s.url)
}

// start starts a part that ends with the stand.
func (s *stand) start(name, role string, order any) (*process, error) {
	p, err := spawn(s.ctx, s.dir, name, role, order)
	if err == nil {
		s.ends = append(s.ends, p.stop)
	}
	return p, err
}

// close ends what was started, in reverse.
func (s *stand) close() {
	for i := len(s.ends) - 1; i >= 0; i-- {
		s.ends[i]()
	}
	s.ends = nil
}

// worker starts one of a side's; profile is a file, or "".
func (s *stand) worker(who side, name, profile string) (*process, error) {
	order := workerOrder{Redis: s.addr, WeChat: s.url, Concurrency: s.set.Concurrency, Profile: profile}
	if who == ourSide {
		order.Config = filepath.Join(s.dir, "config.yaml")
		if err := os.WriteFile(order.Config, []byte(s.config()), 0o600); err != nil {
			return nil, err
		}
	}
	return spawn(s.ctx, s.dir, name, string(who), order)
}

// config lets the pace through as fast as a configuration may.
func (s *stand) config() string {
	var b strings.Builder
	fmt.Fprintf(&b, "redis: {addrs: [%s]}\nwechat: {base_url: %s}\nworker: {listen: 127.0.0.1:0}\naccounts:\n", s.addr, s.url)
	for _, a := range s.load.all() {
		fmt.Fprintf(&b, "  %s: {type: %s, appid: %s, secret: bench, rate: %d, burst: %[4]d, concurrency: %[5]d}\n", a.Name, a.Type, a.AppID, greatestRate, s.set.Concurrency)
	}
	return b.String()
}

// greatestRate is the greatest that an account's configuration allows.
const greatestRate = 5000

// sent waits until the stand-in has delivered n messages.
func (s *stand) sent(n int, what string) error {
	last, since := -1, time.Now()
	for {
		var have int
		if err := s.wechat.ask(fmt.Sprintf("wait %d 2s", n), &have); err != nil {
			return errors.Join(context.Cause(s.ctx), err)
		}
		if have >= n {
			return nil
		}
		if have > last {
			last, since = have, time.Now()
		}
		s.set.progress("%s: %d of %d", what, have, n)
		if time.Since(since) > stalled {
			return fmt.Errorf("%s: nothing was sent for %s, after %d of %d", what, stalled, have, n)
		}
	}
}

// stalled is when a run is given up.
const stalled = time.Minute

// settled waits until nothing waits or runs in a side's queues.
func (s *stand) settled(who side) error {
	return until(s.ctx, 20*time.Millisecond, func() (bool, error) {
		for _, queue := range s.load.queues(who) {
			for _, list := range []string{"pending", "active"} {
				if n, err := s.client.LLen(s.ctx, "asynq:{"+queue+"}:"+list).Result(); n > 0 || err != nil {
					return false, err
				}
			}
		}
		return true, nil
	})
}
