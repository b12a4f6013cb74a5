package intake

import (
	"context"
	"iter"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// exportPage is how many waiting messages one trip reads.
const exportPage = 500

// Export yields the messages of a batch, each with where it stands: first those
// that have a record, then those that only wait in the queue, as queued. Memory
// stays flat. Of a batch that still runs it is no picture of one moment: what
// goes on meanwhile may come as it was, or be left out. It stops at the first
// error; class NotFound: there is no such batch.
func (b Batches) Export(ctx context.Context, account, name string) iter.Seq2[*message.Record, error] {
	return func(yield func(*message.Record, error) bool) {
		if _, err := b.Accounts.Find(ctx, account); err != nil {
			yield(nil, err)
			return
		}
		batch, err := b.Book.Batch(ctx, account, name)
		if err != nil {
			yield(nil, err)
			return
		}
		for records, err := range b.Book.BatchRecords(ctx, batch, b.Now()) {
			if !each(records, err, yield) {
				return
			}
		}
		for records, err := range b.waiting(ctx, batch) {
			if !each(records, err, yield) {
				return
			}
		}
	}
}

func each(records []*message.Record, err error, yield func(*message.Record, error) bool) bool {
	if err != nil {
		yield(nil, err)
		return false
	}
	for _, record := range records {
		if !yield(record, nil) {
			return false
		}
	}
	return true
}

// waiting yields what waits for its first attempt.
func (b Batches) waiting(ctx context.Context, batch *ledger.Batch) iter.Seq2[[]*message.Record, error] {
	return func(yield func([]*message.Record, error) bool) {
		for _, lane := range batch.Lanes() {
			for _, state := range waitStates {
				for from := int64(0); ; from += exportPage {
					ids, err := b.Queues.Page(ctx, lane, state, from, exportPage)
					if err == nil && len(ids) == 0 {
						break
					}
					var records []*message.Record
					if err == nil {
						records, err = b.unknown(ctx, lane, ids)
					}
					if !yield(records, err) || err != nil {
						return
					}
				}
			}
		}
	}
}

// unknown returns those of some waiting messages that have no record, as
// queued.
func (b Batches) unknown(ctx context.Context, lane message.Lane, ids []string) ([]*message.Record, error) {
	known, err := b.Book.Records(ctx, lane.Account, ids)
	if err != nil {
		return nil, err
	}
	var fresh []string
	for i, record := range known {
		if record == nil {
			fresh = append(fresh, ids[i])
		}
	}
	jobs, err := b.Queues.HeldMany(ctx, lane, fresh)
	var records []*message.Record
	for _, job := range jobs {
		if job != nil {
			records = append(records, queued(*job))
		}
	}
	return records, err
}
