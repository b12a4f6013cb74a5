package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"wxdispatch/internal/redistest"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/wechat/wechattest"
)

const serveKey = "serve-secret-0123456789"

// serveEnv is a configuration of variables alone that may serve.
func serveEnv(redis string) []string {
	return []string{
		"WXDISPATCH_REDIS_ADDRS=" + redis, "WXDISPATCH_API_LISTEN=127.0.0.1:0",
		"WXDISPATCH_ACCOUNTS_SHOP_TYPE=official", "WXDISPATCH_ACCOUNTS_SHOP_APPID=wx1", "WXDISPATCH_ACCOUNTS_SHOP_SECRET=s",
		"WXDISPATCH_API_KEYS_APP_KEY=" + serveKey, "WXDISPATCH_API_KEYS_APP_SCOPES=send,read",
	}
}

// logLines hands each line of a program's log to the test, until it ends.
func logLines(r io.Reader) <-chan map[string]any {
	lines := make(chan map[string]any, 100)
	go func() {
		defer close(lines)
		for decoder := json.NewDecoder(r); ; {
			var line map[string]any
			if decoder.Decode(&line) != nil {
				return
			}
			lines <- line
		}
	}()
	return lines
}

func TestServeUntilTold(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stderr, writer := io.Pipe()
	code, env := make(chan int, 1), serveEnv(redistest.Server(t))
	go func() {
		code <- run(ctx, []string{"serve"}, strings.NewReader(""), io.Discard, writer, env)
		_ = writer.Close()
	}()
	lines := logLines(stderr)
	url := ""
	for line := range lines {
		if url, _ = line["url"].(string); url != "" {
			break
		}
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v1/messages",
		strings.NewReader(`{"account":"shop","kind":"template","body":{"touser":"o","template_id":"t","data":{"k":{"value":"v"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	post.Header.Set("Authorization", "Bearer "+serveKey)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(post)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		t.Errorf("status %d", answer.StatusCode)
	}
	stop()
	for range lines { // to its end
	}
	if got := <-code; got != exitOK {
		t.Errorf("exit code %d", got)
	}
}

// Another program takes its token from serve, and nothing but the answer to it
// shows one.
func TestServeHandsTokensOut(t *testing.T) {
	sim, err := wechattest.Start(wechattest.Options{Apps: []wechattest.App{{AppID: "wx1", Secret: "hush-hush"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stderr, writer := io.Pipe()
	var log strings.Builder
	address := redistest.Server(t)
	env := append(serveEnv(address), "WXDISPATCH_WECHAT_BASE_URL="+sim.URL, "WXDISPATCH_API_KEYS_TOKENS_KEY="+serveKey+"-t",
		"WXDISPATCH_API_KEYS_TOKENS_SCOPES=token", "WXDISPATCH_API_KEYS_TOKENS_ACCOUNTS=shop")
	for i, variable := range env {
		if strings.Contains(variable, "SHOP_SECRET") {
			env[i] = "WXDISPATCH_ACCOUNTS_SHOP_SECRET=hush-hush"
		}
	}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"serve"}, strings.NewReader(""), io.Discard, writer, env)
		_ = writer.Close()
	}()
	lines := logLines(io.TeeReader(stderr, &log))
	url := ""
	for line := range lines {
		if url, _ = line["url"].(string); url != "" {
			break
		}
	}
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/api/v1/accounts/shop/token", nil)
	if err != nil {
		t.Fatal(err)
	}
	ask.Header.Set("Authorization", "Bearer "+serveKey+"-t")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Token   string `json:"access_token"`
		Seconds int    `json:"expires_in"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || got.Token == "" || got.Seconds < 7000 || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, good for %d s, %v", answer.StatusCode, got.Seconds, err)
	}
	_ = answer.Body.Close()
	stop()
	for range lines { // to its end
	}
	if got := <-code; got != exitOK {
		t.Errorf("exit code %d", got)
	}
	secrettest.Hidden(t, "the log", log.String(), "hush-hush", serveKey, got.Token)
	secrettest.HiddenInRedis(t, redistest.Client(t, address), "hush-hush", serveKey)
	if !strings.Contains(log.String(), `"msg":"token handed out","key":"tokens","account":"shop"`) {
		t.Errorf("nobody can tell who took the token")
	}
}

func TestServeRefuses(t *testing.T) {
	cases := []struct {
		name  string
		args  []string
		env   []string
		words string
	}{
		{"arguments", []string{"serve", "now"}, serveEnv("127.0.0.1:1"), "takes no arguments"},
		{"no accounts", []string{"serve"}, nil, "accounts: is empty"},
		{"public without keys", []string{"serve"}, append(serveEnv("127.0.0.1:1")[2:5:5], "WXDISPATCH_API_LISTEN=0.0.0.0:0"), "api.listen"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var stderr strings.Builder
			if code := run(t.Context(), c.args, strings.NewReader(""), io.Discard, &stderr, c.env); code != exitUsage {
				t.Errorf("exit code %d", code)
			}
			if !strings.Contains(stderr.String(), c.words) {
				t.Errorf("%q does not say %q", stderr.String(), c.words)
			}
		})
	}
}
