package wechattest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// tokenRequest is what both token endpoints ask for.
type tokenRequest struct {
	GrantType    string `json:"grant_type"`
	AppID        string `json:"appid"`
	Secret       string `json:"secret"`
	ForceRefresh bool   `json:"force_refresh"`
}

// classicToken serves GET /cgi-bin/token.
func (s *Sim) classicToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		s.refuse(w, s.stray, Tokens, 43001)
		return
	}
	q := r.URL.Query()
	req := tokenRequest{GrantType: q.Get("grant_type"), AppID: q.Get("appid"), Secret: q.Get("secret")}
	s.token(w, r, req, 40001, s.fetchClassic)
}

// stableToken serves POST /cgi-bin/stable_token.
func (s *Sim) stableToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		s.refuse(w, s.stray, Tokens, 43002)
		return
	}
	body, err := readBody(r)
	if err != nil {
		s.settle(call{acc: s.stray, kind: Tokens}, gone)
		return
	}
	var req tokenRequest
	if len(body) == 0 {
		s.refuse(w, s.stray, Tokens, 44002)
		return
	}
	if json.Unmarshal(body, &req) != nil {
		s.refuse(w, s.stray, Tokens, 47001)
		return
	}
	s.token(w, r, req, 40125, func(acc *account, now time.Time) (issued, int) {
		return s.fetchStable(acc, req.ForceRefresh, now)
	})
}

// token checks who asks, and answers with what fetch brings. wrongSecret is the
// endpoint's errcode for a bad secret.
func (s *Sim) token(w http.ResponseWriter, r *http.Request, req tokenRequest, wrongSecret int, fetch func(*account, time.Time) (issued, int)) {
	acc, code := s.identify(req, wrongSecret)
	if code != 0 {
		s.refuse(w, s.stray, Tokens, code)
		return
	}
	f := s.faults.hit(req.AppID, Tokens, "", true)
	if f == nil {
		f = s.faults.hit(req.AppID, Tokens, "", false)
	}
	s.perform(w, r, call{acc: acc, kind: Tokens, fault: f}, func() reply {
		now := s.now()
		token, code := fetch(acc, now)
		if code != 0 {
			return refusal(code, "", now)
		}
		return reply{body: token.json()}
	})
}

// identify returns the account that asks, or the errcode for what is wrong with
// the question.
func (s *Sim) identify(req tokenRequest, wrongSecret int) (*account, int) {
	switch {
	case req.GrantType != "client_credential":
		return nil, 40002
	case req.AppID == "":
		return nil, 41002
	case req.Secret == "":
		return nil, 41004
	}
	acc := s.lookup(req.AppID)
	switch {
	case acc == nil:
		return nil, 40013
	case acc.app.Secret != "" && acc.app.Secret != req.Secret:
		return nil, wrongSecret
	}
	return acc, 0
}

func (t issued) json() []byte {
	b := append([]byte(`{"access_token":"`), t.value...)
	b = append(b, `","expires_in":`...)
	b = strconv.AppendInt(b, int64(t.left/time.Second), 10)
	return append(b, '}')
}
