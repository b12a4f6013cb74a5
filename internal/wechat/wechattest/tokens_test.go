package wechattest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

const tokenBody = `{"grant_type":"client_credential","appid":"` + official + `","secret":"` + secret + `"}`

func (s *stand) classic() answer {
	s.t.Helper()
	return s.must(http.MethodGet, "/cgi-bin/token?grant_type=client_credential&appid="+official+"&secret="+secret, "")
}

func (s *stand) stable(force bool) answer {
	s.t.Helper()
	body := tokenBody
	if force {
		body = strings.Replace(body, `}`, `,"force_refresh":true}`, 1)
	}
	return s.must(http.MethodPost, "/cgi-bin/stable_token", body)
}

// wantToken sends with a token and checks what it is worth.
func (s *stand) wantToken(token string, code int) {
	s.t.Helper()
	if a := s.must(http.MethodPost, message.Template.Path()+"?access_token="+token, plain(1)); a.ErrCode != code {
		s.t.Fatalf("a send answers %s, want errcode %d", a.raw, code)
	}
}

func TestTokenRequestsThatAreRefused(t *testing.T) {
	s := start(t, wechattest.Options{})
	classic := "/cgi-bin/token?"
	tests := []struct {
		method, path, body string
		code               int
	}{
		{"GET", classic + "grant_type=client_credential&appid=" + official + "&secret=x", "", 40001},
		{"GET", classic + "grant_type=client_credential&appid=wxnobody&secret=x", "", 40013},
		{"GET", classic + "grant_type=code&appid=a&secret=x", "", 40002},
		{"GET", classic + "grant_type=client_credential&secret=x", "", 41002},
		{"GET", classic + "grant_type=client_credential&appid=" + official, "", 41004},
		{"POST", classic + "grant_type=client_credential&appid=" + official + "&secret=" + secret, "", 43001},
		{"POST", "/cgi-bin/stable_token", `{"grant_type":"client_credential","appid":"` + official + `","secret":"x"}`, 40125},
		{"POST", "/cgi-bin/stable_token", `{"grant_type":"client_credential","appid":"wxnobody","secret":"x"}`, 40013},
		{"POST", "/cgi-bin/stable_token", `{`, 47001},
		{"POST", "/cgi-bin/stable_token", ``, 44002},
		{"GET", "/cgi-bin/stable_token", ``, 43002},
	}
	for _, tt := range tests {
		if a := s.must(tt.method, tt.path, tt.body); a.ErrCode != tt.code || a.Token != "" {
			t.Errorf("%s %s answers errcode %d, want %d", tt.method, tt.path, a.ErrCode, tt.code)
		}
	}
}

func TestClassicTokenLife(t *testing.T) {
	s := start(t, wechattest.Options{})
	first := s.classic()
	if first.ExpiresIn != 7200 || len(first.Token) > 512 {
		t.Errorf("expires_in %d and %d characters, want 7200 and at most 512", first.ExpiresIn, len(first.Token))
	}
	second := s.classic()
	if first.Token == second.Token {
		t.Fatal("the classic endpoint gave the same token twice")
	}
	s.clock.pass(5*time.Minute - time.Second)
	s.wantToken(first.Token, 0)
	s.clock.pass(time.Second)
	s.wantToken(first.Token, 40001)
	s.wantToken(second.Token, 0)
	s.clock.pass(2 * time.Hour)
	s.wantToken(second.Token, 42001)
}

func TestClassicFetchesADay(t *testing.T) {
	s := start(t, wechattest.Options{})
	for range 2000 {
		if a := s.classic(); a.Token == "" {
			t.Fatalf("refused with %d", a.ErrCode)
		}
	}
	if a := s.classic(); a.ErrCode != 45009 {
		t.Errorf("fetch 2001 answers errcode %d, want 45009", a.ErrCode)
	}
	s.clock.pass(24 * time.Hour)
	if a := s.classic(); a.Token == "" {
		t.Errorf("the next day answers errcode %d", a.ErrCode)
	}
	if got := s.Stats().Tokens; got.Classic != 2001 || got.Stable != 0 {
		t.Errorf("counted %+v", got)
	}
}

func TestStableTokenLife(t *testing.T) {
	s := start(t, wechattest.Options{})
	first := s.stable(false)
	s.clock.pass(2*time.Hour - 5*time.Minute - time.Second)
	if again := s.stable(false); again.Token != first.Token || again.ExpiresIn != 301 {
		t.Errorf("before its last 5 minutes the token changed, or expires_in is %d, want 301", again.ExpiresIn)
	}
	s.clock.pass(time.Second)
	next := s.stable(false)
	if next.Token == first.Token || next.ExpiresIn != 7200 {
		t.Errorf("in its last 5 minutes the token is the same, or expires_in is %d", next.ExpiresIn)
	}
	s.wantToken(first.Token, 0)
	s.clock.pass(5 * time.Minute)
	s.wantToken(first.Token, 42001)
	s.wantToken(next.Token, 0)
	if classic := s.classic(); classic.Token == next.Token {
		t.Error("the classic endpoint shares the stable token")
	}
	s.wantToken(next.Token, 0)
}

func TestForcedRefresh(t *testing.T) {
	s := start(t, wechattest.Options{})
	old := s.stable(false).Token
	fresh := s.stable(true)
	s.wantToken(old, 40001)
	s.wantToken(fresh.Token, 0)
	if a := s.stable(true); a.ErrCode != 45011 {
		t.Errorf("a second forced fetch within 30 s answers errcode %d, want 45011", a.ErrCode)
	}
	for range 19 {
		s.clock.pass(30 * time.Second)
		if a := s.stable(true); a.ErrCode != 0 {
			t.Fatalf("refused with %d", a.ErrCode)
		}
	}
	s.clock.pass(30 * time.Second)
	if a := s.stable(true); a.ErrCode != 45009 {
		t.Errorf("forced fetch 21 of the day answers errcode %d, want 45009", a.ErrCode)
	}
	if a := s.stable(false); a.Token == "" {
		t.Errorf("a plain fetch answers errcode %d", a.ErrCode)
	}
}

func TestShortLivedTokensLastMostOfTheirLife(t *testing.T) {
	s := start(t, wechattest.Options{TokenTTL: 24 * time.Second})
	first := s.stable(false)
	s.clock.pass(22 * time.Second)
	if s.stable(false).Token != first.Token {
		t.Error("replaced too early")
	}
	s.clock.pass(time.Second)
	if s.stable(false).Token == first.Token {
		t.Error("not replaced at its end")
	}
}

func TestTokensThatEndHalfWay(t *testing.T) {
	s := start(t, wechattest.Options{})
	token := s.stable(false).Token
	s.ExpireTokens(official)
	s.wantToken(token, 42001)
	next := s.stable(false).Token
	s.wantToken(next, 0)
	s.RevokeTokens(official)
	s.wantToken(next, 40001)
	s.wantToken(s.stable(false).Token, 0)
}

func TestAnyApp(t *testing.T) {
	s := start(t, wechattest.Options{AnyApp: true, Apps: []wechattest.App{{AppID: official, Secret: secret}}})
	path := "/cgi-bin/token?grant_type=client_credential&appid=wxany&secret=whatever"
	token := s.must(http.MethodGet, path, "").Token
	for _, kind := range message.Kinds() {
		body := strings.Replace(good[kind], `"f1"`, `"f-`+string(kind)+`"`, 1)
		if a := s.must(http.MethodPost, kind.Path()+"?access_token="+token, body); a.ErrCode != 0 {
			t.Errorf("%s answers %s", kind, a.raw)
		}
	}
	named := "/cgi-bin/token?grant_type=client_credential&appid=" + official + "&secret=wrong"
	if a := s.must(http.MethodGet, named, ""); a.ErrCode != 40001 {
		t.Errorf("a named app with the wrong secret answers %d, want 40001", a.ErrCode)
	}
}
