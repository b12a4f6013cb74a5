package worker

import (
	"context"
	"errors"
	"time"

	"wxdispatch/internal/admin"
	"wxdispatch/internal/lane"
	"wxdispatch/internal/ledger"
)

// overview tells the first page what the worker does.
type overview struct {
	worker *Worker
	queue  queues
	book   *ledger.Ledger
}

// Overview returns the accounts as they stand; what could not be looked at is
// left out.
func (o overview) Overview(ctx context.Context) ([]admin.Account, error) {
	var accounts []admin.Account
	var errs []error
	for _, a := range o.worker.fleet.all() {
		shown, err := o.account(ctx, a)
		accounts, errs = append(accounts, shown), append(errs, err)
	}
	return accounts, errors.Join(errs...)
}

func (o overview) account(ctx context.Context, a *account) (admin.Account, error) {
	cfg := a.cfg
	shown := admin.Account{Name: a.name, Type: cfg.Type, Rate: cfg.Rate}
	counts, err := o.book.Count(ctx, a.name)
	if err == nil {
		shown.Counted, shown.InDoubt, shown.Bad = true, counts.InDoubt, counts.Bad
	}
	parks, _, parksErr := o.book.Parks(ctx, a.name)
	errs := []error{err, parksErr}
	for _, l := range a.lanes {
		row := admin.Lane{Kind: l.Kind(), Queue: l.Queue()}
		row.State, row.Reason = standing(l, parks)
		if ctx.Err() == nil {
			row.Backlog, err = o.backlog(ctx, a.name, l)
			errs = append(errs, err)
		}
		shown.Lanes = append(shown.Lanes, row)
	}
	return shown, errors.Join(append(errs, ctx.Err())...)
}

// standing is what a lane does, and why it does not send.
func standing(l *lane.Lane, parks []ledger.Parked) (admin.State, string) {
	if l.Healthy() != nil {
		return admin.Failing, ""
	}
	for _, p := range parks {
		if p.Holds(l.Kind()) {
			return admin.Parked, why(p)
		}
	}
	return admin.Running, ""
}

// why is a park in short: its reason, a person's words and name, and when it ends
// or is tried.
func why(p ledger.Parked) string {
	text := p.Reason
	if p.Reason == ledger.Operator {
		text = p.Info.Words + " (" + p.Info.Who + ")"
	}
	switch {
	case !p.Until.IsZero():
		text += ", " + p.Until.Format(time.RFC3339)
	case !p.Next.IsZero():
		text += ", " + p.Next.Format(time.RFC3339)
	}
	return text
}

func (o overview) backlog(ctx context.Context, account string, l *lane.Lane) (admin.Backlog, error) {
	states, oldest, err := o.queue.Backlog(ctx, account, l.Kind())
	if err != nil {
		return admin.Backlog{}, err
	}
	return admin.Backlog{Known: true, Pending: states["pending"], Scheduled: states["scheduled"], Active: states["active"],
		Waiting: states["waiting"], Archived: states["archived"], Oldest: oldest}, nil
}
