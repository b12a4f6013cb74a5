package operator

import (
	"context"
	"fmt"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// ParkTemplate has a template of an account take nothing until UnparkTemplate:
// what is handed over is refused, what waits ends as refused when its turn comes.
// It answers false where that was so already. Errors: NotFound, Invalid,
// Unavailable.
func (o Operator) ParkTemplate(ctx context.Context, account, template, reason, who string) (bool, error) {
	if err := o.templated(ctx, account, template); err != nil {
		return false, err
	}
	if n := len(reason); n == 0 || n > mostReason {
		return false, fault.InvalidFields("operator.template", []fault.Field{{Path: "reason",
			Message: fmt.Sprintf("has %d bytes; say in 1 to %d why, for whoever finds the template parked", n, mostReason)}})
	}
	return o.Book.ParkTemplate(ctx, account, template, ledger.ParkInfo{By: "operator", Who: who, Words: reason})
}

// UnparkTemplate ends that, WeChat's ban, too; what it still bans it parks again
// at its next answer. It answers false where nothing was parked. Errors as
// ParkTemplate's.
func (o Operator) UnparkTemplate(ctx context.Context, account, template, who string) (bool, error) {
	if err := o.templated(ctx, account, template); err != nil {
		return false, err
	}
	return o.Book.UnparkTemplate(ctx, account, template, ledger.ParkInfo{By: "operator", Who: who})
}

func (o Operator) templated(ctx context.Context, account, template string) error {
	if _, err := o.Accounts.Find(ctx, account); err != nil {
		return err
	}
	if words := message.TokenComplaint(template); words != "" {
		return fault.InvalidFields("operator.template", []fault.Field{{Path: "template_id", Message: words}})
	}
	return nil
}
