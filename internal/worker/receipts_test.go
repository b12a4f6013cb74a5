package worker_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/gateway"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/wechat/wechattest"
)

const (
	pushToken = "push-token-of-the-test"
	pushKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

// pushes serves the push addresses of both accounts and returns their URL.
func (s *stage) pushes() string {
	s.t.Helper()
	cfg := config.Defaults()
	cfg.Callback.Listen = "127.0.0.1:0"
	for name, kind := range map[string]message.AccountType{"shop": message.Official, "mini": message.MiniProgram} {
		a := config.AccountDefaults(cfg.WeChat)
		a.Type, a.AppID, a.Callback.Token, a.Callback.AESKey = kind, "wx"+name, pushToken, pushKey
		cfg.Accounts[name] = a
	}
	c, err := gateway.NewCallbacks(&cfg, s.redis, slog.New(slog.NewJSONHandler(s.logs, nil)))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		s.sim.Sim.Close() // it pushes no more
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			s.t.Error(err)
		}
	})
	return c.URL() + "/wechat/"
}

// pushed makes the stand-in push what became of an account's messages.
func (s *stage) pushed(account, to string, o wechattest.Pushes) {
	s.t.Helper()
	o.URL, o.Token, o.AESKey, o.RepeatAfter = to+account, pushToken, pushKey, 50*time.Millisecond
	s.sim.SetPushes("wx"+account, &o)
}

func TestReceiptsSayWhatBecameOfEachMessage(t *testing.T) {
	for _, mode := range []wechattest.PushMode{wechattest.PushPlain, wechattest.PushCompatible, wechattest.PushSafe} {
		t.Run(string(mode), func(t *testing.T) {
			s := newStage(t, redistest.Server(t))
			to := s.pushes()
			o := wechattest.Pushes{Mode: mode, JSON: mode == wechattest.PushCompatible, Early: 0.3, Late: 0.2, LateBy: time.Second, Double: 0.3,
				Statuses: map[string]float64{"failed:user block": 0.2, "failed: system failed": 0.1, "failed:freq limit": 0.1, "failed:something new": 0.1}}
			s.pushed("shop", to, o)
			w := s.worker()
			const n = 200
			var all []*message.Message
			for i := range n {
				all = append(all, template(t, fmt.Sprint("t-", i), fmt.Sprint("oShop", i)))
			}
			s.put(all...)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := s.sim.WaitPushes(ctx, n); err != nil {
				t.Fatal(err)
			}
			words := map[string]string{"success": "success", "failed:user block": "user block", "failed: system failed": "system failed",
				"failed:freq limit": "freq limit", "failed:something new": "something new"}
			fates := s.sim.Fates()
			for _, m := range all {
				status := words[fates[s.key(m)]]
				want := message.Undelivered
				if status == "success" {
					want = message.Delivered
				}
				s.until(m.ID+" has its receipt", func() bool { r := s.ended("shop", m.ID); return r.Receipt != nil })
				if rec := s.ended("shop", m.ID); rec.State != want || rec.Receipt.Status != status {
					t.Errorf("%s is %s (%+v), want %s, %s", m.ID, rec.State, rec.Receipt, want, status)
				}
			}
			s.stop(w)
		})
	}
}

// defaultPushes: everything arrives.
var defaultPushes = wechattest.Pushes{}

// key is what the stand-in knows a message by.
func (s *stage) key(m *message.Message) string {
	s.t.Helper()
	wire, err := message.Wire(m.Body, "")
	if err != nil {
		s.t.Fatal(err)
	}
	return wechattest.ContentKey(wire)
}

func TestAReceiptEndsADoubt(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	s.pushed("mini", s.pushes(), wechattest.Pushes{Statuses: map[string]float64{"failed:user block": 1}})
	quick := func(cfg *config.Config) {
		a := cfg.Accounts["mini"]
		a.WeChat.Timeout = 50 * time.Millisecond
		cfg.Accounts["mini"] = a
	}
	w := s.worker(quick)
	s.sim.Inject(wechattest.Fault{Kind: message.Subscribe, Mode: wechattest.ModeCut, Counted: true, OpenID: "oOne", Times: 1})
	s.put(subscribe(t, "one", "oOne"))
	s.until("the doubt is ended", func() bool { return s.ended("mini", "one").State == message.Undelivered })
	s.stop(w)
}

func TestOthersSendWithASharedAccount(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	s.pushed("mini", s.pushes(), wechattest.Pushes{})
	w := s.worker(func(cfg *config.Config) {
		a := cfg.Accounts["mini"]
		a.Shared = true
		cfg.Accounts["mini"] = a
	})
	s.sim.Inject(wechattest.Fault{Kind: message.Subscribe, Mode: wechattest.ModeCut, Counted: true, OpenID: "oOne", Times: 1})
	s.put(subscribe(t, "one", "oOne"))
	s.until("the push was worked on", func() bool {
		n, err := s.redis.XLen(t.Context(), "wxd:{mini}:pushes").Result()
		keys, _ := s.redis.Keys(t.Context(), "wxd:{mini}:early:*").Result()
		return err == nil && n == 0 && len(keys) == 1
	})
	if n := s.redis.ZCard(t.Context(), "wxd:{mini}:unmatched").Val(); n != 0 {
		t.Errorf("%d receipts of others may end doubts", n)
	}
	s.stop(w)
}

func TestUsersChoicesArePushed(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	s.pushed("mini", s.pushes(), wechattest.Pushes{Mode: wechattest.PushSafe})
	w := s.worker()
	say := func(event, status string, created int) {
		t.Helper()
		body := fmt.Sprintf(`{"FromUserName":"oOne","MsgType":"event","Event":%q,"CreateTime":%d,"List":{"TemplateId":"tpl","SubscribeStatusString":%q}}`, event, created, status)
		if code, answer, err := s.sim.Push("wxmini", []byte(body)); err != nil || code != 200 || answer != "success" {
			t.Fatalf("%d %q %v", code, answer, err)
		}
	}
	consents := func() int {
		standing, err := s.book().Permits(t.Context(), "mini", "oOne")
		if err != nil {
			t.Fatal(err)
		}
		return permit.BalanceOf("oOne", standing).Remaining
	}
	say("subscribe_msg_popup_event", "accept", 100)
	say("subscribe_msg_popup_event", "accept", 100) // WeChat's repeat, signed anew
	say("subscribe_msg_popup_event", "accept", 101)
	s.until("two consents", func() bool { return consents() == 2 })
	say("subscribe_msg_change_event", "reject", 102)
	s.until("they are void", func() bool { return consents() == 0 })
	s.put(subscribe(t, "unwanted", "oOne"))
	if rec := s.ended("mini", "unwanted"); rec.State != message.Suppressed || rec.Reason != message.ByRejected {
		t.Errorf("%s %s", rec.State, rec.Reason)
	}
	say("subscribe_msg_popup_event", "accept", 103)
	s.until("a consent again", func() bool { return consents() == 1 })
	s.put(subscribe(t, "wanted", "oOne"))
	s.until("it was sent", func() bool { return s.ended("mini", "wanted").SentAt.Unix() > 0 })
	s.stop(w)
}

func TestSwitchedOffSuppressesOnKindTemplateOnly(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	w := s.worker()
	s.sim.Block("wxshop", "oOff", 43101)
	s.sim.Block("wxmini", "oOff", 43101)
	s.put(template(t, "t-1", "oOff"), subscribe(t, "s-1", "oOff"))
	s.ended("shop", "t-1")
	s.ended("mini", "s-1")
	s.sim.Block("wxshop", "oOff", 0)
	s.sim.Block("wxmini", "oOff", 0)
	forced := decoded(t, `{"id":"t-3","account":"shop","kind":"template","force":true,"body":{"touser":"oOff","template_id":"tpl","data":{"User":{"value":"x"}}}}`)
	s.put(template(t, "t-2", "oOff"), subscribe(t, "s-2", "oOff"), forced)
	s.wantEnd(template(t, "t-2", "oOff"), message.Suppressed, message.BySwitchedOff)
	for account, id := range map[string]string{"mini": "s-2", "shop": "t-3"} {
		if rec := s.ended(account, id); rec.State != message.Accepted {
			t.Errorf("%s: %s %s", id, rec.State, rec.Reason)
		}
	}
	s.stop(w)
}
