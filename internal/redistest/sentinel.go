package redistest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// MasterName is what a Watched master is called.
const MasterName = "wxd"

// A Sentinel that is always quick would take a busy machine's pause for a
// death, so it is quick for a Failover only.
const (
	calm  = time.Minute
	quick = time.Second
)

// Watched is a master with a replica and a Sentinel that watches both.
type Watched struct {
	Master, Replica *Process // as they were started
	Sentinel        *Process
	ask             *redis.SentinelClient
}

// Sentinel starts a master, a replica and one Sentinel, and returns when a
// Failover could happen. args are for both servers.
func Sentinel(t testing.TB, args ...string) *Watched {
	t.Helper()
	args = append([]string{"--repl-diskless-sync-delay", "0"}, args...)
	w := &Watched{Master: Start(t, args...)}
	host, port := w.Master.peer()
	w.Replica = Start(t, append([]string{"--replicaof", host, port}, args...)...)
	w.Sentinel = startSentinel(t, w.Master.args[0], host, port, args)
	w.ask = redis.NewSentinelClient(&redis.Options{Addr: w.Sentinel.Addr})
	t.Cleanup(func() { _ = w.ask.Close() })
	await(t, "the replica to be in step", func(ctx context.Context) bool {
		replicas, err := w.ask.Replicas(ctx, MasterName).Result()
		return err == nil && len(replicas) == 1 && replicas[0]["flags"] == "slave" && replicas[0]["master-link-status"] == "ok"
	})
	return w
}

// startSentinel starts a Sentinel, which speaks TLS as the servers with args do.
func startSentinel(t testing.TB, path, host, port string, args []string) *Process {
	t.Helper()
	dir, own := t.TempDir(), freePort(t)
	file := filepath.Join(dir, "sentinel.conf") // the Sentinel writes into it
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nlogfile %s\nsentinel monitor %[4]s %s %s 1\n"+
		"sentinel down-after-milliseconds %[4]s %[7]d\nsentinel failover-timeout %[4]s 10000\n",
		own, dir, filepath.Join(dir, "sentinel.log"), MasterName, host, port, calm.Milliseconds())
	p := &Process{Addr: fmt.Sprintf("127.0.0.1:%d", own), args: []string{path, file, "--sentinel"}}
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := strings.CutPrefix(args[i], "--tls"); ok {
			text += fmt.Sprintf("tls%s %s\n", name, args[i+1])
		}
	}
	if slices.Contains(args, certificate) {
		secure := freePort(t)
		p.TLSAddr = fmt.Sprintf("127.0.0.1:%d", secure)
		text += fmt.Sprintf("tls-port %d\n", secure)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p.launch(t)
	t.Cleanup(p.Kill)
	return p
}

// Sever keeps the replica cut off for a time: what the master takes meanwhile
// it alone has. The replica tries to come back once a second.
func (w *Watched) Sever(t testing.TB, d time.Duration) {
	t.Helper()
	master := redis.NewClient(&redis.Options{Addr: w.Master.Addr})
	defer master.Close()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for end := time.After(d); ; {
		if err := master.ClientKillByFilter(t.Context(), "TYPE", "replica").Err(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-end:
			return
		case <-ticker.C:
		}
	}
}

// patience sets after how long a silent master is dead.
func (w *Watched) patience(t testing.TB, d time.Duration) {
	t.Helper()
	if err := w.ask.Set(t.Context(), MasterName, "down-after-milliseconds", fmt.Sprint(d.Milliseconds())).Err(); err != nil {
		t.Fatal(err)
	}
}

// Failover kills the master and returns when the Sentinel, after a second of
// silence, has made the replica the master.
func (w *Watched) Failover(t testing.TB) {
	t.Helper()
	w.patience(t, quick)
	defer w.patience(t, calm)
	w.Master.Kill()
	host, port := w.Replica.peer()
	await(t, "the failover", func(ctx context.Context) bool {
		now, err := w.ask.GetMasterAddrByName(ctx, MasterName).Result()
		return err == nil && len(now) == 2 && now[0] == host && now[1] == port
	})
}

// Return starts the old master again after a Failover, as the new one's
// replica from its first moment, and returns when it is in step.
func (w *Watched) Return(t testing.TB) {
	t.Helper()
	host, port := w.Replica.peer()
	w.Master.args = append(w.Master.args, "--replicaof", host, port)
	w.Master.Restart(t)
	old := redis.NewClient(&redis.Options{Addr: w.Master.Addr})
	defer old.Close()
	await(t, "the old master to be a replica", func(ctx context.Context) bool {
		link, err := old.InfoMap(ctx, "replication").Result()
		return err == nil && link["Replication"]["master_link_status"] == "up"
	})
}

func await(t testing.TB, what string, come func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for !come(ctx) {
		select {
		case <-ctx.Done():
			t.Fatalf("waited a minute for %s", what)
		case <-ticker.C:
		}
	}
}
