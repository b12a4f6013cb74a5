package redistest

import (
	"context"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// OnRing is the variable that lets a test lend its Ring to suites of other
// packages, which it runs: the nodes' addresses with commas. They are emptied
// before each suite.
const OnRing = "WXDISPATCH_TEST_ON_RING"

// emptied is a client of a Ring that a test lent, which holds nothing.
func emptied(t testing.TB, addrs []string) redis.UniversalClient {
	t.Helper()
	for _, addr := range addrs {
		if !strings.HasPrefix(addr, "127.0.0.1:") {
			t.Fatalf("%s holds %s: only a test's own servers may be emptied, and those are on 127.0.0.1", OnRing, addr)
		}
	}
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() })
	err := client.ForEachMaster(t.Context(), func(ctx context.Context, master *redis.Client) error { return master.FlushAll(ctx).Err() })
	if err != nil {
		t.Fatal(err)
	}
	return client
}
