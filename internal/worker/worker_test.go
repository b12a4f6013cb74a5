package worker_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/tasks"
	"wxdispatch/internal/wechat/wechattest"
	"wxdispatch/internal/worker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "s3cret-of-the-test"

// stage is a Redis, a stand-in WeChat and the workers between them.
type stage struct {
	t     *testing.T
	redis redis.UniversalClient
	addr  string
	sim   *wechattest.Server
	queue *tasks.Queue
	logs  *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}
func (b *syncBuffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

func newStage(t *testing.T, addr string) *stage {
	sim, err := wechattest.Start(wechattest.Options{Apps: []wechattest.App{
		{AppID: "wxshop", Secret: secret, Type: message.Official}, {AppID: "wxmini", Secret: secret, Type: message.MiniProgram}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	client := redistest.Client(t, addr)
	s := &stage{t: t, redis: client, addr: addr, sim: sim, queue: tasks.NewQueue(client), logs: &syncBuffer{}}
	t.Cleanup(func() {
		secrettest.Hidden(t, "the log", s.logs.String(), secret)
	})
	return s
}

// worker starts a worker.
func (s *stage) worker(change ...func(*config.Config)) *worker.Worker {
	s.t.Helper()
	return s.start(s.assembled(change...))
}

func (s *stage) start(w *worker.Worker) *worker.Worker {
	s.t.Helper()
	if err := w.Start(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	return w
}

// assembled makes a worker that does not run yet.
func (s *stage) assembled(change ...func(*config.Config)) *worker.Worker {
	s.t.Helper()
	cfg := config.Defaults()
	cfg.Redis.Addrs = []string{s.addr}
	cfg.WeChat.BaseURL = s.sim.URL
	cfg.WeChat.Timeout = time.Second
	cfg.Worker.Listen = "127.0.0.1:0"
	cfg.Retry.MinDelay = 20 * time.Millisecond
	for name, kind := range map[string]message.AccountType{"shop": message.Official, "mini": message.MiniProgram} {
		a := config.AccountDefaults(cfg.WeChat)
		a.Type, a.AppID, a.Secret, a.Rate, a.Burst = kind, "wx"+name, secret, 5000, 100
		cfg.Accounts[name] = a
	}
	for _, c := range change {
		c(&cfg)
	}
	w, err := worker.New(&cfg, slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		s.t.Fatal(err)
	}
	return w
}

func (s *stage) stop(w *worker.Worker) {
	s.t.Helper()
	if err := w.Stop(); err != nil {
		s.t.Error(err)
	}
}

func template(t *testing.T, id, openid string) *message.Message {
	return decoded(t, `{"id":%q,"account":"shop","kind":"template","body":{"touser":%q,"template_id":"tpl","data":{"User":{"value":%q}}}}`, id, openid, id)
}

func subscribe(t *testing.T, id, openid string) *message.Message {
	return decoded(t, `{"id":%q,"account":"mini","kind":"subscribe","body":{"touser":%q,"template_id":"tpl","data":{"thing1":{"value":%q}}}}`, id, openid, id)
}

func decoded(t *testing.T, format string, args ...any) *message.Message {
	t.Helper()
	m, err := message.Decode(fmt.Appendf(nil, format, args...))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (s *stage) put(messages ...*message.Message) {
	s.t.Helper()
	var all sync.WaitGroup
	lanes := make(chan *message.Message)
	for range 8 {
		all.Go(func() {
			for m := range lanes {
				if _, err := s.queue.Put(context.Background(), m, time.Now()); err != nil {
					s.t.Error(err)
				}
			}
		})
	}
	for _, m := range messages {
		lanes <- m
	}
	close(lanes)
	all.Wait()
}

// ended waits until the ledger says that a message has ended, and how.
func (s *stage) ended(account, id string) *message.Record {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 60*time.Second)
	defer cancel()
	book := ledger.New(s.redis)
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		rec, err := book.Record(ctx, account, id)
		if err == nil && rec.State.Final() {
			return rec
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			s.t.Fatalf("%s: %v\n%s", id, err, s.logs)
		}
		select {
		case <-ctx.Done():
			s.t.Fatalf("%s has not ended: %+v", id, rec)
		case <-poll.C:
		}
	}
}

func (s *stage) delivered(n int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 120*time.Second)
	defer cancel()
	if err := s.sim.WaitDeliveries(ctx, n); err != nil {
		s.t.Fatalf("waited for %d deliveries: %v; stats %+v", n, err, s.sim.Stats())
	}
}

func (s *stage) eachOnce(n int) {
	s.t.Helper()
	if stats := s.sim.Stats(); stats.Distinct != int64(n) || stats.Deliveries != int64(n) {
		s.t.Fatalf("phones rang %d times for %d messages, want %d for %d", stats.Deliveries, stats.Distinct, n, n)
	}
}

func TestFiveThousandMessagesEachOnce(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	const n = 5000
	var all []*message.Message
	for i := range n / 2 {
		all = append(all, template(t, fmt.Sprint("t-", i), fmt.Sprint("oShop", i)), subscribe(t, fmt.Sprint("s-", i), fmt.Sprint("oMini", i)))
	}
	one, two := s.worker(), s.worker()
	s.put(all...)
	s.delivered(n)
	for _, m := range all {
		if rec := s.ended(m.Account, m.ID); rec.State != message.Accepted || rec.Attempts != 1 {
			t.Fatalf("%s ended %s after %d attempts, want accepted after 1", m.ID, rec.State, rec.Attempts)
		}
	}
	s.stop(one)
	s.stop(two)
	s.eachOnce(n)
}

func TestWhatIsNoMessageIsArchivedWithTheReason(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	w := s.worker()
	client := asynq.NewClientFromRedisClient(s.redis)
	for id, payload := range map[string]string{"garbage": "\x00\xff", "empty": "", "foreign": foreign(t)} {
		if _, err := client.Enqueue(asynq.NewTask("wechat:template", []byte(payload)), asynq.Queue("shop.template"), asynq.TaskID(id)); err != nil {
			t.Fatal(err)
		}
	}
	s.put(template(t, "good", "oUser"))
	s.ended("shop", "good")
	inspector := asynq.NewInspectorFromRedisClient(s.redis)
	for id, words := range map[string]string{"garbage": "no JSON", "empty": "no JSON", "foreign": "this queue is shop.template"} {
		if info := s.archived(inspector, "shop.template", id); !strings.Contains(info.LastErr, words) {
			t.Errorf("%s: archived with %q, want the words %q", id, info.LastErr, words)
		}
	}
	s.stop(w)
}

func foreign(t *testing.T) string {
	data, err := tasks.Encode(message.Job{Message: subscribe(t, "x", "oUser"), Created: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (s *stage) archived(inspector *asynq.Inspector, queue, id string) *asynq.TaskInfo {
	s.t.Helper()
	deadline := time.After(30 * time.Second)
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		if info, err := inspector.GetTaskInfo(queue, id); err == nil && info.State == asynq.TaskStateArchived {
			return info
		}
		select {
		case <-deadline:
			s.t.Fatalf("task %s was not archived", id)
		case <-poll.C:
		}
	}
}

func TestEndsThatWeChatDecides(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := newStage(t, client.(*redis.Client).Options().Addr)
		w := s.worker()
		s.sim.Block("wxshop", "oGone", 43004)
		s.sim.Inject(wechattest.Fault{OpenID: "oBusy", Code: -1, Times: 3})
		s.sim.Inject(wechattest.Fault{OpenID: "oCut", Mode: wechattest.ModeCut, Counted: true, Times: 1})
		s.sim.Inject(wechattest.Fault{OpenID: "oSilent", Mode: wechattest.ModeSilent, Counted: true, Times: 1})
		s.sim.Inject(wechattest.Fault{OpenID: "oGarbage", Mode: wechattest.ModeGarbage, Counted: true, Times: 1})
		s.sim.Inject(wechattest.Fault{OpenID: "oProxy", Mode: wechattest.ModeHTTP, Status: 403, Times: 1})
		s.put(template(t, "gone", "oGone"), template(t, "busy", "oBusy"), template(t, "cut", "oCut"), template(t, "silent", "oSilent"),
			subscribe(t, "garbage", "oGarbage"), subscribe(t, "proxy", "oProxy"))
		for _, c := range []struct {
			account, id string
			state       message.State
			attempts    int
		}{
			{"shop", "gone", message.Refused, 1},
			{"shop", "busy", message.Accepted, 4},
			{"shop", "cut", message.Accepted, 2},
			{"shop", "silent", message.Accepted, 2},
			{"mini", "garbage", message.InDoubt, 1},
			{"mini", "proxy", message.Accepted, 2},
		} {
			if rec := s.ended(c.account, c.id); rec.State != c.state || rec.Attempts != c.attempts {
				t.Errorf("%s: got %s after %d attempts, want %s after %d", c.id, rec.State, rec.Attempts, c.state, c.attempts)
			}
		}
		s.stop(w)
		s.eachOnce(5)
	})
}

func TestOneAccountsTroubleLeavesOthersAlone(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	w := s.worker()
	s.sim.Inject(wechattest.Fault{AppID: "wxmini", Mode: wechattest.ModeSilent})
	var messages []*message.Message
	for i := range 200 {
		messages = append(messages, subscribe(t, fmt.Sprint("s-", i), fmt.Sprint("oMini", i)))
	}
	for i := range 100 {
		messages = append(messages, template(t, fmt.Sprint("t-", i), fmt.Sprint("oShop", i)))
	}
	s.put(messages...)
	s.delivered(100)
	s.stop(w)
}

func TestStoppingLosesAndDoublesNothing(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	const n = 400
	s.sim.Inject(wechattest.Fault{Mode: wechattest.ModeLate, Delay: 50 * time.Millisecond})
	var all []*message.Message
	for i := range n {
		all = append(all, subscribe(t, fmt.Sprint("s-", i), fmt.Sprint("oMini", i)))
	}
	s.put(all...)
	for done := 50; done < n; done += 100 { // each worker is stopped in the middle of its work
		w := s.worker()
		s.delivered(done)
		s.stop(w)
	}
	last := s.worker()
	s.delivered(n)
	for _, m := range all {
		if rec := s.ended(m.Account, m.ID); rec.State != message.Accepted {
			t.Fatalf("%s ended %s %s", m.ID, rec.State, rec.Reason)
		}
	}
	s.stop(last)
	s.eachOnce(n)
}

func TestATokenThatDiesHalfWayFailsNoMessage(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	w := s.worker()
	var all []*message.Message
	for i := range 300 {
		all = append(all, template(t, fmt.Sprint("t-", i), fmt.Sprint("oShop", i)))
	}
	s.put(all[:150]...)
	s.delivered(100)
	s.sim.RevokeTokens("wxshop")
	s.put(all[150:]...)
	for _, m := range all {
		if rec := s.ended(m.Account, m.ID); rec.State != message.Accepted {
			t.Fatalf("%s ended %s %s", m.ID, rec.State, rec.Reason)
		}
	}
	s.stop(w)
	s.eachOnce(300)
}

func TestReadiness(t *testing.T) {
	server := redistest.Start(t)
	s := newStage(t, server.Addr)
	w := s.worker()
	get := func(path string) int {
		res, err := http.Get(w.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	if got := get("/readyz"); got != http.StatusOK {
		t.Fatalf("a running worker: /readyz %d, want 200", got)
	}
	if got := get("/queues/"); got != http.StatusOK {
		t.Fatalf("/queues/ %d, want 200", got)
	}
	server.Stop()
	if got := get("/readyz"); got != http.StatusServiceUnavailable {
		t.Fatalf("Redis stands still: /readyz %d, want 503", got)
	}
	if got := get("/healthz"); got != http.StatusOK {
		t.Fatalf("Redis stands still: /healthz %d, want 200", got)
	}
	server.Continue()
	http.DefaultClient.CloseIdleConnections()
	s.stop(w)
}
