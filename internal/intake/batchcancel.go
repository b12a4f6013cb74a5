package intake

import (
	"context"
	"iter"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
)

// BatchEnds ends messages of batches, and tells how they ended.
type BatchEnds interface {
	// CancelMany stops messages that no run holds, in one trip, each answered in
	// its place. Class Unavailable: some may be stopped; cancel them again.
	CancelMany(ctx context.Context, account string, jobs []message.Job, deadlines []time.Time, keep time.Duration) ([]ledger.Change, error)
	// KeepPayload keeps a message's content; repeating it changes nothing.
	KeepPayload(ctx context.Context, m *message.Message, keep time.Duration) error
	Scans
}

// BatchTasks reads and takes away what waits in a queue, a page at a time.
type BatchTasks interface {
	// Page returns ids that wait in a state of a task (pending, scheduled, retry), from a place on.
	Page(ctx context.Context, lane message.Lane, state string, from, n int64) ([]string, error)
	// HeldMany returns what tasks carry, nil where a task is gone or carries no
	// message.
	HeldMany(ctx context.Context, lane message.Lane, ids []string) ([]*message.Job, error)
	// TakeOff takes tasks off that wait; a running one stays.
	TakeOff(ctx context.Context, lane message.Lane, ids []string) (int, error)
}

// cancelPage is how many messages one trip ends.
const cancelPage = 200

// waitStates are the states of tasks that wait.
var waitStates = [...]string{"pending", "scheduled", "retry"}

// Cancel stops a batch for good: from this moment nothing of it is sent, and
// each message that waits ends as cancelled, a page at a time; told hears how
// many so far. What is being sent right now comes to its end, and what may have
// arrived ends in doubt. When it is cut off, a worker does the rest; it may be
// repeated.
func (b Batches) Cancel(ctx context.Context, account, name string, told func(ended int)) (standing.Batch, error) {
	if _, err := b.turn(ctx, account, name, ledger.BatchCancelled); err != nil {
		return standing.Batch{}, err
	}
	batch, err := b.Book.Batch(ctx, account, name)
	if err != nil {
		return standing.Batch{}, err
	}
	if _, err := b.Clear(ctx, batch, told); err != nil {
		return standing.Batch{}, err
	}
	return b.Show(ctx, account, name)
}

// Clear ends what waits of a batch that was cancelled, until nothing does or
// ctx ends. It answers how many messages it ended. Any number of callers may do
// it at once.
func (b Batches) Clear(ctx context.Context, batch *ledger.Batch, told func(ended int)) (ended int, err error) {
	for _, lane := range batch.Lanes() {
		for _, state := range waitStates {
			n, err := b.clear(ctx, lane, state, func(n int) { told(ended + n) })
			ended += n
			if err != nil {
				return ended, err
			}
		}
	}
	return ended, nil
}

func (b Batches) clear(ctx context.Context, lane message.Lane, state string, told func(int)) (ended int, err error) {
	left := int64(0) // places of those that stay
	for {
		ids, err := b.Queues.Page(ctx, lane, state, left, cancelPage)
		if err != nil || len(ids) == 0 {
			return ended, err
		}
		over, n, err := b.stop(ctx, lane, ids)
		if err != nil {
			return ended, err
		}
		if _, err := b.Queues.TakeOff(ctx, lane, over); err != nil {
			return ended, err
		}
		left += int64(len(ids) - len(over))
		ended += n
		told(ended)
	}
}

// stop ends messages and returns those whose tasks have nothing left to do, and
// how many it ended.
func (b Batches) stop(ctx context.Context, lane message.Lane, ids []string) (over []string, ended int, err error) {
	held, err := b.Queues.HeldMany(ctx, lane, ids)
	if err != nil {
		return nil, 0, err
	}
	var jobs []message.Job
	var deadlines []time.Time
	for i, job := range held {
		if job == nil || job.Message.Lane() != lane { // gone, or no message of this batch
			over = append(over, ids[i])
			continue
		}
		jobs = append(jobs, *job)
		deadlines = append(deadlines, job.Message.Deadline(job.Created, b.MaxAge))
	}
	changes, err := b.Book.CancelMany(ctx, lane.Account, jobs, deadlines, b.Keep)
	if err != nil {
		return nil, 0, err
	}
	for i, change := range changes {
		if !change.State.Final() {
			continue // being sent: its run settles it
		}
		if change.State.Bad() { // a person may yet send it again
			if err := b.Book.KeepPayload(ctx, jobs[i].Message, b.Keep); err != nil {
				return nil, 0, err
			}
		}
		if change.Changed {
			ended++
		}
		over = append(over, jobs[i].Message.ID)
	}
	return over, ended, nil
}

// Scans reads the records of a batch.
type Scans interface {
	// BatchRecords yields the records of a batch's messages, a page at a time.
	BatchRecords(ctx context.Context, batch *ledger.Batch, now time.Time) iter.Seq2[[]*message.Record, error]
	// Records returns the records of ids, nil where there is none.
	Records(ctx context.Context, account string, ids []string) ([]*message.Record, error)
}
