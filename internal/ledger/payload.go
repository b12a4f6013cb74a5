package ledger

import (
	"context"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// KeepPayload keeps a message that ended badly as the app gave it, so that it
// can be sent again after asynq has forgotten its task. A good end of a later
// life forgets it. Repeating it is harmless.
func (l *Ledger) KeepPayload(ctx context.Context, m *message.Message, keep time.Duration) error {
	if err := l.redis.Set(ctx, keys.Payload(m.Account, m.ID), []byte(m.Raw), keep).Err(); err != nil {
		return unavailable("ledger.keep_payload", err)
	}
	return nil
}

// Payload is the message of a bad end. Class NotFound: it did not end badly,
// or longer ago than message.keep.
func (l *Ledger) Payload(ctx context.Context, account, id string) (*message.Message, error) {
	raw, err := l.redis.Get(ctx, keys.Payload(account, id)).Bytes()
	if err != nil {
		return nil, unavailable("ledger.payload", err)
	}
	return message.Decode(raw)
}
