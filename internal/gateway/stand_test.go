package gateway_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"wxdispatch/internal/config"
	"wxdispatch/internal/gateway"
	"wxdispatch/internal/message"
	"wxdispatch/internal/secrettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What must never show in a log or an answer.
const (
	apiKey       = "api-secret-0123456789"
	miniKey      = "mini-secret-0123456789"
	metricsToken = "metrics-secret-0123456789"
	appSecret    = "app-secret-0123456789"
)

// stand is a running gateway and a caller in front of it.
type stand struct {
	*testing.T
	gateway *gateway.Gateway
	client  *http.Client
	log     *logbook
}

// settings is a configuration over the Redis at addr that may serve.
func settings(addr string) *config.Config {
	cfg := config.Defaults()
	cfg.Redis.Addrs = []string{addr}
	cfg.API.Listen = "127.0.0.1:0"
	for name, kind := range map[string]message.AccountType{"shop": message.Official, "mini": message.MiniProgram} {
		account := config.AccountDefaults(cfg.WeChat)
		account.Type, account.AppID, account.Secret = kind, "wx-"+name, appSecret
		cfg.Accounts[name] = account
	}
	cfg.API.Keys["app"] = config.Key{Key: apiKey, Scopes: []string{"send", "read"}}
	cfg.API.Keys["mini_only"] = config.Key{Key: miniKey, Scopes: []string{"send", "read"}, Accounts: []string{"mini"}}
	return &cfg
}

func start(t *testing.T, cfg *config.Config) *stand {
	t.Helper()
	s := &stand{T: t, log: &logbook{}}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	g, err := gateway.New(cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	// Five seconds are promised, whatever Redis does.
	s.gateway, s.client = g, &http.Client{Transport: &http.Transport{}, Timeout: 5 * time.Second}
	if err := g.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		if err := g.Stop(); err != nil {
			t.Error(err)
		}
		s.keptSecrets("the log", s.log.String())
	})
	return s
}

func addr(client redis.UniversalClient) string { return client.(*redis.Client).Options().Addr }

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	text   string
	ID     string
	State  message.State
	Error  struct {
		Code   string
		Fields []struct{ Path string }
	}
}

func (s *stand) call(method, path, key, body string) reply {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, s.gateway.URL()+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		s.Errorf("%s %s: %v", method, path, err)
		return reply{}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Error(err)
	}
	got := reply{status: answer.StatusCode, header: answer.Header, text: string(text)}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(text, &got); err != nil {
			s.Errorf("no JSON: %s", text)
		}
	}
	s.keptSecrets("an answer", got.text)
	return got
}

func (s *stand) post(body string) reply {
	s.Helper()
	return s.call("POST", "/api/v1/messages", apiKey, body)
}

func (s *stand) want(got reply, status int, code string) {
	s.Helper()
	if got.status != status || got.Error.Code != code {
		s.Errorf("%d %q, want %d %q: %s", got.status, got.Error.Code, status, code, got.text)
	}
}

func (s *stand) keptSecrets(where, text string) {
	s.Helper()
	secrettest.Hidden(s, where, text, apiKey, miniKey, bossKey, metricsToken, appSecret, tokenKey)
}

func order(id, account, value string) string {
	return `{"id":"` + id + `","account":"` + account + `","kind":"template",
		"body":{"touser":"oUser","template_id":"tpl","data":{"k":{"value":"` + value + `"}}}}`
}

// logbook is a log that many write and a test reads.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
