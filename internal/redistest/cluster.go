package redistest

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// masters of a Ring, each with one replica.
const masters = 3

// slots of a cluster.
const slots = 16384

// nodeTimeout is after how long a silent node is taken for dead. Nothing takes
// over by itself, so a busy machine's pause costs some errors and no master.
const nodeTimeout = time.Second

// Ring is a Redis Cluster: three masters, each with a replica.
type Ring struct {
	Masters, Replicas []*Process // as they were started: replica i of master i
	ids               []string   // of the masters
}

// Cluster starts a Redis Cluster and returns when each of its nodes says that it
// is whole and each replica is in step. args are for all servers.
func Cluster(t testing.TB, args ...string) *Ring {
	t.Helper()
	r := &Ring{}
	for i := range masters {
		r.Masters = append(r.Masters, startNode(t, args))
		r.Replicas = append(r.Replicas, startNode(t, args))
		r.at(t, r.Masters[i], func(ctx context.Context, c *redis.Client) error {
			first, last := slots*i/masters, slots*(i+1)/masters-1
			if err := c.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(); err != nil {
				return err
			}
			r.ids = append(r.ids, c.ClusterMyID(ctx).Val())
			return c.ClusterAddSlotsRange(ctx, first, last).Err()
		})
	}
	for _, p := range r.all() {
		r.at(t, p, func(ctx context.Context, c *redis.Client) error {
			for _, other := range r.all() {
				host, port := other.peer()
				if err := c.Do(ctx, "CLUSTER", "MEET", host, port, bus(other)).Err(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for i, p := range r.Replicas {
		r.at(t, p, func(ctx context.Context, c *redis.Client) error {
			await(t, "a replica to know its master", func(ctx context.Context) bool { return c.ClusterReplicate(ctx, r.ids[i]).Err() == nil })
			return nil
		})
	}
	await(t, "the cluster to be whole", func(ctx context.Context) bool {
		for _, p := range r.all() {
			if !whole(ctx, p) {
				return false
			}
		}
		return true
	})
	return r
}

func startNode(t testing.TB, args []string) *Process {
	return Start(t, append([]string{"--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(freePort(t)),
		"--cluster-node-timeout", fmt.Sprint(nodeTimeout.Milliseconds()), "--cluster-replica-no-failover", "yes",
		"--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", "0"}, args...)...)
}

// bus is the port on which a node talks to its like.
func bus(p *Process) string {
	for i, arg := range p.args {
		if arg == "--cluster-port" {
			return p.args[i+1]
		}
	}
	return ""
}

// whole tells whether a node knows all others and all slots, and is in step.
func whole(ctx context.Context, p *Process) bool {
	c := redis.NewClient(&redis.Options{Addr: p.Addr})
	defer c.Close()
	info := c.ClusterInfo(ctx).Val()
	link := c.Info(ctx, "replication").Val()
	return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d\r", 2*masters)) &&
		strings.Contains(info, fmt.Sprintf("cluster_slots_ok:%d\r", slots)) &&
		(strings.Contains(link, "master_link_status:up") || strings.Contains(link, "state=online"))
}

func (r *Ring) all() []*Process { return append(append([]*Process{}, r.Masters...), r.Replicas...) }

// Addrs are the addresses of all nodes.
func (r *Ring) Addrs() (addrs []string) {
	for _, p := range r.all() {
		addrs = append(addrs, p.Addr)
	}
	return addrs
}

// TLSAddrs are where all nodes speak TLS.
func (r *Ring) TLSAddrs() (addrs []string) {
	for _, p := range r.all() {
		addrs = append(addrs, p.TLSAddr)
	}
	return addrs
}

// Client returns a client of the cluster, closed with the test.
func (r *Ring) Client(t testing.TB) redis.UniversalClient {
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: r.Addrs(), ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// Holder is the number of the master that holds a key, as it was started.
func (r *Ring) Holder(t testing.TB, key string) int {
	t.Helper()
	client := r.Client(t).(*redis.ClusterClient)
	node, err := client.MasterForKey(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range r.all() {
		if p.Addr == node.Options().Addr {
			return i % masters
		}
	}
	t.Fatalf("%s is with %s, which is none of ours", key, node.Options().Addr)
	return 0
}

// Failover kills a master and returns when its replica has taken its place.
func (r *Ring) Failover(t testing.TB, master int) {
	t.Helper()
	r.at(t, r.Replicas[master], func(ctx context.Context, c *redis.Client) error {
		return c.ConfigSet(ctx, "cluster-replica-no-failover", "no").Err()
	})
	r.Masters[master].Kill()
	r.at(t, r.Replicas[master], func(_ context.Context, c *redis.Client) error {
		await(t, "the failover", func(ctx context.Context) bool {
			return strings.Contains(c.Info(ctx, "replication").Val(), "role:master")
		})
		return nil
	})
}

// Return starts a master again after its Failover, and returns when it is its
// successor's replica and in step.
func (r *Ring) Return(t testing.TB, master int) {
	t.Helper()
	r.Masters[master].Restart(t)
	r.at(t, r.Masters[master], func(_ context.Context, c *redis.Client) error {
		await(t, "the old master to be a replica", func(ctx context.Context) bool {
			return strings.Contains(c.Info(ctx, "replication").Val(), "master_link_status:up")
		})
		return nil
	})
}

// Migrate moves the slot of a key to another master, a key at a time as a
// resharding does; between is called when half of the keys have moved. It
// returns when every node knows.
func (r *Ring) Migrate(t testing.TB, key string, to int, between func()) {
	t.Helper()
	from := r.Holder(t, key)
	r.at(t, r.Masters[from], func(ctx context.Context, source *redis.Client) error {
		slot := source.ClusterKeySlot(ctx, key).Val()
		r.at(t, r.Masters[to], func(ctx context.Context, target *redis.Client) error {
			return target.Do(ctx, "CLUSTER", "SETSLOT", slot, "IMPORTING", r.ids[from]).Err()
		})
		if err := source.Do(ctx, "CLUSTER", "SETSLOT", slot, "MIGRATING", r.ids[to]).Err(); err != nil {
			return err
		}
		host, port, _ := net.SplitHostPort(r.Masters[to].Addr)
		half := source.ClusterCountKeysInSlot(ctx, int(slot)).Val() / 2
		for moved := int64(0); ; moved++ {
			names := source.ClusterGetKeysInSlot(ctx, int(slot), 1).Val()
			if len(names) == 0 {
				break
			}
			if err := source.Do(ctx, "MIGRATE", host, port, names[0], 0, 5000).Err(); err != nil {
				return err
			}
			if moved == half && between != nil {
				between()
			}
		}
		for _, p := range []*Process{r.Masters[to], r.Masters[from]} {
			r.at(t, p, func(ctx context.Context, c *redis.Client) error {
				return c.Do(ctx, "CLUSTER", "SETSLOT", slot, "NODE", r.ids[to]).Err()
			})
		}
		return nil
	})
}

// at hands f a client of one node.
func (r *Ring) at(t testing.TB, p *Process, f func(context.Context, *redis.Client) error) {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: p.Addr})
	defer c.Close()
	if err := f(t.Context(), c); err != nil {
		t.Fatalf("the node %s: %v", p.Addr, err)
	}
}
