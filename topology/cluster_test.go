package topology_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// TestCluster is one cluster, one worker, and what befalls them, the worst last.
func TestCluster(t *testing.T) {
	ring := redistest.Cluster(t)
	s := newStage(t, config.Redis{Mode: config.Cluster, Addrs: ring.Addrs(), WaitReplicas: 1})
	heard := overhear(t, ring.Addrs())
	w, p := s.work(), s.enqueue()
	for name := range types {
		t.Logf("%s: its book is with master %d", name, ring.Holder(t, "{"+name+"}"))
	}
	t.Run("every command", func(t *testing.T) { s.t = t; s.everything() })
	t.Run("enqueue", func(t *testing.T) { s.t = t; s.commands(p) })
	t.Run("enqueue serve", func(t *testing.T) { s.t = t; s.calls(p) })
	t.Run("slots move in the middle of a run", func(t *testing.T) { s.t = t; s.slotsMove(ring) })
	t.Run("a replica is cut off", func(t *testing.T) { s.t = t; s.cutOff(ring) })
	t.Run("a master dies in the middle of a run", func(t *testing.T) { s.t = t; s.masterDies(ring) })
	s.t = t
	must(t, w.Stop())
	t.Run("the suites of the rooms with scripts", func(t *testing.T) { suites(t, ring) })
	heard.allOf(t, scriptsOfTheTree(t))
}

// inBackground hands messages over while the test goes on; the answer waits.
func (s *stage) inBackground(list []*message.Message) (handed func()) {
	done := make(chan struct{})
	go func() { defer close(done); s.hand(s.desk, list) }()
	return func() { <-done }
}

// ringing waits until phones have rung n times more than before.
func (s *stage) ringing(before int64, n int) {
	s.t.Helper()
	if err := s.sim.WaitDeliveries(s.t.Context(), int(before)+n); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) slotsMove(ring *redistest.Ring) {
	before, list := s.sim.Stats(), spread(s.t, "move", 240)
	handed := s.inBackground(list)
	s.ringing(before.Deliveries, 30)
	for _, key := range []string{"{shop}", "{shop.template}", "{mini}", "{mini.subscribe}"} {
		ring.Migrate(s.t, key, (ring.Holder(s.t, key)+1)%len(ring.Masters), nil)
	}
	handed()
	s.eachOnce(before, list)
}

// cutOff: what needs the replica stands still and says why, is given back while
// it is begun in vain, and goes once the replica is there; the rest goes on.
func (s *stage) cutOff(ring *redistest.Ring) {
	holder := ring.Holder(s.t, "{mini}")
	others := slices.DeleteFunc([]string{"shop", "vip"}, func(name string) bool {
		return ring.Holder(s.t, "{"+name+"}") == holder || ring.Holder(s.t, "{"+name+".template}") == holder
	})
	if len(others) == 0 {
		s.t.Fatal("all accounts are with one master: give one another name")
	}
	before := s.sim.Stats()
	ring.Replicas[holder].Stop()
	s.t.Cleanup(ring.Replicas[holder].Continue)
	var stands, goes []*message.Message
	for i := range 10 {
		id := string(rune('a' + i))
		stands, goes = append(stands, one(s.t, "mini", "cut-"+id, "")), append(goes, one(s.t, others[0], "free-"+id, ""))
	}
	s.hand(s.deskOf(s.client(), 0), append(slices.Clone(stands), goes...)) // an app that asks for no replica
	s.ringing(before.Deliveries, len(goes))
	s.until("words in the log", func(context.Context) bool { return strings.Contains(s.logs.String(), "0 of 1 replicas have it") })
	if got := s.sim.Stats().Distinct - before.Distinct; got != int64(len(goes)) {
		s.t.Errorf("%d phones rang, want %d: no replica knows of the others", got, len(goes))
	}
	for _, m := range stands {
		s.until("the give-back of "+m.ID, func(ctx context.Context) bool { return s.wasGivenBack(ctx, m) })
	}
	ring.Replicas[holder].Continue()
	s.eachOnce(before, append(stands, goes...))
}

// wasGivenBack tells whether a message was begun and surely not sent.
func (s *stage) wasGivenBack(ctx context.Context, m *message.Message) bool {
	rec, err := s.desk.Lookup.Status(ctx, m.Account, m.ID)
	return err == nil && slices.ContainsFunc(rec.History, func(step message.Step) bool { return step.Reason == "late" })
}

func (s *stage) masterDies(ring *redistest.Ring) {
	before, list := s.sim.Stats(), spread(s.t, "die", 450)
	handed := s.inBackground(list)
	s.ringing(before.Deliveries, len(list)/3)
	begun := time.Now()
	ring.Failover(s.t, ring.Holder(s.t, "{shop}"))
	s.t.Logf("the failover took %s; %d phones have rung", time.Since(begun).Round(time.Millisecond), s.sim.Stats().Deliveries-before.Deliveries)
	ring.Return(s.t, ring.Holder(s.t, "{shop}"))
	handed()
	s.rangOnce(before, list) // a failover may forget a settle, which leaves a doubt
}
