package access

import (
	"context"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/pace"
	"wxdispatch/internal/token"
	"wxdispatch/internal/wechat"
)

// Book is where an account's parks stand.
type Book interface {
	// Hold parks all kinds of the account for a reason, to be tried every so often.
	Hold(ctx context.Context, account, reason string, every time.Duration, info ledger.ParkInfo) error
	// Unpark ends parks of these reasons and answers how many there were.
	Unpark(ctx context.Context, account string, kind message.Kind, why string, info ledger.ParkInfo, reasons ...string) (int, error)
}

// Parking makes hooks that park an account while WeChat gives it no token, and
// end that park when it does. Trouble with a renewal stops nothing as long as
// the token that it would replace is good; an address that is missing on the
// whitelist stops the account once every live worker's machine met it.
type Parking struct {
	Account string
	Book    Book
	Redis   redis.UniversalClient
	Host    string               // this machine, for the account's log
	Every   time.Duration        // how often the park is tried
	Left    func() time.Duration // for how long the token at hand is good yet
	Log     *slog.Logger
}

// Hooks are the hooks; they tell the log, too.
func (p Parking) Hooks() Hooks {
	told := Told(p.Account, p.Log)
	return Hooks{
		Troubled: func(ctx context.Context, err *fault.Error) {
			told.Troubled(ctx, err)
			if p.Left() <= 0 && !(wechat.AddressRefused(err.Code) && p.othersMayFetch(ctx)) {
				p.park(ctx, err)
			}
		},
		Mended: func(ctx context.Context, after *fault.Error) {
			told.Mended(ctx, after)
			p.unpark(ctx)
		},
	}
}

// othersMayFetch tells whether there are more workers than machines whose
// address was refused.
func (p Parking) othersMayFetch(ctx context.Context) bool {
	t, err := token.Read(ctx, p.Redis, p.Account)
	if err != nil {
		return false
	}
	live, err := pace.Read(ctx, p.Redis, p.Account)
	return err == nil && t.Resting < live.Workers
}

func (p Parking) park(ctx context.Context, err *fault.Error) {
	info := ledger.ParkInfo{By: "token", Words: "no access_token: " + err.Message, ErrCode: err.Code, ErrMsg: err.Message, RID: err.RID, Host: p.Host}
	if err := p.Book.Hold(ctx, p.Account, ledger.Token, p.Every, info); err != nil {
		p.Log.Warn("an account without a token could not be parked; its messages wait, uncounted", slog.String("account", p.Account), slog.Any("error", err))
	}
}

func (p Parking) unpark(ctx context.Context) {
	if _, err := p.Book.Unpark(ctx, p.Account, "", "mended", ledger.ParkInfo{By: "token", Host: p.Host}, ledger.Token); err != nil {
		p.Log.Warn("a park for want of a token could not be ended; the next good fetch tries again", slog.String("account", p.Account), slog.Any("error", err))
	}
}
