package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"wxdispatch/internal/wechat/wechattest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// program is a wechatsim that runs.
type program struct {
	url  string
	rest *bufio.Reader // of standard output
	stop context.CancelFunc
	code chan int
}

func launch(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	p := &program{rest: bufio.NewReader(r), stop: stop, code: make(chan int, 1)}
	var running sync.WaitGroup
	running.Go(func() {
		p.code <- run(ctx, append([]string{"--listen", "127.0.0.1:0"}, args...), w, io.Discard)
		w.Close()
	})
	t.Cleanup(func() { stop(); r.Close(); running.Wait() })
	line, err := p.rest.ReadString('\n')
	if err != nil {
		t.Fatalf("no URL was printed: %v", err)
	}
	p.url = strings.TrimSpace(line)
	return p
}

// post makes a call and returns WeChat's answer.
func (p *program) post(t *testing.T, path, body string) map[string]any {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Post(p.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func (p *program) token(t *testing.T, appid, secret string) string {
	t.Helper()
	answer := p.post(t, "/cgi-bin/stable_token", `{"grant_type":"client_credential","appid":"`+appid+`","secret":"`+secret+`"}`)
	token, _ := answer["access_token"].(string)
	if token == "" {
		t.Fatalf("no token: %v", answer)
	}
	return token
}

func TestServesUntilStoppedAndPrintsItsCounts(t *testing.T) {
	p := launch(t)
	token := p.token(t, "wxany", "any")
	answer := p.post(t, "/cgi-bin/message/template/send?access_token="+token, `{"touser":"oA","template_id":"T","data":{}}`)
	if answer["errcode"] != 0.0 {
		t.Fatalf("a send answers %v", answer)
	}
	p.stop()
	var st wechattest.Stats
	if err := json.NewDecoder(p.rest).Decode(&st); err != nil {
		t.Fatal(err)
	}
	if code := <-p.code; code != exitOK || st.Deliveries != 1 || st.Tokens.Stable != 1 {
		t.Errorf("exit %d, counts %+v", code, st)
	}
}

func TestFlagsReachTheStandIn(t *testing.T) {
	p := launch(t, "--app", "wxmini:s3cret:miniprogram", "--withdrawn", "--consents", "--busy", "1", "--token-ttl", "1h", "--latency", "1ms", "--verbose")
	token := p.token(t, "wxmini", "s3cret")
	body := `{"touser":"oA","template_id":"T","data":{}}`
	if answer := p.post(t, "/cgi-bin/message/subscribe/send?access_token="+token, body); answer["errcode"] != -1.0 {
		t.Errorf("with --busy 1 a send answers %v", answer)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodDelete, p.url+"/sim/faults", nil)
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	for path, code := range map[string]float64{"subscribe/send": 43101, "wxopen/template/send": 45103, "wxopen/template/uniform_send": 45109, "template/send": 48001} {
		if answer := p.post(t, "/cgi-bin/message/"+path+"?access_token="+token, body); answer["errcode"] != code {
			t.Errorf("%s answers %v, want errcode %v", path, answer, code)
		}
	}
}

func TestMistakesInArguments(t *testing.T) {
	tests := []struct {
		args []string
		code int
		word string
	}{
		{[]string{"--listen", "0.0.0.0:0"}, exitUsage, "--allow-remote"},
		{[]string{"--listen", ":0"}, exitUsage, "--allow-remote"},
		{[]string{"--listen", "8090"}, exitUsage, "host:port"},
		{[]string{"--app", "wxa"}, exitUsage, "APPID:SECRET"},
		{[]string{"--app", "wxa:s3cret:odd"}, exitUsage, "miniprogram"},
		{[]string{"--busy", "1.5"}, exitUsage, "share"},
		{[]string{"--token-ttl", "0s"}, exitUsage, "--token-ttl"},
		{[]string{"--odd"}, exitUsage, "unknown flag"},
		{[]string{"serve"}, exitUsage, "serve"},
		{[]string{"--listen", "127.0.0.1:99999"}, exitFault, "listen"},
	}
	for _, tt := range tests {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), tt.args, &stdout, &stderr)
		if code != tt.code || !strings.Contains(stderr.String(), tt.word) {
			t.Errorf("%q: exit %d, %q; want %d and %q", tt.args, code, stderr.String(), tt.code, tt.word)
		}
		if strings.Contains(stderr.String(), "s3cret") {
			t.Errorf("%q: the secret is repeated: %s", tt.args, stderr.String())
		}
	}
}

func TestAllowRemote(t *testing.T) {
	if err := checkListen("0.0.0.0:8090", true); err != nil {
		t.Error(err)
	}
	for _, addr := range []string{"localhost:1", "127.0.0.1:1", "[::1]:1"} {
		if err := checkListen(addr, false); err != nil {
			t.Error(err)
		}
	}
}

func TestHelpShowsExamples(t *testing.T) {
	var stdout bytes.Buffer
	if code := run(t.Context(), []string{"--help"}, &stdout, io.Discard); code != exitOK || !strings.Contains(stdout.String(), "wechatsim --app ") {
		t.Errorf("exit %d, %s", code, stdout.String())
	}
}
