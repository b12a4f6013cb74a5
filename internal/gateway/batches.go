package gateway

import (
	"context"
	"time"

	"wxdispatch/internal/api"
	"wxdispatch/internal/intake"
)

// batches are whole batches as the API knows them.
type batches struct{ intake.Batches }

// List returns how all of an account stand.
func (b batches) List(ctx context.Context, account string) ([]api.Batch, error) {
	all, err := b.Batches.List(ctx, account)
	list := make([]api.Batch, len(all))
	for i, one := range all {
		list[i] = api.Batch(one)
	}
	return list, err
}

// Show returns how one stands.
func (b batches) Show(ctx context.Context, account, name string) (api.Batch, error) {
	one, err := b.Batches.Show(ctx, account, name)
	return api.Batch(one), err
}

// Pause keeps what waits where it is.
func (b batches) Pause(ctx context.Context, account, name string) (api.Batch, error) {
	one, err := b.Batches.Pause(ctx, account, name)
	return api.Batch(one), err
}

// Resume lets a paused one go on.
func (b batches) Resume(ctx context.Context, account, name string) (api.Batch, error) {
	one, err := b.Batches.Resume(ctx, account, name)
	return api.Batch(one), err
}

// clearing is how long a call ends what waits of a batch that it cancelled; the
// workers do the rest.
const clearing = time.Second

// Cancel stops one for good.
func (b batches) Cancel(ctx context.Context, account, name string) (api.Batch, error) {
	short, cancel := context.WithTimeout(ctx, clearing)
	defer cancel()
	one, err := b.Batches.Cancel(short, account, name, func(int) {})
	if err != nil && short.Err() != nil {
		if now, err := b.Batches.Show(ctx, account, name); err == nil && now.State == "cancelled" {
			return api.Batch(now), nil
		}
	}
	return api.Batch(one), err
}
