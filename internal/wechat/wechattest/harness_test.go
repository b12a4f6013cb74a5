package wechattest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	official = "wxofficial"
	mini     = "wxmini"
	secret   = "s3cret"
)

// clock is a time that only the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// stand is a stand-in that listens, and a client that knows no tricks.
type stand struct {
	*wechattest.Server
	t      *testing.T
	clock  *clock
	client *http.Client
}

func start(t *testing.T, o wechattest.Options) *stand {
	t.Helper()
	c := newClock()
	o.Now = c.now
	if o.Apps == nil {
		o.Apps = []wechattest.App{{AppID: official, Secret: secret, Type: message.Official}, {AppID: mini, Secret: secret, Type: message.MiniProgram}}
	}
	srv, err := wechattest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		srv.Close()
	})
	return &stand{srv, t, c, &http.Client{Transport: transport}}
}

// answer is what WeChat says to anything.
type answer struct {
	ErrCode   int         `json:"errcode"`
	ErrMsg    string      `json:"errmsg"`
	MsgID     json.Number `json:"msgid"`
	OldMsgID  json.Number `json:"msg_id"`
	Token     string      `json:"access_token"`
	ExpiresIn int         `json:"expires_in"`
	raw       string
}

// do makes a call; err is what the client met instead of an answer.
func (s *stand) do(ctx context.Context, method, path, body string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{raw: string(raw)}
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&a); err != nil {
		return a, fmt.Errorf("status %d, no JSON: %w", res.StatusCode, err)
	}
	return a, nil
}

// must is do for calls that are answered.
func (s *stand) must(method, path, body string) answer {
	s.t.Helper()
	a, err := s.do(s.t.Context(), method, path, body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (s *stand) path(kind message.Kind) string {
	appid := mini
	if kind.AccountType() == message.Official {
		appid = official
	}
	return kind.Path() + "?access_token=" + s.Token(appid)
}

func (s *stand) post(kind message.Kind, body string) answer {
	s.t.Helper()
	return s.must(http.MethodPost, s.path(kind), body)
}

// want posts a body and checks its errcode.
func (s *stand) want(kind message.Kind, body string, code int) answer {
	s.t.Helper()
	a := s.post(kind, body)
	if a.ErrCode != code {
		s.t.Fatalf("%s %s answers %s, want errcode %d", kind, body, a.raw, code)
	}
	return a
}

func (s *stand) wantDeliveries(n int) {
	s.t.Helper()
	if got := len(s.Deliveries()); got != n {
		s.t.Fatalf("%d deliveries, want %d: %+v", got, n, s.Deliveries())
	}
}

// good bodies of each kind, to be damaged by tests.
var good = map[message.Kind]string{
	message.Template:  `{"touser":"oA","template_id":"T1","data":{"keyword1":{"value":"1"}},"client_msg_id":"m1"}`,
	message.Bizsend:   `{"touser":"oA","template_id":"T1","data":{"thing1":{"value":"x"}}}`,
	message.Onetime:   `{"touser":"oA","template_id":"T1","scene":"10","title":"hi","data":{"content":{"value":"x"}}}`,
	message.WXOpen:    `{"touser":"oA","template_id":"T1","form_id":"f1","data":{"keyword1":{"value":"1"}}}`,
	message.Subscribe: `{"touser":"oA","template_id":"T1","data":{"thing1":{"value":5}}}`,
	message.Uniform:   `{"touser":"oA","weapp_template_msg":{"template_id":"T1","form_id":"f1","data":{}}}`,
}
