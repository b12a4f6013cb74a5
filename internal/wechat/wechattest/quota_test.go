package wechattest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

func plain(n int) string {
	return fmt.Sprintf(`{"touser":"o%d","template_id":"T1","data":{}}`, n)
}

func TestQuotaOfTheDay(t *testing.T) {
	s := start(t, wechattest.Options{})
	s.clock.at = time.Date(2026, 11, 22, 15, 59, 59, 0, time.UTC) // a second before WeChat's midnight
	s.SetQuota(official, message.Template, 2)
	s.want(message.Template, plain(1), 0)
	s.want(message.Template, plain(2), 0)
	s.want(message.Template, plain(3), 45009)
	s.want(message.Bizsend, good[message.Bizsend], 0)
	s.clock.pass(time.Second)
	s.want(message.Template, plain(3), 0)
	s.SetQuota(official, message.Template, 0)
	s.want(message.Template, plain(4), 45009)
	s.SetQuota(official, message.Template, -1)
	s.want(message.Template, plain(4), 0)
}

func TestQuotaIsToldAndCleared(t *testing.T) {
	s := start(t, wechattest.Options{})
	s.SetQuota(official, message.Template, 5)
	s.want(message.Template, plain(1), 0)
	token := "?access_token=" + s.Token(official)
	ask := func() string {
		return s.must(http.MethodPost, "/cgi-bin/openapi/quota/get"+token, `{"cgi_path":"/cgi-bin/message/template/send"}`).raw
	}
	if got, want := ask(), `{"errcode":0,"errmsg":"ok","quota":{"daily_limit":5,"used":1,"remain":4}}`; got != want {
		t.Errorf("quota is %s, want %s", got, want)
	}
	for i := range 11 {
		want := 0
		if i == 10 {
			want = 48006
		}
		if a := s.must(http.MethodPost, "/cgi-bin/clear_quota"+token, `{"appid":"`+official+`"}`); a.ErrCode != want {
			t.Fatalf("clear %d answers %s, want errcode %d", i+1, a.raw, want)
		}
	}
	if got, want := ask(), `{"errcode":0,"errmsg":"ok","quota":{"daily_limit":5,"used":0,"remain":5}}`; got != want {
		t.Errorf("after clearing, quota is %s, want %s", got, want)
	}
}

func TestRate(t *testing.T) {
	s := start(t, wechattest.Options{})
	for _, code := range []int{-1, 45011} {
		s.SetRate(official, 2, code)
		s.clock.pass(time.Second)
		s.want(message.Template, plain(1), 0)
		s.want(message.Bizsend, good[message.Bizsend], 0)
		s.want(message.Template, plain(2), code)
	}
	s.SetRate(official, 0, 0)
	s.want(message.Template, plain(2), 0)
	if peak := s.Stats().Apps[official].PeakPerSecond; peak != 4 {
		t.Errorf("busiest second had %d calls, want 4", peak)
	}
}
