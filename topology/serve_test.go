package topology_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"wxdispatch/internal/message"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/wechat/wechattest"
)

const (
	apiKey    = "key-of-the-topology-0123"
	pushToken = "push-token-of-the-topology"
)

// served is an enqueue serve that runs.
type served struct {
	t           *testing.T
	api, pushes string // URLs
	client      http.Client
}

// serve starts enqueue serve, which ends with the test, by SIGTERM and with 0.
func (p *program) serve() *served {
	cmd := exec.Command(p.path, "serve")
	cmd.Env = append(p.env, "WXDISPATCH_API_LISTEN=127.0.0.1:0", "WXDISPATCH_CALLBACK_LISTEN=127.0.0.1:0",
		"WXDISPATCH_API_KEYS_APP_KEY="+apiKey, "WXDISPATCH_API_KEYS_APP_SCOPES=send,read,token,admin,push",
		"WXDISPATCH_ACCOUNTS_SHOP_CALLBACK_TOKEN="+pushToken)
	said, err := cmd.StderrPipe()
	must(p.t, err)
	must(p.t, cmd.Start())
	s, log, lines := &served{t: p.t, client: http.Client{Transport: &http.Transport{}}}, strings.Builder{}, bufio.NewScanner(said)
	for (s.api == "" || s.pushes == "") && lines.Scan() {
		log.WriteString(lines.Text() + "\n")
		var line struct{ URL string }
		_ = json.Unmarshal(lines.Bytes(), &line)
		if to, ok := strings.CutSuffix(line.URL, "ACCOUNT"); ok {
			s.pushes = to
		} else if line.URL != "" {
			s.api = line.URL
		}
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for lines.Scan() {
			log.WriteString(lines.Text() + "\n")
		}
	}()
	p.t.Cleanup(func() {
		s.client.CloseIdleConnections()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		if err := cmd.Wait(); err != nil {
			p.t.Errorf("enqueue serve ended with %v:\n%s", err, log.String())
		}
		secrettest.Hidden(p.t, "the log of enqueue serve", log.String(), secret, apiKey, pushToken)
	})
	return s
}

// says makes a call, and wants a status and words in its answer.
func (s *served) says(call, body string, status int, words ...string) {
	s.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	if strings.HasPrefix(path, "…") {
		path = "/api/v1/accounts" + strings.TrimPrefix(path, "…")
	}
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.api+path, strings.NewReader(body))
	must(s.t, err)
	request.Header.Set("Authorization", "Bearer "+apiKey)
	answer, err := s.client.Do(request)
	must(s.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(s.t, err)
	if answer.StatusCode != status {
		s.t.Errorf("%s: status %d, want %d\n%s", call, answer.StatusCode, status, text)
	}
	for _, word := range words {
		if !strings.Contains(string(text), word) {
			s.t.Errorf("%s does not say %q:\n%s", call, word, text)
		}
	}
}

// calls makes every call of enqueue serve once, and has WeChat push to it.
func (s *stage) calls(p *program) {
	p.t = s.t
	h := p.serve()
	s.receipts(h)
	s.messageCalls(h)
	s.batchCalls(h)
	s.userCalls(h)
	s.accountCalls(h)
}

// receipts: a message is delivered once WeChat has pushed that.
func (s *stage) receipts(h *served) {
	s.sim.SetPushes("wxshop", &wechattest.Pushes{URL: h.pushes + "shop", Token: pushToken})
	defer s.sim.SetPushes("wxshop", nil)
	h.says("POST /api/v1/messages", written("shop", "http-0", ""), 202, `"id":"http-0"`)
	s.until("the receipt", func(ctx context.Context) bool {
		rec, err := s.desk.Lookup.Status(ctx, "shop", "http-0")
		return err == nil && rec.State == message.Delivered
	})
	h.says("POST …/shop/pushes", `<xml><FromUserName>o</FromUserName><CreateTime>5</CreateTime><MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>7</MsgID><Status>success</Status></xml>`, 200, `"kept":true`)
}

func (s *stage) messageCalls(h *served) {
	h.says("POST /api/v1/messages", written("shop", "http-0", ""), 200, `"duplicate":true`)
	h.says("POST /api/v1/messages", written("shop", "http-0", `,"force":true`), 409, "conflict")
	h.says("POST /api/v1/messages/batch", lines("http-many", 9), 200, `"id":"http-many-8"`)
	s.ended(spread(s.t, "http-many", 9)...)
	h.says("GET …/vip/messages/http-many-1", "", 200, `"state":"accepted"`)
	h.says("GET …/mini/messages?openid=ohttp-many-2", "", 200, "http-many-2")
	h.says("POST /api/v1/messages", written("vip", "http-later", `,"send_at":"`+inAnHour()+`"`), 202)
	h.says("DELETE …/vip/messages/http-later", "", 200, "cancelled")
	s.sim.Inject(wechattest.Fault{OpenID: "ohttp-bad", Code: 43004, Times: 1})
	s.sim.Inject(wechattest.Fault{OpenID: "ohttp-doubt", Mode: wechattest.ModeCut, Counted: true, Times: 1})
	bad, doubt := one(s.t, "vip", "http-bad", ""), one(s.t, "mini", "http-doubt", "")
	s.hand(s.desk, []*message.Message{bad, doubt})
	s.ended(bad, doubt)
	h.says("GET …/vip/failed", "", 200, "http-bad")
	h.says("POST …/vip/replay", `{"ids":["http-bad"]}`, 200)
	h.says("POST …/mini/messages/http-doubt/resolve", `{"how":"sent"}`, 200, "accepted")
}

func (s *stage) batchCalls(h *served) {
	h.says("POST /api/v1/messages", written("vip", "http-held", `,"batch":"http","send_at":"`+inAnHour()+`"`), 202)
	h.says("GET …/vip/batches", "", 200, `"http"`)
	h.says("POST …/vip/batches/http/pause", "", 200)
	h.says("POST …/vip/batches/http/resume", "", 200)
	h.says("GET …/vip/batches/http", "", 200, "running")
	h.says("POST …/vip/batches/http/cancel", "", 200)
}

func (s *stage) userCalls(h *served) {
	h.says("POST …/mini/permits", `{"openid":"ohttp","type":"form","code":"form-http"}`, 201)
	h.says("GET …/mini/permits/ohttp", "", 200, "form-http")
	h.says("PUT …/shop/suppressions/ohttp", `{"template_id":"tpl"}`, 200)
	h.says("GET …/shop/suppressions/ohttp", "", 200, "tpl")
	h.says("DELETE …/shop/suppressions/ohttp?template_id=tpl", "", 200)
}

func (s *stage) accountCalls(h *served) {
	h.says("GET …", "", 200, "shop", "vip", "mini")
	h.says("PATCH …/vip", `{"rate":40}`, 200)
	h.says("PATCH …/vip", `{"reset":true}`, 200)
	h.says("POST …/vip/park", `{"kind":"bizsend","reason":"trying"}`, 200)
	h.says("GET …/vip", "", 200, "trying")
	h.says("POST …/vip/unpark", `{"kind":"bizsend"}`, 200)
	h.says("GET …/shop/token", "", 200, "access_token")
	h.says("POST …/shop/token/refresh", `{"stale":"none"}`, 200, "access_token")
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/openapi.json"} {
		h.says("GET "+path, "", 200)
	}
}
