package worker

import (
	"context"
	"log/slog"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/trace"
)

// follow ends traces with the receipts that are new: a span from the push until
// it is in the book, below that of the call. What cannot be asked, or came before
// the call was answered, is not followed.
func (r registrar) follow(ctx context.Context, receipts []ledger.Receipt, receptions []ledger.Reception) {
	if r.tracer == nil || len(receipts) == 0 {
		return
	}
	msgids := make([]string, len(receipts))
	for i, receipt := range receipts {
		msgids[i] = receipt.MsgID
	}
	traces, err := r.book.Traces(ctx, r.account, msgids)
	if err != nil {
		return
	}
	for i, receipt := range receipts {
		if traces[i] == "" || receptions[i] == ledger.Known {
			continue
		}
		_, span := r.tracer.StartAt(trace.Join(ctx, traces[i]), receipt.Came, "receipt", trace.Consumer,
			slog.String(trace.Account, r.account), slog.String(trace.State, string(receipt.State)), slog.String("wxdispatch.receipt", receipt.Word))
		span.End()
	}
}
