package main

import (
	"context"
	"testing"

	"wxdispatch/internal/redistest"
	"wxdispatch/internal/wechat/wechattest"
)

// TestAWorkerSaysWhatRedisLacks, in its log or as it ends, each with what to do.
func TestAWorkerSaysWhatRedisLacks(t *testing.T) {
	t.Chdir(t.TempDir())
	sim, failed := wechattest.Start(wechattest.Options{AnyApp: true})
	if failed != nil {
		t.Fatal(failed)
	}
	defer sim.Close()
	const looker, lookers = "WXDISPATCH_REDIS_USERNAME=" + redistest.Looker, "WXDISPATCH_REDIS_PASSWORD=" + redistest.LookerPassword
	authority := redistest.NewAuthority(t)
	for _, c := range []struct {
		name  string
		addr  string
		vars  []string
		words []string
		ends  bool // it cannot run
	}{
		{"eviction, no file", redistest.Server(t, "--maxmemory-policy", "allkeys-lru"), nil,
			[]string{`"WARN".*allkeys-lru.*CONFIG SET maxmemory-policy noeviction`, `"WARN".*appendonly is off.*set appendonly yes`}, false},
		{"an old version", redistest.Old(t), nil, []string{`"WARN".*redis version.*5\..*upgrade Redis to 6\.2 or newer`}, false},
		{"no EVAL", redistest.Limited(t, "-eval"), []string{looker, lookers}, []string{`"WARN".*may not: EVAL.*docs/redis\.md`}, true},
		{"no INFO, no CONFIG", redistest.Limited(t, "-info", "-config"), []string{looker, lookers},
			[]string{`not checked: this Redis does not tell its version.*6\.2`, `does not tell its maxmemory-policy.*noeviction`}, false},
		{"no PING", redistest.Limited(t, "-ping"), []string{looker, lookers}, []string{`docs/redis\.md`}, true},
		{"a wrong password", redistest.Limited(t), []string{looker, lookers + "-not"}, []string{"copy redis.username and redis.password"}, true},
		{"replicas that are not there", redistest.Server(t), []string{"WXDISPATCH_REDIS_WAIT_REPLICAS=1"}, []string{`"WARN".*nothing would be sent.*start the replicas`}, false},
		{"TLS", redistest.Start(t, authority.Args()...).TLSAddr, nil, []string{"set redis.tls: true"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			out, err := newConsole(), newConsole()
			code := make(chan int, 1)
			go func() {
				code <- run(ctx, nil, append([]string{"WXDISPATCH_REDIS_ADDRS=" + c.addr, "WXDISPATCH_WORKER_LISTEN=127.0.0.1:0",
					"WXDISPATCH_WECHAT_BASE_URL=" + sim.URL, "WXDISPATCH_ACCOUNTS_SHOP_TYPE=official",
					"WXDISPATCH_ACCOUNTS_SHOP_APPID=wx1", "WXDISPATCH_ACCOUNTS_SHOP_SECRET=hush"}, c.vars...), out, err)
			}()
			for _, words := range c.words {
				err.await(t, words)
			}
			want := exitFault
			if !c.ends {
				want = exitOK
				err.await(t, "worker runs")
				cancel()
			}
			if got := <-code; got != want {
				t.Fatalf("exit %d, want %d\n%s", got, want, err)
			}
		})
	}
}
