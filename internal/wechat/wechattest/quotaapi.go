package wechattest

import (
	"encoding/json"
	"net/http"
	"strconv"

	"wxdispatch/internal/message"
)

// clearsPerMonth is how often clear_quota works in a month.
const clearsPerMonth = 10

// unlimited is what quota/get names for a kind without a limit.
const unlimited = 100000000

// clearQuota serves POST /cgi-bin/clear_quota.
func (s *Sim) clearQuota(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AppID string `json:"appid"`
	}
	acc, code := s.ask(r, &in)
	if code == 0 && in.AppID != acc.app.AppID {
		code = 40013
	}
	now := s.now()
	if code == 0 {
		acc.mu.Lock()
		code = acc.book.quota.clearAll(now)
		acc.mu.Unlock()
	}
	write(w, refusal(code, "", now).body)
}

// tellQuota serves POST /cgi-bin/openapi/quota/get for the send interfaces.
func (s *Sim) tellQuota(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Path string `json:"cgi_path"`
	}
	acc, code := s.ask(r, &in)
	kind := kindOf(in.Path)
	if code == 0 && kind == "" {
		code = 40035
	}
	now := s.now()
	if code != 0 {
		write(w, refusal(code, "", now).body)
		return
	}
	limit, used := acc.quotaOf(kind, dayOf(now))
	b := append([]byte(`{"errcode":0,"errmsg":"ok","quota":{"daily_limit":`), strconv.Itoa(limit)...)
	b = append(append(b, `,"used":`...), strconv.Itoa(used)...)
	b = append(append(b, `,"remain":`...), strconv.Itoa(max(0, limit-used))...)
	write(w, append(b, "}}"...))
}

func (a *account) quotaOf(kind message.Kind, day int64) (limit, used int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := &a.book.quota
	limit, set := q.limit[kind]
	if !set {
		limit = unlimited
	}
	if q.day == day {
		used = q.used[kind]
	}
	return limit, used
}

// ask reads a question that comes with a token.
func (s *Sim) ask(r *http.Request, in any) (*account, int) {
	if r.Method != http.MethodPost {
		return nil, 43002
	}
	acc, code := s.bearer(r.URL.Query().Get("access_token"), s.now())
	if code != 0 {
		return nil, code
	}
	body, err := readBody(r)
	if err != nil || json.Unmarshal(body, in) != nil {
		return nil, 47001
	}
	return acc, 0
}

func kindOf(path string) message.Kind {
	for _, kind := range message.Kinds() {
		if kind.Path() == path {
			return kind
		}
	}
	return ""
}
