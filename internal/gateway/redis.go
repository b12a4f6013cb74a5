package gateway

import (
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/store"
)

// longest is how long a Redis command may take that nobody gave a time. With
// the API's own patience of 3 s before it, an answer still comes within 5 s.
const longest = 2 * time.Second

// connections to each Redis node at most. A call holds one for a command only.
const connections = 64

// openRedis returns a client whose every command ends in time. The embedded
// Redis is the worker's; it is dialled like any other.
func openRedis(r config.Redis) redis.UniversalClient {
	o := StoreOptions(r, longest)
	o.PoolSize = connections
	return store.Open(o)
}
