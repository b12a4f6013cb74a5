package topology_test

import (
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/redistest"
)

// severed is how long a master has nobody to tell before it dies: what its
// replica had not heard is gone.
const severed = 500 * time.Millisecond

// TestSentinel: the replica is cut off, and the master dies, in the middle of a
// run of several accounts.
func TestSentinel(t *testing.T) {
	watched := redistest.Sentinel(t)
	s := newStage(t, config.Redis{Mode: config.Sentinel, Addrs: []string{watched.Sentinel.Addr},
		MasterName: redistest.MasterName, WaitReplicas: 1})
	s.work()
	t.Run("every command", func(t *testing.T) { s.t = t; s.everything() })
	t.Run("the master dies in the middle of a run", func(t *testing.T) {
		s.t = t
		before, list := s.sim.Stats(), spread(t, "die", 450)
		handed := s.inBackground(list)
		s.ringing(before.Deliveries, len(list)/3)
		watched.Sever(t, severed)
		begun := time.Now()
		watched.Failover(t)
		t.Logf("the failover took %s; %d phones have rung", time.Since(begun).Round(time.Millisecond), s.sim.Stats().Deliveries-before.Deliveries)
		watched.Return(t)
		handed()
		s.eachOnce(before, list)
	})
	s.t = t
}
