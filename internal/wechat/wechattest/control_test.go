package wechattest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

// ask calls a control path and returns its status and body.
func (s *stand) ask(method, path, body string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var raw json.RawMessage
	if err := json.NewDecoder(res.Body).Decode(&raw); err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return res.StatusCode, string(raw)
}

func (s *stand) order(path, body string) {
	s.t.Helper()
	if status, text := s.ask(http.MethodPost, path, body); status >= 300 {
		s.t.Fatalf("POST %s %s: %d %s", path, body, status, text)
	}
}

func TestOrders(t *testing.T) {
	s := start(t, wechattest.Options{StrictPermits: true})
	s.order("/sim/permits", `{"appid":"wxmini","openid":"oA","type":"form","code":"f1"}`)
	s.order("/sim/permits", `{"appid":"wxmini","openid":"oA","type":"payment","code":"wx1"}`)
	s.order("/sim/permits/expire", `{"appid":"wxmini","code":"wx1"}`)
	s.want(message.WXOpen, form("oA", "f1"), 0)
	s.want(message.WXOpen, form("oA", "wx1"), 41028)
	s.order("/sim/settings", `{"consents":true,"duplicate_answer":45065}`)
	s.want(message.Subscribe, good[message.Subscribe], 43101)
	s.order("/sim/permits", `{"appid":"wxmini","openid":"oA","type":"consent","template_id":"T1","count":1}`)
	s.want(message.Subscribe, good[message.Subscribe], 0)
	s.want(message.Template, good[message.Template], 0)
	s.want(message.Template, good[message.Template], 45065)
	s.order("/sim/quota", `{"appid":"wxofficial","kind":"template","n":0}`)
	s.want(message.Template, plain(1), 45009)
	s.order("/sim/quota", `{"appid":"wxofficial","kind":"template","n":-1}`)
	s.order("/sim/rate", `{"appid":"wxofficial","per_second":1}`)
	s.clock.pass(time.Second)
	s.want(message.Template, plain(1), 0)
	s.want(message.Template, plain(2), 45011)
	s.order("/sim/rate", `{"appid":"wxofficial","per_second":0}`)
	s.order("/sim/blocks", `{"appid":"wxofficial","openid":"o2","code":43004}`)
	s.want(message.Template, plain(2), 43004)
	s.order("/sim/templates", `{"appid":"wxofficial","ids":["T9"]}`)
	s.want(message.Template, plain(3), 40037)
	s.order("/sim/withdraw", `{"kind":"wxopen"}`)
	s.want(message.WXOpen, form("oA", "f1"), 45103)
	token := s.Token(official)
	s.order("/sim/tokens/expire", `{"appid":"wxofficial"}`)
	s.wantToken(token, 42001)
	token = s.Token(official)
	s.order("/sim/tokens/revoke", `{"appid":"wxofficial"}`)
	s.wantToken(token, 40001)
	s.order("/sim/reset", ``)
	s.want(message.Template, plain(3), 0)
	if st := s.Stats(); st.Calls != 1 || st.Deliveries != 1 {
		t.Errorf("after a reset and one send: %+v", st)
	}
}

func TestFaultsOverHTTP(t *testing.T) {
	s := start(t, wechattest.Options{})
	status, text := s.ask(http.MethodPost, "/sim/faults", `{"kind":"template","mode":"late","delay":"1ms","code":-1,"share":1}`)
	if status != http.StatusCreated || !strings.Contains(text, `"id": 1`) {
		t.Fatalf("%d %s", status, text)
	}
	s.want(message.Template, plain(1), -1)
	_, text = s.ask(http.MethodGet, "/sim/faults", "")
	if !strings.Contains(text, `"hits": 1`) || !strings.Contains(text, `"delay": "1ms"`) {
		t.Errorf("listed as %s", text)
	}
	if status, _ := s.ask(http.MethodDelete, "/sim/faults/1", ""); status != http.StatusOK {
		t.Errorf("deleting the fault answers %d", status)
	}
	if status, _ := s.ask(http.MethodDelete, "/sim/faults/1", ""); status != http.StatusNotFound {
		t.Errorf("deleting it again answers %d", status)
	}
	s.Inject(wechattest.Fault{Code: -1})
	s.ask(http.MethodDelete, "/sim/faults", "")
	s.want(message.Template, plain(1), 0)
}

func TestInspection(t *testing.T) {
	s := start(t, wechattest.Options{})
	for _, n := range []int{1, 2, 2} {
		s.want(message.Template, plain(n), 0)
	}
	for path, wants := range map[string][]string{
		"/sim/stats":                       {`"calls": 3`, `"doubled": 1`, `"peak_per_second": 3`},
		"/sim/delivered":                   {`"total": 3`, `"distinct": 2`, `"count": 2`, wechattest.ContentKey([]byte(plain(2)))},
		"/sim/deliveries?openid=o2":        {`"total": 2`, `"openid": "o2"`},
		"/sim/deliveries?limit=1":          {`"total": 3`, `"openid": "o2"`},
		"/sim/deliveries?kind=wxopen":      {`"total": 0`, `"deliveries": []`},
		"/sim/deliveries?appid=wxofficial": {`"openid": "o1"`},
		"/sim/deliveries?key=" + wechattest.ContentKey([]byte(plain(1))): {`"total": 1`},
		"/sim/deliveries?since=2026-11-22T20:00:01Z":                     {`"total": 0`},
		"/sim/wait?deliveries=3&calls=3":                                 {`"ok": true`},
	} {
		status, text := s.ask(http.MethodGet, path, "")
		for _, want := range wants {
			if status != http.StatusOK || !strings.Contains(text, want) {
				t.Errorf("GET %s: %d %s lacks %s", path, status, text, want)
			}
		}
	}
}

func TestControlErrorsHaveWords(t *testing.T) {
	s := start(t, wechattest.Options{})
	tests := []struct {
		method, path, body string
		status             int
		word               string
	}{
		{"POST", "/sim/faults", `{"mode":"odd"}`, 400, "cut_early"},
		{"POST", "/sim/faults", `{"modes":"cut"}`, 400, "modes"},
		{"POST", "/sim/faults", `{"delay":"fast"}`, 400, "250ms"},
		{"POST", "/sim/faults", `{} {}`, 400, "one only"},
		{"POST", "/sim/faults", ``, 400, "JSON"},
		{"POST", "/sim/permits", `{"openid":"oA"}`, 400, "appid is missing"},
		{"POST", "/sim/permits", `{"appid":"wxnobody","openid":"oA"}`, 400, "wxmini"},
		{"POST", "/sim/permits", `{"appid":"wxmini"}`, 400, "openid is missing"},
		{"POST", "/sim/permits", `{"appid":"wxmini","openid":"oA","type":"form"}`, 400, "code is missing"},
		{"POST", "/sim/permits", `{"appid":"wxmini","openid":"oA","type":"odd","code":"f"}`, 400, "payment"},
		{"POST", "/sim/permits", `{"appid":"wxmini","openid":"oA","type":"consent"}`, 400, "template_id"},
		{"POST", "/sim/permits/expire", `{"appid":"wxmini","code":"f"}`, 400, "not known"},
		{"POST", "/sim/quota", `{"appid":"wxmini","kind":"sms","n":1}`, 400, "subscribe"},
		{"POST", "/sim/quota", `{"appid":"wxmini","kind":"wxopen"}`, 400, "n is missing"},
		{"POST", "/sim/rate", `{"appid":"wxmini"}`, 400, "per_second"},
		{"POST", "/sim/blocks", `{"appid":"wxmini"}`, 400, "openid"},
		{"POST", "/sim/withdraw", `{"kind":""}`, 400, "uniform"},
		{"POST", "/sim/settings", `{}`, 400, "consents"},
		{"POST", "/sim/tokens/expire", `{"appid":"wxnobody"}`, 400, "wxnobody"},
		{"GET", "/sim/deliveries?limit=x", ``, 400, "limit"},
		{"GET", "/sim/deliveries?user=x", ``, 400, "openid"},
		{"GET", "/sim/deliveries?since=x", ``, 400, "2026"},
		{"GET", "/sim/wait?deliveries=1&timeout=1ms", ``, 408, "waited for 1 deliveries, saw 0"},
		{"GET", "/cgi-bin/odd", ``, 404, "/cgi-bin/odd"},
	}
	for _, tt := range tests {
		status, text := s.ask(tt.method, tt.path, tt.body)
		if status != tt.status || !strings.Contains(text, tt.word) {
			t.Errorf("%s %s %s: %d %s; want %d and %q", tt.method, tt.path, tt.body, status, text, tt.status, tt.word)
		}
	}
}

func TestFaultJSONGoesBothWays(t *testing.T) {
	f := wechattest.Fault{Kind: message.WXOpen, Mode: wechattest.ModeLate, Delay: 250 * time.Millisecond, Times: 2}
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var back wechattest.Fault
	if err := json.Unmarshal(text, &back); err != nil || back != f {
		t.Errorf("%s reads back as %+v, %v", text, back, err)
	}
}
