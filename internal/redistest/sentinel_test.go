package redistest_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/redistest"
)

func TestAFailoverAndTheReturnOfTheOldMaster(t *testing.T) {
	watched := redistest.Sentinel(t)
	client := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: redistest.MasterName, SentinelAddrs: []string{watched.Sentinel.Addr}})
	defer client.Close()
	kept := func(key string) {
		t.Helper()
		conn := client.Conn()
		defer conn.Close()
		if err := conn.Set(t.Context(), key, 1, 0).Err(); err != nil {
			t.Fatal(err)
		}
		if n, err := conn.Wait(t.Context(), 1, 0).Result(); err != nil || n != 1 {
			t.Fatalf("%s is on %d replicas, %v; want 1", key, n, err)
		}
	}
	kept("before")
	watched.Failover(t)
	if err := client.Get(t.Context(), "before").Err(); err != nil {
		t.Fatalf("after the failover: %v", err)
	}
	watched.Return(t)
	kept("after")
}
