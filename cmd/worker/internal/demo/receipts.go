package demo

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/gateway"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
	"wxdispatch/internal/worker"
)

// What the demo's pushes are signed and sealed with.
const (
	pushToken = "demo"
	pushKey   = "demodemodemodemodemodemodemodemodemodemodem"
)

// ear takes what the stand-in pushes of messages' fates.
type ear struct {
	callbacks *gateway.Callbacks
	sim       *wechattest.Sim
}

// hear opens the push address and makes the stand-in use it: some users have
// blocked the account, some receipts come before the send's own answer, some
// late, some twice.
func hear(cfg *config.Config, w *worker.Worker, sim *wechattest.Sim, log *slog.Logger) (*ear, error) {
	callbacks, err := gateway.NewCallbacks(cfg, w.Redis(), log)
	if err != nil {
		return nil, err
	}
	if err := callbacks.Start(); err != nil {
		return nil, err
	}
	sim.SetPushes(shopAppID, &wechattest.Pushes{
		URL: callbacks.URL() + "/wechat/" + shop, Token: pushToken, AESKey: pushKey, Mode: wechattest.PushSafe,
		Statuses: map[string]float64{"failed:user block": 0.06, "failed: system failed": 0.02, "failed:freq limit": 0.02},
		Early:    0.1, Late: 0.1, LateBy: time.Second, Double: 0.1, Delay: 50 * time.Millisecond, RepeatAfter: time.Second,
	})
	return &ear{callbacks, sim}, nil
}

// end lets the stand-in push no more first: a connection that it opened and did
// not use yet would be waited for.
func (e *ear) end() error {
	e.sim.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return e.callbacks.Stop(ctx)
}

// awaits tells whether a receipt of the message is still to come.
func awaits(rec *message.Record) bool {
	return rec.Account == shop && rec.State == message.Accepted && rec.MsgID != ""
}

// expected is how a message must end: as its scene says, and where WeChat told
// its msgid, as its receipt says.
func expected(p part, rec *message.Record, fates map[string]string) message.State {
	fate, pushed := fates[p.key]
	switch {
	case p.scene.want != message.Accepted || !pushed || rec.MsgID == "":
		return p.scene.want
	case strings.HasPrefix(fate, "failed"):
		return message.Undelivered
	}
	return message.Delivered
}
