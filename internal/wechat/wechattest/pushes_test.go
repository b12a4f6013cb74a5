package wechattest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/push"
	"wxdispatch/internal/wechat/wechattest"
)

const (
	pushToken = "pushtoken"
	pushKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

// ear is a push address that reads with the reader of the real one.
type ear struct {
	*httptest.Server
	mu    sync.Mutex
	heard []push.Push
	deaf  int // answers 503 so often
}

func listen(t *testing.T, appid string, o wechattest.Pushes) *ear {
	t.Helper()
	reader, err := push.NewAccount(push.Secrets{AppID: appid, Token: pushToken, AESKey: o.AESKey})
	if err != nil {
		t.Fatal(err)
	}
	e := &ear{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		opened, err := reader.Open(r.URL.Query(), body, time.Now())
		if err != nil {
			t.Errorf("%v: %s", err, body)
		}
		if want := o.Mode == wechattest.PushSafe || o.Mode == wechattest.PushCompatible; opened.Bound != want {
			t.Errorf("the signature covers the body: %v", opened.Bound)
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.deaf > 0 {
			e.deaf--
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		e.heard = append(e.heard, opened.Push)
		_, _ = w.Write([]byte("success"))
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *ear) all() []push.Push {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]push.Push(nil), e.heard...)
}

func TestReceiptsInEveryModeAreReadByTheReader(t *testing.T) {
	for _, mode := range []wechattest.PushMode{"", wechattest.PushPlain, wechattest.PushCompatible, wechattest.PushSafe} {
		for _, asJSON := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s json %v", mode, asJSON), func(t *testing.T) {
				s := start(t, wechattest.Options{})
				o := wechattest.Pushes{Token: pushToken, Mode: mode, JSON: asJSON, Statuses: map[string]float64{"failed:user block": 1}}
				if mode == wechattest.PushCompatible || mode == wechattest.PushSafe {
					o.AESKey = pushKey
				}
				e := listen(t, official, o)
				o.URL = e.URL
				s.SetPushes(official, &o)
				msgid := s.want(message.Template, good[message.Template], 0).MsgID
				s.want(message.Bizsend, good[message.Bizsend], 0)
				s.want(message.Onetime, good[message.Onetime], 0) // nothing is pushed of it
				if err := s.WaitPushes(t.Context(), 2); err != nil {
					t.Fatal(err)
				}
				var receipts, sent int
				for _, p := range e.all() {
					if p.Receipt != nil && p.Receipt.MsgID == msgid.String() && p.Receipt.Status == "failed:user block" && p.OpenID == "oA" {
						receipts++
					}
					if len(p.Sent) == 1 && p.Sent[0].Template == "T1" && p.Sent[0].ErrCode != 0 {
						sent++
					}
				}
				if receipts != 1 || sent != 1 {
					t.Errorf("%+v", e.all())
				}
			})
		}
	}
}

func TestSharesOfReceipts(t *testing.T) {
	s := start(t, wechattest.Options{Seed: 7})
	e := listen(t, official, wechattest.Pushes{})
	s.SetPushes(official, &wechattest.Pushes{URL: e.URL, Token: pushToken, Double: 0.5, Late: 0.2, LateBy: time.Millisecond,
		Early: 0.2, Statuses: map[string]float64{"failed:user block": 0.3, "failed: system failed": 0.2}})
	const n = 200
	for i := range n {
		s.want(message.Template, plain(i), 0)
	}
	if err := s.WaitPushes(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	s.Close() // what was to be doubled has been, or is cut off
	by := map[string]int{}
	for _, status := range s.Fates() {
		by[status]++
	}
	if by["failed:user block"] < 30 || by["failed: system failed"] < 15 || by["success"] < 60 || len(s.Fates()) != n {
		t.Errorf("%v", by)
	}
	if c := s.PushCounts(); c.Receipts != n || c.Taken != n || c.Lost != 0 || c.Calls < n+50 {
		t.Errorf("%+v", c)
	}
}

func TestReceiptsThatComeEarlyAndAgain(t *testing.T) {
	s := start(t, wechattest.Options{})
	e := listen(t, official, wechattest.Pushes{})
	o := wechattest.Pushes{URL: e.URL, Token: pushToken, Early: 1, RepeatAfter: time.Millisecond}
	s.SetPushes(official, &o)
	s.want(message.Template, plain(1), 0)
	if len(e.all()) != 1 {
		t.Error("an early receipt came after the answer")
	}
	e.mu.Lock()
	e.deaf = 2
	e.mu.Unlock()
	s.want(message.Template, plain(2), 0)
	if err := s.WaitPushes(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if c := s.PushCounts(); c.Calls != 4 || c.Taken != 2 {
		t.Errorf("%+v", c)
	}
	s.SetPushes(official, nil)
	s.want(message.Template, plain(3), 0)
	if c := s.PushCounts(); c.Receipts != 2 {
		t.Errorf("pushed after it was ended: %+v", c)
	}
}

func TestPushesOverHTTP(t *testing.T) {
	s := start(t, wechattest.Options{})
	e := listen(t, official, wechattest.Pushes{Mode: wechattest.PushSafe, AESKey: pushKey})
	if status, text := s.ask("POST", "/sim/push", `{"appid":"wxofficial","body":"x"}`); status != 400 || !strings.Contains(text, "pushes nowhere") {
		t.Errorf("%d %s", status, text)
	}
	s.order("/sim/pushes", `{"appid":"wxofficial","url":"`+e.URL+`","token":"`+pushToken+`","aes_key":"`+pushKey+`","mode":"safe","statuses":{"failed:freq limit":1},"delay":"1ms"}`)
	s.want(message.Template, plain(1), 0)
	if err := s.WaitPushes(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	s.order("/sim/push", `{"appid":"wxofficial","json":{"MsgType":"text","FromUserName":"oA","Content":"hi"}}`)
	if all := e.all(); len(all) != 2 || all[0].Receipt.Status != "failed:freq limit" || all[1].Type != "text" {
		t.Errorf("%+v", all)
	}
	if _, text := s.ask("GET", "/sim/pushes", ""); !strings.Contains(text, `"taken": 1`) {
		t.Errorf("%s", text)
	}
	for body, word := range map[string]string{
		`{"appid":"wxofficial","url":"http://x","token":"t","mode":"odd"}`:                 "compatible",
		`{"appid":"wxofficial","url":"http://x","token":"t","mode":"safe"}`:                "aes_key",
		`{"appid":"wxofficial","url":"http://x"}`:                                          "token",
		`{"appid":"wxofficial","url":"http://x","token":"t","early":2}`:                    "0 to 1",
		`{"appid":"wxofficial","url":"http://x","token":"t","statuses":{"a":0.7,"b":0.7}}`: "add up",
		`{"appid":"wxofficial","url":"http://x","token":"t","delay":"fast"}`:               "250ms",
		`{"appid":"wxnobody","url":"http://x","token":"t"}`:                                "wxnobody",
	} {
		if status, text := s.ask("POST", "/sim/pushes", body); status != 400 || !strings.Contains(text, word) {
			t.Errorf("%s: %d %s; want %q", body, status, text, word)
		}
	}
	s.order("/sim/pushes", `{"appid":"wxofficial","url":""}`)
}
