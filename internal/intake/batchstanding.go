package intake

import (
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
	"wxdispatch/internal/tasks"
)

func standingOf(b *ledger.Batch, backlogs []tasks.Backlog) standing.Batch {
	s := standing.Batch{
		Name: b.Name, Account: b.Account, State: string(b.State), Kinds: b.Kinds, CreatedAt: b.CreatedAt, By: b.By,
		Rate: b.Rate, IgnoreQuiet: b.IgnoreQuiet, Rows: b.Rows, RowsRefused: b.Refused,
		Loading: b.Loading && time.Now().Before(b.Expected), // a minute's difference of clocks does no harm
		Ended:   b.Ended, Accepted: b.Ended[message.Accepted], Delivered: b.Ended[message.Delivered],
		PermitsMissing: b.Ended[message.Unpermitted], DoneAt: b.DoneAt,
	}
	for _, backlog := range backlogs {
		s.Queued += backlog.Waits()
	}
	s.Total = s.Queued + b.Ends()
	if s.Queued > 0 {
		s.DoneAt = time.Time{}
	}
	if s.Done() && b.State != ledger.BatchCancelled {
		s.State = standing.BatchDone
	}
	return s
}
