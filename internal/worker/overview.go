package worker

import (
	"context"
	"errors"

	"wxdispatch/internal/admin"
	"wxdispatch/internal/desk"
	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
)

// overview tells the first page what the worker does.
type overview struct {
	worker *Worker
	desk   *desk.Desk
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
	shown := admin.Account{Account: standing.Account{Name: a.name, Type: a.cfg.Type}, Failing: map[message.Kind]bool{}}
	for _, l := range a.lanes {
		shown.Failing[l.Kind()] = l.Healthy() != nil
	}
	if ctx.Err() != nil {
		return shown, ctx.Err()
	}
	now, err := o.desk.Operator.Show(ctx, a.name)
	if err == nil {
		shown.Account, shown.Known = now, true
	}
	counts, countErr := o.desk.Book.Count(ctx, a.name)
	if countErr == nil {
		shown.Counted, shown.InDoubt, shown.Bad = true, counts.InDoubt, counts.Bad
	}
	var batchErr error
	shown.Batches, batchErr = o.desk.Batches.List(ctx, a.name)
	return shown, errors.Join(err, countErr, batchErr)
}
