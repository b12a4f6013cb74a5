package worker_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/token"
	"wxdispatch/internal/wechat/wechattest"
)

// hidden asks that nothing that the stage's workers wrote or show holds a
// secret or a token.
func (s *stage) hidden(urls ...string) {
	s.t.Helper()
	secrettest.Hidden(s.t, "the log", s.logs.String(), secret)
	secrettest.HiddenInRedis(s.t, s.redis, secret)
	for _, url := range urls {
		secrettest.Hidden(s.t, url, s.page(url), secret)
	}
}

func (s *stage) page(url string) string {
	s.t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		s.t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func templates(t *testing.T, n int) []*message.Message {
	var all []*message.Message
	for i := range n {
		all = append(all, template(t, fmt.Sprint("t-", i), fmt.Sprint("oShop", i)))
	}
	return all
}

// Another program fetches with /cgi-bin/token in the middle of a run; five
// minutes later the token of ours is dead.
func TestAnotherProgramsFetchFailsNoMessage(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	var ahead atomic.Int64
	sim, err := wechattest.Start(wechattest.Options{
		Apps: []wechattest.App{{AppID: "wxshop", Secret: secret}, {AppID: "wxmini", Secret: secret}},
		Now:  func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	s.sim = sim
	classic := func(cfg *config.Config) {
		for name, a := range cfg.Accounts {
			a.Token = config.TokenClassic
			cfg.Accounts[name] = a
		}
	}
	one, two := s.worker(classic), s.worker(classic)
	all := templates(t, 600)
	s.put(all[:300]...)
	s.delivered(200)
	s.page(sim.URL + "/cgi-bin/token?grant_type=client_credential&appid=wxshop&secret=" + secret)
	ahead.Store(int64(5*time.Minute + time.Second))
	s.put(all[300:]...)
	for _, m := range all {
		if rec := s.ended(m.Account, m.ID); rec.State != message.Accepted || rec.Attempts != 1 {
			t.Fatalf("%s ended %s %s after %d attempts", m.ID, rec.State, rec.Reason, rec.Attempts)
		}
	}
	stats := sim.Stats()
	if n := stats.Apps["wxshop"].Tokens.Classic; n != 3 {
		t.Errorf("%d fetches; want ours, the other program's, and one of ours for both workers", n)
	}
	if stats.Count(message.Template, "40001") == 0 {
		t.Error("nobody met 40001: the test shows nothing")
	}
	s.hidden(one.URL()+"/", one.URL()+"/metrics", one.URL()+"/queues/api/queues")
	s.stop(one)
	s.stop(two)
	s.eachOnce(600)
}

func TestWithoutATokenMessagesWaitUncounted(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := newStage(t, client.(*redis.Client).Options().Addr)
		s.sim.Inject(wechattest.Fault{Kind: wechattest.Tokens, Code: 40164, Message: "invalid ip 203.0.113.9, not in whitelist"})
		w := s.worker()
		s.put(templates(t, 50)...)
		var standing token.Standing
		for until := time.Now().Add(20 * time.Second); standing.Trouble == nil && time.Now().Before(until); {
			standing, _ = token.Read(t.Context(), client, "shop")
		}
		if standing.Trouble == nil || standing.Trouble.Code != 40164 || !strings.Contains(standing.Trouble.Message, "203.0.113.9") {
			t.Fatalf("nobody is told why nothing is sent: %+v", standing)
		}
		s.stop(w)
		if stats := s.sim.Stats(); stats.Calls != 0 || stats.Count(wechattest.Tokens, "40164") != 1 {
			t.Errorf("%d sends, %d fetches; want none and one", stats.Calls, stats.Count(wechattest.Tokens, "40164"))
		}
		if rec, err := ledger.New(client).Record(t.Context(), "shop", "t-0"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a message was begun without a token: %+v, %v", rec, err)
		}
		if log := s.logs.String(); !strings.Contains(log, "WeChat gives the account no token") || !strings.Contains(log, "203.0.113.9") {
			t.Errorf("the operator is not told")
		}
		s.hidden()
	})
}

func TestMetricsTellTheTokensLife(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	w := s.worker()
	s.put(template(t, "one", "oUser"))
	s.ended("shop", "one")
	metrics := s.page(w.URL() + "/metrics")
	if !strings.Contains(metrics, `wxdispatch_token_expires_seconds{account="shop"} 7`) || !strings.Contains(metrics, `wxdispatch_token_age_seconds{account="shop"}`) {
		t.Error("the life of shop's token is not told")
	}
	if strings.Contains(metrics, `wxdispatch_token_expires_seconds{account="mini"}`) {
		t.Error("mini has no token, and one is told")
	}
	s.hidden(w.URL()+"/metrics", w.URL()+"/", w.URL()+"/queues/api/queues")
	s.stop(w)
}
