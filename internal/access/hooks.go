package access

import (
	"context"
	"log/slog"

	"wxdispatch/internal/fault"
)

// Hooks hear what becomes of fetches, in the one process that fetched; as
// token.Options tells of each. Either may be nil.
type Hooks struct {
	Troubled func(ctx context.Context, err *fault.Error)
	Mended   func(ctx context.Context, after *fault.Error)
}

// Told are hooks that tell the operator in the log why an account sends
// nothing, and when that is over.
func Told(account string, log *slog.Logger) Hooks {
	log = log.With(slog.String("account", account))
	return Hooks{
		Troubled: func(_ context.Context, err *fault.Error) {
			log.Error("WeChat gives the account no token: once the one in use has ended nothing is sent; messages wait, uncounted, and the fetch is tried again by itself",
				slog.String("reason", err.Message), slog.Int("errcode", err.Code), slog.String("rid", err.RID), slog.Duration("next_try_in", err.RetryAfter))
		},
		Mended: func(_ context.Context, after *fault.Error) {
			if after != nil {
				log.Info("the account has a token again", slog.String("after", after.Message), slog.Int("errcode", after.Code))
			}
		},
	}
}
