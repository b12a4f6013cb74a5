package desk

import (
	"context"
	"fmt"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// Doubts ends doubts in somebody's name, which is in the account's log then. A
// desk has one.
type Doubts struct {
	resolver intake.Resolver
	ends     intake.Ends
	deeds    Deeds
}

// Resolve ends one as intake.Resolver does, and notes it.
func (d Doubts) Resolve(ctx context.Context, account, id string, how ledger.Resolution, who string) (message.State, error) {
	state, err := d.resolver.Resolve(ctx, account, id, how)
	if err == nil {
		d.Note(ctx, account, how, who, 1)
	}
	return state, err
}

// A page of doubts has so many; when less than doubtsMargin is left of a call's
// time, no other is ended.
const (
	doubtsPage   = 500
	doubtsMargin = 5 * time.Second
)

// ResolveAll ends the doubts that the filter picks, the oldest first, until all
// are or ctx nears its end, and notes how many. each is told of every one, with
// why it was not ended, or nil. What comes to be a doubt after the filter's Until
// is not meant; without one, that is now: what is sent again and in doubt once
// more stays so. It answers whether some may be left. Class NotFound: nobody
// knows the account. Class Unavailable: Redis is away; what was told to each was
// done, and repeating the rest is harmless.
func (d Doubts) ResolveAll(ctx context.Context, account string, f ledger.Filter, how ledger.Resolution, who string, each func(id string, err error)) (more bool, err error) {
	f.State = message.InDoubt
	if f.Until.IsZero() {
		if f.Until, err = d.ends.Replayer.Clock(ctx); err != nil {
			return true, err
		}
	}
	ended := 0
	defer func() { d.Note(ctx, account, how, who, ended) }()
	one := func(id string) error {
		_, err := d.resolver.Resolve(ctx, account, id, how)
		if fault.Is(err, fault.Unavailable) {
			return err
		}
		if err == nil {
			ended++
		}
		each(id, err)
		return nil
	}
	page := ledger.EndsPage{More: true}
	for page.More {
		if page, err = d.ends.Page(ctx, account, f, page.Next, doubtsPage); err != nil {
			return true, err
		}
		for _, record := range page.Records {
			if nearsEnd(ctx) {
				return true, nil
			}
			if err := one(record.ID); err != nil {
				return true, err
			}
		}
	}
	return false, nil
}

func nearsEnd(ctx context.Context) bool {
	end, bounded := ctx.Deadline()
	return bounded && time.Until(end) < doubtsMargin
}

// Note tells the account's log that somebody ended n doubts; of none there is
// nothing to tell.
func (d Doubts) Note(ctx context.Context, account string, how ledger.Resolution, who string, n int) {
	if n > 0 {
		d.deeds.Note(ctx, account, Deed{What: "resolve", Reason: string(how), Who: who, Words: fmt.Sprintf("%d doubts", n)})
	}
}
