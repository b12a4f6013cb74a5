package gateway_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/gateway"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/registry"
)

func TestMessageIsTakenOnceAndLookedUp(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := start(t, settings(addr(client)))
		s.want(s.post(order("o-1", "shop", "paid")), 202, "")
		s.want(s.post(order("o-1", "shop", "paid")), 200, "")
		s.want(s.post(order("o-1", "shop", "refunded")), 409, "conflict")
		s.want(s.post(`{"account":"mini","kind":"wxopen","body":{"touser":"o","template_id":"t"}}`), 409, "unpermitted")
		s.want(s.post(order("o-2", "mini", "paid")), 422, "invalid") // a mini program sends no template
		s.want(s.post(`{}`), 422, "invalid")
		s.want(s.call("POST", "/api/v1/messages", miniKey, order("o-3", "shop", "paid")), 403, "forbidden")

		got := s.call("GET", "/api/v1/accounts/shop/messages/o-1", apiKey, "")
		s.want(got, 200, "")
		if got.ID != "o-1" || got.State != message.Queued || !strings.Contains(got.text, `"openid":"oUser"`) {
			t.Errorf("record: %s", got.text)
		}
		s.want(s.call("GET", "/api/v1/accounts/shop/messages/o-9", apiKey, ""), 404, "not_found")
		s.want(s.call("GET", "/api/v1/accounts/none/messages/o-1", apiKey, ""), 404, "not_found")
	})
}

func TestUnknownAccountIsAMistakeInTheMessage(t *testing.T) {
	s := start(t, settings(addr(redistest.Mini(t))))
	got := s.post(order("o-1", "shpo", "paid"))
	s.want(got, 422, "invalid")
	if len(got.Error.Fields) != 1 || got.Error.Fields[0].Path != "account" {
		t.Errorf("%s", got.text)
	}
}

func TestMessageWithoutIDGetsOne(t *testing.T) {
	s := start(t, settings(addr(redistest.Mini(t))))
	text := strings.Replace(order("x", "shop", "paid"), `"id":"x",`, "", 1)
	first, second := s.post(text), s.post(text)
	if first.status != 202 || second.status != 202 || len(first.ID) != 26 || first.ID == second.ID {
		t.Errorf("%s, %s", first.text, second.text)
	}
}

func TestAccountsAreOursAndTheWorkers(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		other := registry.Account{Name: "other", Type: message.Official, AppID: "wx-other"}
		if err := registry.New(client).Publish(t.Context(), []registry.Account{other}); err != nil {
			t.Fatal(err)
		}
		s := start(t, settings(addr(client)))
		names := func(key string) (list string) {
			var told struct {
				Accounts []struct {
					Name  string
					Kinds map[string]struct{ State string }
				}
			}
			got := s.call("GET", "/api/v1/accounts", key, "").text
			if err := json.Unmarshal([]byte(got), &told); err != nil {
				t.Fatalf("%v: %s", err, got)
			}
			for _, a := range told.Accounts {
				list += a.Name + " "
				for kind, lane := range a.Kinds {
					if lane.State != "running" {
						t.Errorf("%s.%s: %s", a.Name, kind, lane.State)
					}
				}
			}
			return list
		}
		if got := names(apiKey); got != "mini other shop " {
			t.Errorf("%s", got)
		}
		if got := names(miniKey); got != "mini " {
			t.Errorf("%s", got)
		}
		s.want(s.post(order("o-1", "other", "paid")), 202, "")
	})
}

func TestHundredAtOnceAreOne(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := start(t, settings(addr(client)))
		var fresh, again atomic.Int32
		var group sync.WaitGroup
		for range 100 {
			group.Go(func() {
				switch got := s.post(order("o-1", "shop", "paid")); got.status {
				case 202:
					fresh.Add(1)
				case 200:
					again.Add(1)
				default:
					t.Errorf("%d %s", got.status, got.text)
				}
			})
		}
		group.Wait()
		if fresh.Load() != 1 || again.Load() != 99 {
			t.Errorf("%d were told 202 and %d 200; want 1 and 99", fresh.Load(), again.Load())
		}
		info, err := asynq.NewInspectorFromRedisClient(client).GetQueueInfo("shop.template")
		if err != nil || info.Pending != 1 {
			t.Errorf("%+v, %v; want one task", info, err)
		}
	})
}

// away checks every answer that needs Redis; each comes before the caller's
// five seconds are over.
func (s *stand) away() {
	s.Helper()
	post := s.post(order("o-1", "shop", "paid"))
	s.want(post, 503, "unavailable")
	if post.ID != "o-1" {
		s.Errorf("the id to repeat it with is not told: %s", post.text)
	}
	const message, user = ofShop + "/messages/o-1", ofShop + "/suppressions/oUser"
	calls := []struct{ method, path, body string }{
		{"POST", "/api/v1/messages/batch", oneLine("o-1", "shop")}, {"GET", message, ""}, {"DELETE", message, ""},
		{"POST", message + "/resolve", `{"how":"sent"}`}, {"GET", ofShop + "/messages?openid=oUser", ""},
		{"GET", ofShop + "/failed", ""}, {"POST", ofShop + "/replay", `{"all":true}`}, {"POST", ofShop + "/replay", `{"ids":["o-1"]}`},
		{"GET", ofShop + "/batches", ""}, {"GET", ofShop + "/batches/spring", ""}, {"POST", ofShop + "/batches/spring/pause", ""}, {"POST", ofShop + "/batches/spring/cancel", ""},
		{"GET", "/api/v1/accounts", ""}, {"GET", ofShop, ""}, {"POST", ofShop + "/park", `{"reason":"words"}`},
		{"GET", ofShop + "/permits/oUser", ""}, {"GET", user, ""}, {"PUT", user, "{}"}, {"GET", "/readyz", ""},
	}
	var group sync.WaitGroup
	for _, c := range calls {
		group.Go(func() {
			got := s.call(c.method, c.path, bossKey, c.body)
			s.want(got, 503, "unavailable")
			if got.header.Get("Retry-After") == "" {
				s.Errorf("%s %s: no Retry-After", c.method, c.path)
			}
		})
	}
	group.Wait()
	if got := s.call("GET", "/healthz", "", ""); got.status != 200 {
		s.Errorf("/healthz %d", got.status)
	}
}

func TestServesWithoutRedis(t *testing.T) {
	s := startBoss(t, closedPort(t))
	s.away()
	if !strings.Contains(s.log.String(), "Redis is away") {
		t.Errorf("the log does not say so: %s", s.log)
	}
}

func TestFrozenRedisHoldsNobodyUp(t *testing.T) {
	server := redistest.Start(t)
	s := startBoss(t, server.Addr)
	s.want(s.post(order("o-0", "shop", "paid")), 202, "")
	server.Stop()
	defer server.Continue()
	s.away()
	server.Continue()
	if got := s.post(order("o-1", "shop", "paid")); got.status != 200 && got.status != 202 {
		t.Errorf("Redis is back: %d %s", got.status, got.text)
	}
}

func TestMetrics(t *testing.T) {
	cfg := settings(addr(redistest.Mini(t)))
	s := start(t, cfg)
	s.post(order("o-1", "shop", "paid"))
	got := s.call("GET", "/metrics", "", "")
	if want := `wxdispatch_api_requests_total{route="/api/v1/messages",status="202"} 1`; !strings.Contains(got.text, want) {
		t.Errorf("no %s in %s", want, got.text)
	}

	cfg = settings(cfg.Redis.Addrs[0])
	cfg.Worker.MetricsToken = metricsToken
	s = start(t, cfg)
	s.want(s.call("GET", "/metrics", "", ""), 401, "unauthorized")
	s.want(s.call("GET", "/metrics", miniKey, ""), 403, "forbidden")
	s.want(s.call("GET", "/api/v1/accounts", metricsToken, ""), 403, "forbidden")
	for _, key := range []string{metricsToken, apiKey} {
		s.want(s.call("GET", "/metrics", key, ""), 200, "")
	}
}

func TestMistakesKeepItFromStarting(t *testing.T) {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	cfg := settings("127.0.0.1:1")
	cfg.API.Listen, cfg.API.Keys = "0.0.0.0:8081", map[string]config.Key{}
	if _, err := gateway.New(cfg, log); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "api.listen") {
		t.Errorf("open to everyone without a key: %v", err)
	}
}

func TestAddressInUse(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	cfg := settings("127.0.0.1:1")
	cfg.API.Listen = listener.Addr().String()
	g, err := gateway.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Start(t.Context()); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "api.listen") {
		t.Errorf("%v", err)
	}
}

func TestWithoutKeysEveryCallIsRefused(t *testing.T) {
	cfg := settings(addr(redistest.Mini(t)))
	cfg.API.Keys = map[string]config.Key{}
	s := start(t, cfg)
	s.want(s.post(order("o-1", "shop", "paid")), 401, "unauthorized")
	s.want(s.call("GET", "/api/v1/accounts", "", ""), 401, "unauthorized")
	if !strings.Contains(s.log.String(), "no API key is configured") {
		t.Errorf("nobody is warned: %s", s.log)
	}
}

func TestStopEndsReadinessFirst(t *testing.T) {
	s := start(t, settings(addr(redistest.Mini(t))))
	if err := s.gateway.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.gateway.Stop(); err != nil {
			t.Error(err)
		}
	}
	if err := s.gateway.Ready(t.Context()); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "shutting down") {
		t.Errorf("after Stop: %v", err)
	}
}

// slowBody is a body that the server has begun to read when begun is closed,
// and that comes when come is.
type slowBody struct {
	begun, come chan struct{}
	once        sync.Once
	text        io.Reader
}

func (b *slowBody) Read(to []byte) (int, error) {
	b.once.Do(func() { close(b.begun) })
	<-b.come
	return b.text.Read(to)
}

func TestStopLetsACallEnd(t *testing.T) {
	s := start(t, settings(addr(redistest.Mini(t))))
	// The body is asked for (100 Continue) once the call has reached its handler.
	s.client.Transport = &http.Transport{ExpectContinueTimeout: time.Minute}
	body := &slowBody{begun: make(chan struct{}), come: make(chan struct{}), text: strings.NewReader(order("o-1", "shop", "paid"))}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.gateway.URL()+"/api/v1/messages", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+apiKey)
	r.Header.Set("Expect", "100-continue")
	var group sync.WaitGroup
	group.Go(func() {
		answer, err := s.client.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusAccepted {
			t.Errorf("status %d", answer.StatusCode)
		}
	})
	<-body.begun
	group.Go(func() {
		if err := s.gateway.Stop(); err != nil {
			t.Error(err)
		}
	})
	for s.gateway.Ready(t.Context()) == nil { // until Stop has begun
	}
	close(body.come)
	group.Wait()
}
