package intake

import (
	"context"

	"wxdispatch/internal/message"
)

// Outcome is a stand-in.
type Outcome struct {
	Result
	Err error
}

// TakeMany is a stand-in.
func (i *Intake) TakeMany(ctx context.Context, messages []*message.Message) []Outcome {
	var all []Outcome
	for _, m := range messages {
		r, err := i.Take(ctx, m)
		all = append(all, Outcome{r, err})
	}
	return all
}
