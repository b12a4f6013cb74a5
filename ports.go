package wxdispatch

import (
	"context"
	"iter"
	"time"

	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
)

// What a client stands on, whichever its way: each method of Client tells what
// the one that it calls promises, and its errors.
type (
	door interface {
		Take(ctx context.Context, m *message.Message) (Result, error)
		// TakeMany answers each message in order, as Take would.
		TakeMany(ctx context.Context, messages []*message.Message) []intake.Outcome
	}
	lookup interface {
		Status(ctx context.Context, account, id string) (*Record, error)
	}
	finder interface {
		Find(ctx context.Context, account, openid, template string, since time.Time) ([]*Record, error)
	}
	ends interface {
		Ends(ctx context.Context, account string, f Filter) iter.Seq2[*Record, error]
	}
	canceller interface {
		Cancel(ctx context.Context, account, id string) (State, error)
	}
	resolver interface {
		Resolve(ctx context.Context, account, id string, how Resolution) (State, error)
	}
	replayer interface {
		Replay(ctx context.Context, account, id string) (State, error)
	}
	permits interface {
		AddMany(ctx context.Context, account string, grants []Grant) ([]GrantResult, error)
		List(ctx context.Context, account, openid string) ([]Standing, error)
		Remove(ctx context.Context, account string, g Grant) (Removed, error)
	}
	wishes interface {
		Suppress(ctx context.Context, account string, s Suppression) error
		Lift(ctx context.Context, account, openid, template string) error
		List(ctx context.Context, account, openid string) ([]Suppression, error)
	}
)
