package callback_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"wxdispatch/internal/callback"
	"wxdispatch/internal/inbox"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/wechat/push"
)

func TestWhatReceiptsSay(t *testing.T) {
	at := time.Unix(5, 0)
	finished := func(status string) push.Push {
		return push.Push{OpenID: "oA", Created: at, Receipt: &push.Receipt{MsgID: "7", Status: status}}
	}
	sent := func(code int, status, msgid string) push.Push {
		return push.Push{OpenID: "oA", Created: at, Sent: []push.Sent{{Template: "T", MsgID: msgid, ErrCode: code, Status: status}}}
	}
	tests := []struct {
		push  push.Push
		state message.State
		word  string
	}{
		{finished("success"), message.Delivered, "success"},
		{finished("failed:user block"), message.Undelivered, "user block"},
		{finished("failed: system failed"), message.Undelivered, "system failed"},
		{finished("failed:freq limit"), message.Undelivered, "freq limit"},
		{finished("failed:something new"), message.Undelivered, "something new"},
		{finished("failed:"), message.Undelivered, "failed"},
		{finished("held back"), message.Undelivered, "held back"},
		{sent(0, "success", "7"), message.Delivered, "success"},
		{sent(0, "", "7"), message.Delivered, "success"},
		{sent(43101, "user refuse", "7"), message.Undelivered, "user refuse"},
		{sent(20001, "", "7"), message.Undelivered, "errcode 20001"},
	}
	for _, tt := range tests {
		got := callback.Receipts([]push.Push{tt.push})
		if len(got) != 1 || got[0].State != tt.state || got[0].Word != tt.word || got[0].MsgID != "7" || got[0].OpenID != "oA" || !got[0].At.Equal(at) {
			t.Errorf("%+v: %+v, want %s %q", tt.push, got, tt.state, tt.word)
		}
	}
	if got := callback.Receipts([]push.Push{sent(0, "success", ""), {Type: "text"}}); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestWhatChoicesSay(t *testing.T) {
	now := time.Unix(1_795_000_000, 0)
	p := push.Push{Type: push.ConsentAsked, OpenID: "oA", Created: time.Unix(5, 0),
		Consents: []push.Consent{{Template: "T", Accepted: true}, {Template: "U"}}}
	given, rejected := callback.Choices(p, now)
	if len(given) != 1 || given[0].Template != "T" || given[0].Count != 1 || given[0].Code == "" {
		t.Errorf("%+v", given)
	}
	if len(rejected) != 1 || rejected[0].Template != "U" || !rejected[0].Void || !rejected[0].Until.Equal(now.Add(30*24*time.Hour)) {
		t.Errorf("%+v", rejected)
	}
	p.Type = push.ConsentChanged // WeChat says accept there to nobody's gain: it is no consent
	if given, _ := callback.Choices(p, now); len(given) != 0 {
		t.Errorf("%+v", given)
	}
}

// book fails as often as it is told to.
type book struct {
	fails  int
	worked int
}

func (b *book) Work(_ context.Context, pushes []push.Push) error {
	if b.fails > 0 {
		b.fails--
		return errors.New("away")
	}
	b.worked += len(pushes)
	return nil
}
func (b *book) EndDoubts(context.Context, int64) error { return nil }

type always struct{}

func (always) Claim(context.Context, string, string, time.Duration) (bool, error) { return true, nil }

func TestWhatCouldNotBeWorkedOnWaits(t *testing.T) {
	box := inbox.New(redistest.Mini(t), nil)
	for _, body := range []string{`{"type":"x"}`, `no JSON`, `{"type":"y"}`} {
		if _, err := box.Put(t.Context(), "shop", inbox.Parcel{Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	b := &book{fails: 1}
	d := callback.NewDrain("shop", box, always{}, b, slog.New(slog.DiscardHandler))
	if err := d.Turn(t.Context()); err == nil {
		t.Error("no error")
	}
	if n, _ := box.Waiting(t.Context(), "shop"); n != 3 {
		t.Errorf("%d wait, want 3", n)
	}
	if err := d.Turn(t.Context()); err != nil {
		t.Error(err)
	}
	if n, _ := box.Waiting(t.Context(), "shop"); n != 0 || b.worked != 2 {
		t.Errorf("%d wait, %d were worked on; want 0 and 2", n, b.worked)
	}
	d.Start()
	d.Stop()
}
