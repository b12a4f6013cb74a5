package gateway

import (
	"context"
	"time"

	"wxdispatch/internal/desk"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/standing"
)

// batches are whole batches as the API knows them: a call is not to last as long
// as clearing one may.
type batches struct {
	intake.Batches
	deeds desk.Deeds
}

// clearing is how long a call ends what waits of a batch that it cancelled; the
// workers do the rest.
const clearing = time.Second

// Pause keeps what waits where it is.
func (b batches) Pause(ctx context.Context, account, name, who string) (standing.Batch, error) {
	one, err := b.Batches.Pause(ctx, account, name)
	return one, b.noted(ctx, account, name, "batch_pause", who, err)
}

// Resume lets a paused one go on.
func (b batches) Resume(ctx context.Context, account, name, who string) (standing.Batch, error) {
	one, err := b.Batches.Resume(ctx, account, name)
	return one, b.noted(ctx, account, name, "batch_resume", who, err)
}

// Cancel stops one for good.
func (b batches) Cancel(ctx context.Context, account, name, who string) (standing.Batch, error) {
	one, err := b.stop(ctx, account, name)
	return one, b.noted(ctx, account, name, "batch_cancel", who, err)
}

// noted tells the account's log who did something that went well.
func (b batches) noted(ctx context.Context, account, name, what, who string, err error) error {
	if err == nil {
		b.deeds.Note(ctx, account, desk.Deed{What: what, Who: who, Words: "batch " + name})
	}
	return err
}

func (b batches) stop(ctx context.Context, account, name string) (standing.Batch, error) {
	short, cancel := context.WithTimeout(ctx, clearing)
	defer cancel()
	one, err := b.Batches.Cancel(short, account, name, func(int) {})
	if err != nil && short.Err() != nil {
		if now, err := b.Batches.Show(ctx, account, name); err == nil && now.State == "cancelled" {
			return now, nil
		}
	}
	return one, err
}
