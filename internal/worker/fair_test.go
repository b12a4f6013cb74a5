package worker_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/wechat/wechattest"
)

// TestOneAccountsTroubleIsNotAnothers: while shop is parked, slow or flooded,
// each message of mini goes. With WXDISPATCH_TEST_FAIR=1 it also tells mini's
// times from enqueue to send, over 400 messages each.
func TestOneAccountsTroubleIsNotAnothers(t *testing.T) {
	measured := os.Getenv("WXDISPATCH_TEST_FAIR") != ""
	messages, flood := 20, 300
	if measured {
		messages, flood = 400, 500_000
	} else {
		t.Parallel()
	}
	for _, trouble := range []string{"none", "parked", "slow", "flooded"} {
		t.Run(trouble, func(t *testing.T) {
			s := newStage(t, redistest.Server(t))
			switch trouble {
			case "parked":
				if err := s.book().Hold(t.Context(), "shop", "account", time.Second, ledger.ParkInfo{}); err != nil {
					t.Fatal(err)
				}
				s.sim.Inject(wechattest.Fault{AppID: "wxshop", Code: 48001})
				s.put(orders(t, 100)...)
			case "slow":
				s.sim.Inject(wechattest.Fault{AppID: "wxshop", Mode: wechattest.ModeLate, Delay: 10 * time.Second})
				s.put(orders(t, 100)...)
			case "flooded":
				s.put(template(t, "oldest", "oUser"))
				s.copies("oldest", flood-1)
			}
			w := s.worker(func(cfg *config.Config) {
				shop := cfg.Accounts["shop"]
				shop.WeChat.Timeout, shop.Rate, shop.Burst = 11*time.Second, 100, 20
				cfg.Accounts["shop"] = shop
			})
			var took []time.Duration
			pace := time.NewTicker(25 * time.Millisecond)
			defer pace.Stop()
			var all []*message.Message
			for i := range messages {
				<-pace.C
				m := subscribe(t, fmt.Sprint("m-", i), fmt.Sprint("oMini", i))
				s.put(m)
				all = append(all, m)
			}
			for _, m := range all {
				rec := s.wantEnd(m, message.Accepted, "")
				took = append(took, rec.SentAt.Sub(rec.CreatedAt))
			}
			slices.Sort(took)
			if measured {
				t.Logf("shop %s: mini's median %s, p99 %s", trouble, took[len(took)/2], took[len(took)*99/100])
			}
			s.sim.ClearFaults()
			s.stop(w)
		})
	}
}
