package gateway

import (
	"context"
	"fmt"
	"time"

	"wxdispatch/internal/api"
	"wxdispatch/internal/desk"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/operator"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/trace"
)

// door is the intake as the API knows it.
type door struct {
	one  Taker
	many TakerOfMany
}

// newDoor is the intake, followed where traces are on.
func newDoor(i *intake.Intake, t *trace.Tracer) door {
	together := intake.NewTogether(i, longest)
	if t == nil {
		return door{together, i}
	}
	return door{Followed{together, t}, FollowedMany{i, t}}
}

// Take brings a message into its queue.
func (d door) Take(ctx context.Context, m *message.Message) (api.Taken, error) {
	result, err := d.one.Take(ctx, m)
	return api.Taken(result), err
}

// TakeMany brings messages into their queues.
func (d door) TakeMany(ctx context.Context, messages []*message.Message) []api.Outcome {
	outcomes := make([]api.Outcome, len(messages))
	for i, o := range d.many.TakeMany(ctx, messages) {
		outcomes[i] = api.Outcome{Taken: api.Taken(o.Result), Err: o.Err}
	}
	return outcomes
}

// records are what is known of messages, by id and by user.
type records struct {
	intake.Lookup
	intake.Finder
}

// changes stop messages and end doubts.
type changes struct {
	intake.Canceller
	desk.Doubts
}

// ends are what ended badly, as the API knows it.
type ends struct {
	intake.Ends
	deeds desk.Deeds
}

// Replay sends a page of bad ends again and notes in the account's log who did.
func (e ends) Replay(ctx context.Context, account string, f ledger.Filter, from api.ReplayFrom, most int, who string) (api.ReplayPage, error) {
	page, err := e.Ends.Replay(ctx, account, f, intake.ReplayFrom(from), most)
	e.note(ctx, account, page.Results, who)
	return api.ReplayPage{Results: replayed(page.Results), Doubts: page.Doubts, Next: api.ReplayFrom(page.Next), More: page.More}, err
}

// ReplayIDs sends messages again by their ids and notes in the account's log who
// did.
func (e ends) ReplayIDs(ctx context.Context, account string, ids []string, who string) ([]api.Replayed, error) {
	results, err := e.Ends.ReplayIDs(ctx, account, ids)
	e.note(ctx, account, results, who)
	return replayed(results), err
}

func (e ends) note(ctx context.Context, account string, results []intake.Replayed, who string) {
	n := 0
	for _, r := range results {
		if r.Err == nil {
			n++
		}
	}
	if n > 0 {
		e.deeds.Note(ctx, account, desk.Deed{What: "replay", Who: who, Words: fmt.Sprintf("%d messages", n)})
	}
}

func replayed(results []intake.Replayed) []api.Replayed {
	told := make([]api.Replayed, len(results))
	for i, r := range results {
		told[i] = api.Replayed(r)
	}
	return told
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
type hands struct{ operator.Hands }

// Set sets rate and quotas.
func (h hands) Set(ctx context.Context, account string, c api.AccountChange, who string) error {
	return h.Operator.Set(ctx, account, operator.Change{Rate: c.Rate, Quotas: c.Quota, Reset: c.Reset, Until: c.Until}, who, time.Now())
}
