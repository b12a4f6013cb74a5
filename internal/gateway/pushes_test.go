package gateway_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/inbox"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/wechat/push"
)

const (
	pushToken = "push-token-of-the-test"
	pushKey   = "push-api-key-0123456789"
	finished  = `<xml><FromUserName>oUser</FromUserName><CreateTime>5</CreateTime><MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>7</MsgID><Status>success</Status></xml>`
)

func withPushes(addr string) *config.Config {
	cfg := settings(addr)
	cfg.Callback.Listen = "127.0.0.1:0"
	shop := cfg.Accounts["shop"]
	shop.Callback.Token = pushToken
	cfg.Accounts["shop"] = shop
	cfg.API.Keys["pusher"] = config.Key{Key: pushKey, Scopes: []string{"push"}}
	return cfg
}

func TestPushesComeInAndAreCounted(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := start(t, withPushes(addr(client)))
		timestamp := strconv.FormatInt(time.Now().Unix(), 10)
		query := url.Values{"timestamp": {timestamp}, "nonce": {"1"}, "signature": {push.Sign(pushToken, timestamp, "1")}}
		to := s.gateway.PushURL() + "/wechat/shop?"
		for body, want := range map[string]int{finished: 200, "x": 400} {
			answer, err := s.client.Post(to+query.Encode(), "text/xml", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("%q: status %d, want %d", body, answer.StatusCode, want)
			}
		}
		got := s.call("GET", "/metrics", "", "")
		for _, want := range []string{`wxdispatch_pushes_total{account="shop",type="templatesendjobfinish"} 1`, `wxdispatch_pushes_refused_total{account="shop",reason="damaged"} 1`} {
			if !strings.Contains(got.text, want) {
				t.Errorf("no %s", want)
			}
		}
		const own = "/api/v1/accounts/shop/pushes"
		s.want(s.call("POST", own, pushKey, finished), 200, "")
		s.want(s.call("POST", own, apiKey, finished), 403, "forbidden")
		s.want(s.call("POST", own, pushKey, "x"), 422, "invalid")
		s.want(s.call("POST", "/api/v1/accounts/nobody/pushes", pushKey, finished), 404, "not_found")
		if got := s.call("POST", own, pushKey, `{"MsgType":"text","FromUserName":"oUser"}`); got.text != `{"type":"text","kept":false}`+"\n" {
			t.Errorf("%s", got.text)
		}
		if n, err := inbox.New(client, nil).Waiting(t.Context(), "shop"); err != nil || n != 2 {
			t.Errorf("%d wait, %v; want 2", n, err)
		}
	})
}

func TestWithoutTokensNoPushIsTaken(t *testing.T) {
	s := start(t, settings(addr(redistest.Mini(t))))
	if s.gateway.PushURL() != "" {
		t.Errorf("pushes are taken at %s", s.gateway.PushURL())
	}
}

func TestUsersSwitchesOverHTTP(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := start(t, settings(addr(client)))
		const path = "/api/v1/accounts/shop/suppressions/oUser"
		if got := s.call("GET", path, apiKey, ""); got.text != `{"openid":"oUser","suppressions":[]}`+"\n" {
			t.Errorf("%s", got.text)
		}
		s.want(s.call("PUT", path, apiKey, `{"template_id":"tpl","until":"2099-01-01T00:00:00Z"}`), 200, "")
		if got := s.call("PUT", path, apiKey, ""); got.text != `{"openid":"oUser","suppressions":[{"template_id":"","until":null,"by":"app"},{"template_id":"tpl","until":"2099-01-01T00:00:00Z","by":"app"}]}`+"\n" {
			t.Errorf("%s", got.text)
		}
		s.want(s.post(order("o-1", "shop", "paid")), 409, "suppressed")
		s.want(s.call("DELETE", path, apiKey, ""), 200, "")
		s.want(s.call("DELETE", path, apiKey, ""), 404, "not_found")
		s.want(s.call("DELETE", path+"?template_id=tpl", apiKey, ""), 200, "")
		s.want(s.post(order("o-1", "shop", "paid")), 202, "")
		s.want(s.call("PUT", path, apiKey, `{"template":"tpl"}`), 422, "invalid")
		s.want(s.call("PUT", path, apiKey, `{"until":"2020-01-01T00:00:00Z"}`), 422, "invalid")
		s.want(s.call("DELETE", path+"?template=tpl", apiKey, ""), 422, "invalid")
	})
}
