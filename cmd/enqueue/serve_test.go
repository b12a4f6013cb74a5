package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"wxdispatch/internal/redistest"
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
