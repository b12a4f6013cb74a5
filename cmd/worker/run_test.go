package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/wechat/wechattest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// console is what a user sees; a test may wait for a text.
type console struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newConsole() *console { return &console{more: make(chan struct{}, 1)} }

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case c.more <- struct{}{}:
	default:
	}
	return c.text.Write(p)
}

func (c *console) String() string { c.mu.Lock(); defer c.mu.Unlock(); return c.text.String() }

func (c *console) await(t *testing.T, pattern string) string {
	t.Helper()
	find, deadline := regexp.MustCompile(pattern), time.After(30*time.Second)
	for {
		if found := find.FindStringSubmatch(c.String()); found != nil {
			return found[len(found)-1]
		}
		select {
		case <-c.more:
		case <-deadline:
			t.Fatalf("%q was not said:\n%s", pattern, c)
		}
	}
}

// own keeps a test away from what runs on this machine.
func own(t *testing.T) []string {
	return []string{"WXDISPATCH_REDIS_ADDRS=" + freeAddress(t), "WXDISPATCH_WORKER_LISTEN=127.0.0.1:0"}
}

func TestDemoEndsAsExpected(t *testing.T) {
	t.Chdir(t.TempDir())
	out, err := newConsole(), newConsole()
	if code := run(t.Context(), []string{"demo", "--exit", "--messages", "60"}, own(t), out, err); code != exitOK {
		t.Fatalf("exit %d\n%s%s", code, out, err)
	}
	for _, words := range []string{"IN_DOUBT", "RETRIES", "43101", "Each message ended as expected.", "0 of them twice or more"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("the summary lacks %q:\n%s", words, out)
		}
	}
}

func TestDemoStaysOpenUntilItIsEnded(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, err := newConsole(), newConsole()
	code := make(chan int, 1)
	go func() { code <- run(ctx, []string{"demo", "--messages", "30"}, own(t), out, err) }()
	url := out.await(t, `web UI stays open at (\S+)`)
	response, failed := http.Get(url)
	if failed != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("the web UI: %v, %v", response, failed)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if got := <-code; got != exitOK {
		t.Fatalf("exit %d\n%s", got, err)
	}
}

func TestAWorkerRunsUntilItIsToldToEnd(t *testing.T) {
	t.Chdir(t.TempDir())
	sim, failed := wechattest.Start(wechattest.Options{AnyApp: true})
	if failed != nil {
		t.Fatal(failed)
	}
	defer sim.Close()
	environ := append(own(t), "WXDISPATCH_REDIS_MODE=embedded", "WXDISPATCH_WECHAT_BASE_URL="+sim.URL,
		"WXDISPATCH_ACCOUNTS_SHOP_TYPE=official", "WXDISPATCH_ACCOUNTS_SHOP_APPID=wx1", "WXDISPATCH_ACCOUNTS_SHOP_SECRET=hush")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, err := newConsole(), newConsole()
	code := make(chan int, 1)
	go func() { code <- run(ctx, nil, environ, out, err) }()
	url := err.await(t, `"worker runs".*"pages":"([^"]+)"`)
	response, failed := http.Get(url + "/readyz")
	if failed != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("readyz: %v, %v", response, failed)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if got := <-code; got != exitOK {
		t.Fatalf("exit %d\n%s", got, err)
	}
	secrettest.Hidden(t, "what the worker said", out.String()+err.String(), "hush")
}

func TestMistakesEndWithTheirExitCode(t *testing.T) {
	t.Chdir(t.TempDir())
	shop := []string{"WXDISPATCH_ACCOUNTS_SHOP_TYPE=official", "WXDISPATCH_ACCOUNTS_SHOP_APPID=wx1", "WXDISPATCH_ACCOUNTS_SHOP_SECRET=hush"}
	for name, c := range map[string]struct {
		args, environ []string
		code          int
		words         string
	}{
		"unknown command":   {[]string{"dance"}, nil, exitUsage, "dance"},
		"unknown flag":      {[]string{"run", "--fast"}, nil, exitUsage, "--fast"},
		"bad count":         {[]string{"demo", "--messages", "0"}, own(t), exitUsage, "1 to 100000"},
		"unknown variable":  {[]string{"run"}, []string{"WXDISPATCH_FOO=1"}, exitUsage, "WXDISPATCH_FOO"},
		"no secret":         {[]string{"run"}, shop[:2], exitUsage, "accounts.shop.secret"},
		"Redis is away":     {[]string{"run"}, append(shop, "WXDISPATCH_REDIS_ADDRS=127.0.0.1:1"), exitFault, "start Redis, or mend redis.addrs"},
		"check, no Redis":   {[]string{"check"}, append(shop, "WXDISPATCH_REDIS_ADDRS=127.0.0.1:1", "WXDISPATCH_WECHAT_BASE_URL=http://127.0.0.1:1"), exitFailed, ""},
		"check, no account": {[]string{"check", "nobody"}, shop, exitUsage, "there are: shop"},
		"open to everyone":  {[]string{"run"}, append(shop, "WXDISPATCH_WORKER_LISTEN=0.0.0.0:0"), exitUsage, "worker.user and worker.password are needed; set them or listen on 127.0.0.1"},
		"no CA file":        {[]string{"run"}, append(shop, "WXDISPATCH_REDIS_TLS=true", "WXDISPATCH_REDIS_CA_FILE=nowhere.pem"), exitUsage, "redis.ca_file: cannot be read"},
		"no such file":      {[]string{"run", "--config", "nowhere.yaml"}, nil, exitUsage, "nowhere.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := newConsole(), newConsole()
			if code := run(t.Context(), c.args, c.environ, out, err); code != c.code || !strings.Contains(err.String(), c.words) {
				t.Errorf("exit %d, want %d with the words %q:\n%s%s", code, c.code, c.words, out, err)
			}
		})
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
