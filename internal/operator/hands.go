package operator

import (
	"context"
	"time"

	"wxdispatch/internal/message"
)

// Hands are an operator's as those who show a page or serve a call need them: an
// action happens now, and the answer is whether it did.
type Hands struct{ Operator }

// Park is Operator.Park of this moment.
func (h Hands) Park(ctx context.Context, account string, kind message.Kind, reason, who string, until time.Time) error {
	return h.Operator.Park(ctx, account, kind, reason, who, until, time.Now())
}

// Unpark is Operator.Unpark, without what it left standing.
func (h Hands) Unpark(ctx context.Context, account string, kind message.Kind, who string) error {
	_, _, err := h.Operator.Unpark(ctx, account, kind, who)
	return err
}
