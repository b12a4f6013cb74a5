package gateway

import (
	"context"
	"time"

	"wxdispatch/internal/intake"
	"wxdispatch/internal/standing"
)

// batches are whole batches as the API knows them: a call is not to last as long
// as clearing one may.
type batches struct{ intake.Batches }

// clearing is how long a call ends what waits of a batch that it cancelled; the
// workers do the rest.
const clearing = time.Second

// Cancel stops one for good.
func (b batches) Cancel(ctx context.Context, account, name string) (standing.Batch, error) {
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
