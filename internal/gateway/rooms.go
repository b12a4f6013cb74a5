package gateway

import (
	"context"
	"time"

	"wxdispatch/internal/api"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/operator"
	"wxdispatch/internal/permit"
)

// door is the intake as the API knows it.
type door struct{ intake *intake.Intake }

// Take brings a message into its queue.
func (d door) Take(ctx context.Context, m *message.Message) (api.Taken, error) {
	result, err := d.intake.Take(ctx, m)
	return api.Taken(result), err
}

// pool is the user's permits as the API knows them.
type pool struct{ intake.Pool }

// Add takes a permit in.
func (p pool) Add(ctx context.Context, account string, g permit.Grant) (api.Granted, error) {
	granted, err := p.Pool.Add(ctx, account, g)
	return api.Granted(granted), err
}

// Remove takes a permit back.
func (p pool) Remove(ctx context.Context, account string, g permit.Grant) (api.Removed, error) {
	removed, err := p.Pool.Remove(ctx, account, g)
	return api.Removed(removed), err
}

// hands are the operator as the API knows it.
type hands struct{ operator.Operator }

// Park stops a kind or an account.
func (h hands) Park(ctx context.Context, account string, kind message.Kind, reason, who string, until time.Time) error {
	return h.Operator.Park(ctx, account, kind, reason, who, until, time.Now())
}

// Unpark ends every park of a kind or an account.
func (h hands) Unpark(ctx context.Context, account string, kind message.Kind, who string) error {
	_, _, err := h.Operator.Unpark(ctx, account, kind, who)
	return err
}

// Set sets rate and quotas.
func (h hands) Set(ctx context.Context, account string, c api.AccountChange, who string) error {
	return h.Operator.Set(ctx, account, operator.Change{Rate: c.Rate, Quotas: c.Quota, Reset: c.Reset, Until: c.Until}, who, time.Now())
}
