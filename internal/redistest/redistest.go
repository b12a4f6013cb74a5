// Package redistest gives tests a Redis of their own: miniredis in the
// process, and a private redis-server where one is on the PATH.
//
// Its promise: no test ever touches a Redis that it did not start. Each server
// listens on a loopback port of its own, keeps its files in the test's folder
// and is stopped by process id. With WXDISPATCH_TEST_REQUIRE_REDIS=1 a missing
// redis-server fails the test instead of skipping that half.
package redistest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// Each runs the same suite on miniredis and on a private redis-server, each
// with an empty database; where OnRing says so, on that Cluster alone.
func Each(t *testing.T, suite func(t *testing.T, client redis.UniversalClient)) {
	t.Helper()
	if addrs := os.Getenv(OnRing); addrs != "" {
		t.Run("cluster", func(t *testing.T) { suite(t, emptied(t, strings.Split(addrs, ","))) })
		return
	}
	t.Run("miniredis", func(t *testing.T) { suite(t, Mini(t)) })
	t.Run("redis-server", func(t *testing.T) { suite(t, Client(t, Server(t))) })
}

// Mini returns a client of a new miniredis, both closed with the test.
func Mini(t testing.TB) redis.UniversalClient {
	t.Helper()
	return Client(t, miniredis.RunT(t).Addr())
}

// MiniAt is Mini with its clock standing at a moment.
func MiniAt(t testing.TB, now time.Time) redis.UniversalClient {
	server := miniredis.RunT(t)
	server.SetTime(now)
	return Client(t, server.Addr())
}

// Client returns a client of the Redis at addr, closed with the test.
func Client(t testing.TB, addr string) redis.UniversalClient {
	t.Helper()
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{addr}})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// Keys are the keys that a pattern means, on all servers.
func Keys(ctx context.Context, client redis.UniversalClient, pattern string) (names []string, err error) {
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		return client.Keys(ctx, pattern).Result()
	}
	var mu sync.Mutex
	err = cluster.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
		own, err := master.Keys(ctx, pattern).Result()
		mu.Lock()
		defer mu.Unlock()
		names = append(names, own...)
		return err
	})
	return names, err
}

// Server starts a private redis-server and returns its address. The test is
// skipped where there is none, unless WXDISPATCH_TEST_REQUIRE_REDIS is set.
func Server(t testing.TB, args ...string) string {
	t.Helper()
	return Start(t, args...).Addr
}

// Process is a private redis-server that a test may stop, continue and kill.
type Process struct {
	Addr    string
	TLSAddr string // where an Authority's arguments were given
	cmd     *exec.Cmd
	done    chan struct{}
	said    *bytes.Buffer // on standard error, complete when done is closed
	args    []string
}

// peer is where other servers reach it.
func (p *Process) peer() (host, port string) {
	host, port, _ = net.SplitHostPort(cmp.Or(p.TLSAddr, p.Addr))
	return host, port
}

// Start starts a private redis-server with further arguments.
func Start(t testing.TB, args ...string) *Process {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("WXDISPATCH_TEST_REQUIRE_REDIS") != "" {
			t.Fatal("redis-server is not on the PATH, and WXDISPATCH_TEST_REQUIRE_REDIS asks for it: apt-get install redis-server")
		}
		t.Skip("redis-server is not on the PATH: the half of the suite that needs a real Redis is skipped")
	}
	port := freePort(t)
	dir := t.TempDir()
	p := &Process{Addr: fmt.Sprintf("127.0.0.1:%d", port)}
	p.args = append([]string{path, "--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--dir", dir,
		"--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction",
		"--logfile", filepath.Join(dir, "redis.log")}, args...)
	if slices.Contains(args, certificate) {
		secure := freePort(t)
		p.TLSAddr = fmt.Sprintf("127.0.0.1:%d", secure)
		p.args = append(p.args, "--tls-port", fmt.Sprint(secure))
	}
	p.launch(t)
	t.Cleanup(func() { p.Kill() })
	return p
}

func (p *Process) launch(t testing.TB) {
	t.Helper()
	p.cmd, p.said = exec.Command(p.args[0], p.args[1:]...), &bytes.Buffer{}
	p.cmd.Stderr = p.said
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	p.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		_ = cmd.Wait()
		close(done)
	}(p.cmd, p.done)
	p.await(t)
}

// await returns once the server listens and answers.
func (p *Process) await(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", p.Addr)
		if err == nil {
			_ = conn.Close()
			break
		}
		select {
		case <-again.C:
		case <-p.done:
			t.Fatalf("redis-server ended at its start: %s", p.said)
		case <-ctx.Done():
			t.Fatalf("redis-server at %s does not listen: %v", p.Addr, err)
		}
	}
	client := redis.NewClient(&redis.Options{Addr: p.Addr, ContextTimeoutEnabled: true, MaxRetries: 20})
	defer client.Close()
	if err := client.Ping(ctx).Err(); err != nil {
		t.Fatalf("redis-server at %s does not answer: %v", p.Addr, err)
	}
}

// Kill ends the server at once (SIGKILL) and waits until it is gone.
func (p *Process) Kill() { p.signal(syscall.SIGKILL); <-p.done }

// Stop makes the server stand still (SIGSTOP): connections stay, answers do not come.
func (p *Process) Stop() { p.signal(syscall.SIGSTOP) }

// Continue ends a Stop.
func (p *Process) Continue() { p.signal(syscall.SIGCONT) }

// Restart starts the server again on the same port and folder, after a Kill.
func (p *Process) Restart(t testing.TB) { p.launch(t) }

func (p *Process) signal(s syscall.Signal) {
	if p.cmd.Process != nil {
		_ = p.cmd.Process.Signal(s)
	}
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
