package topology_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"go.uber.org/goleak"

	"wxdispatch/internal/config"
	"wxdispatch/internal/desk"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/store"
	"wxdispatch/internal/wechat/wechattest"
	"wxdispatch/internal/worker"
)

func TestMain(m *testing.M) {
	logging.Disable() // what go-redis would say of every connection that is cut
	goleak.VerifyTestMain(m)
}

const (
	secret = "s3cret-of-the-topology"
	week   = 7 * 24 * time.Hour
	// patience is for a machine that is busy; nothing waits so long.
	patience = 2 * time.Minute
)

// types are the accounts of every stage.
var types = map[string]message.AccountType{"shop": message.Official, "vip": message.Official, "mini": message.MiniProgram}

// stage is a Redis, a stand-in WeChat, a worker, and an app's desk.
type stage struct {
	t    *testing.T
	cfg  config.Config
	sim  *wechattest.Server
	desk *desk.Desk
	logs *logs
}

type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *logs) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// newStage is a stage over the Redis of a configuration; its worker is started
// by work.
func newStage(t *testing.T, r config.Redis) *stage {
	s := &stage{t: t, cfg: config.Defaults(), logs: &logs{}}
	var apps []wechattest.App
	for name, kind := range types {
		apps = append(apps, wechattest.App{AppID: "wx" + name, Secret: secret, Type: kind})
	}
	sim, err := wechattest.Start(wechattest.Options{Apps: apps})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	s.sim, s.cfg.Redis = sim, r
	s.cfg.WeChat.BaseURL, s.cfg.WeChat.Timeout = sim.URL, time.Second
	s.cfg.Worker.Listen, s.cfg.Retry.MinDelay = "127.0.0.1:0", 20*time.Millisecond
	for name, kind := range types {
		a := config.AccountDefaults(s.cfg.WeChat)
		a.Type, a.AppID, a.Secret, a.Rate, a.Burst = kind, "wx"+name, secret, 50, 10
		s.cfg.Accounts[name] = a
	}
	client := s.client()
	s.desk = s.deskOf(client, r.WaitReplicas)
	t.Cleanup(func() { secrettest.Hidden(t, "the log", s.logs.String(), secret, r.Password.Reveal()) })
	return s
}

func (s *stage) client() redis.UniversalClient {
	client := store.Open(worker.StoreOptions(&s.cfg))
	s.t.Cleanup(func() { _ = client.Close() })
	return client
}

func (s *stage) deskOf(client redis.UniversalClient, replicas int) *desk.Desk {
	var known []registry.Account
	for name, kind := range types {
		known = append(known, registry.Account{Name: name, Type: kind})
	}
	return desk.New(client, desk.Options{Known: known, MaxAge: week, Keep: week, Replicas: replicas, By: "app"})
}

// work starts a worker, which ends with the test.
func (s *stage) work() *worker.Worker {
	s.t.Helper()
	w, err := worker.New(&s.cfg, slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := w.Start(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := w.Stop(); err != nil {
			s.t.Error(err)
		}
	})
	return w
}

// one is a message of an account.
func one(t testing.TB, account, id, more string) *message.Message {
	t.Helper()
	return decoded(t, written(account, id, more))
}

// written is a message as apps write it: a template of an official account, else
// a subscription message.
func written(account, id, more string) string {
	kind, field := "template", "User"
	if types[account] == message.MiniProgram {
		kind, field = "subscribe", "thing1"
	}
	return fmt.Sprintf(`{"id":%q,"account":%q,"kind":%q%s,"body":{"touser":%q,"template_id":"tpl","data":{%q:{"value":%q}}}}`,
		id, account, kind, more, "o"+id, field, id)
}

func decoded(t testing.TB, text string) *message.Message {
	t.Helper()
	m, err := message.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// spread are n messages over all accounts.
func spread(t testing.TB, name string, n int) (list []*message.Message) {
	for l := range strings.Lines(lines(name, n)) {
		list = append(list, decoded(t, l))
	}
	return list
}

// lines are n messages over all accounts, a line each.
func lines(name string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(written([]string{"shop", "vip", "mini"}[i%3], fmt.Sprintf("%s-%d", name, i), "") + "\n")
	}
	return b.String()
}

// hand hands messages over, each again until it is taken, as an app does.
func (s *stage) hand(d *desk.Desk, list []*message.Message) {
	for _, m := range list {
		s.until("message "+m.ID+" to be taken", func(ctx context.Context) bool {
			_, err := d.Intake.Take(ctx, m)
			if err != nil && !fault.Is(err, fault.Unavailable) {
				s.t.Errorf("%s: %v", m.ID, err)
				return true
			}
			return err == nil
		})
	}
}

// ended waits for messages' ends and counts them by state.
func (s *stage) ended(list ...*message.Message) map[message.State]int {
	s.t.Helper()
	counts := map[message.State]int{}
	for _, m := range list {
		s.until("the end of "+m.ID, func(ctx context.Context) bool {
			rec, err := s.desk.Lookup.Status(ctx, m.Account, m.ID)
			if err != nil || !rec.State.Final() {
				return false
			}
			counts[rec.State]++
			return true
		})
	}
	return counts
}

// eachOnce wants that every message was accepted, and that its phone rang once.
func (s *stage) eachOnce(before wechattest.Stats, list []*message.Message) {
	s.t.Helper()
	if doubts := s.rangOnce(before, list); doubts > 0 {
		s.t.Errorf("%d messages ended in doubt, want none: each was answered, or surely not sent", doubts)
	}
}

// rangOnce wants that every message's phone rang once, and tells how many of
// them the ledger holds in doubt.
func (s *stage) rangOnce(before wechattest.Stats, list []*message.Message) (doubts int) {
	s.t.Helper()
	counts := s.ended(list...)
	after := s.sim.Stats()
	rang, different := int(after.Deliveries-before.Deliveries), int(after.Distinct-before.Distinct)
	s.t.Logf("%d messages ended as %v; phones rang %d times for %d", len(list), counts, rang, different)
	if rang != different || different != len(list) {
		s.t.Errorf("lost %d, doubled %d", len(list)-different, rang-different)
	}
	if counts[message.Accepted]+counts[message.InDoubt] != len(list) {
		s.t.Errorf("%d messages ended as %v", len(list), counts)
	}
	return counts[message.InDoubt]
}

// until asks again and again until something has come.
func (s *stage) until(what string, come func(context.Context) bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !come(ctx) {
		select {
		case <-ctx.Done():
			s.t.Errorf("waited in vain for %s", what) // also from a goroutine that hands messages over
			return
		case <-again.C:
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		var known *fault.Error
		errors.As(err, &known)
		t.Fatalf("%v (%+v)", err, known)
	}
}
