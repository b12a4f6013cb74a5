package operator

import (
	"context"
	"fmt"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// A rate's bounds are the configuration's.
const (
	lowestRate  = 0.2
	highestRate = 5000
)

// Change is what an operator sets over the configuration, for all workers.
type Change struct {
	Rate   float64              // messages a second; 0: as it is
	Quotas map[message.Kind]int // messages a day; a kind that is absent: as it is
	Reset  bool                 // the configuration gets its word back; nothing else may be set
	Until  time.Time            // zero: until it is reset
}

// Set carries a change out. Workers follow within a second. Errors: NotFound,
// Invalid with every mistake, Unavailable (it may have been carried out: repeat
// it).
func (o Operator) Set(ctx context.Context, account string, c Change, who string, now time.Time) error {
	a, err := o.Accounts.Find(ctx, account)
	if err != nil {
		return err
	}
	if err := o.judge(c, a.Type, now); err != nil {
		return err
	}
	info := ledger.ParkInfo{By: "operator", Who: who}
	if c.Reset {
		if err := o.Rates.Clear(ctx, account); err != nil {
			return err
		}
		return o.Book.ResetQuotas(ctx, account, info)
	}
	for _, kind := range message.Kinds() {
		if most, set := c.Quotas[kind]; set {
			info.Words = fmt.Sprintf("%d a day", most) + until(c.Until)
			if err := o.Book.SetQuota(ctx, account, kind, most, c.Until, info); err != nil {
				return err
			}
		}
	}
	if c.Rate == 0 {
		return nil
	}
	if err := o.Rates.Set(ctx, account, c.Rate, c.Until); err != nil {
		return err
	}
	info.Words = fmt.Sprintf("%v a second", c.Rate) + until(c.Until)
	return o.Book.Note(ctx, account, "set", "*", "rate", info)
}

func (o Operator) judge(c Change, t message.AccountType, now time.Time) error {
	var wrong []fault.Field
	complain := func(path, format string, args ...any) {
		wrong = append(wrong, fault.Field{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	switch set := c.Rate != 0 || len(c.Quotas) > 0; {
	case c.Reset && set:
		complain("reset", "stands beside what is set; give one of the two")
	case !c.Reset && !set:
		complain("", "nothing is set; give a rate, a quota, or reset")
	}
	if c.Rate != 0 && !(c.Rate >= lowestRate && c.Rate <= highestRate) {
		complain("rate", "found %v; write %v to %v messages a second", c.Rate, lowestRate, highestRate)
	}
	for kind, most := range c.Quotas {
		switch {
		case !t.Sends(kind):
			complain("quota."+string(kind), "an account of type %s does not send this kind; it sends %v", t, t.Kinds())
		case most < 0:
			complain("quota."+string(kind), "found %d; write how many messages may go a day, 0 for none", most)
		}
	}
	if !c.Until.IsZero() && !c.Until.After(now) {
		complain("for", "is over already; give a time to come, or leave it out")
	}
	return fault.InvalidFields("operator.set", wrong)
}

func until(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return " until " + t.Format(time.RFC3339)
}
