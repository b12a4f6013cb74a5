package worker

import (
	"context"
	"fmt"
	"iter"
	"os"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/store"
	"wxdispatch/internal/sweep"
	"wxdispatch/internal/tasks"
)

// house is one account's book and queues, as its sweeper sees them.
type house struct {
	account  string
	book     *ledger.Ledger
	queue    *tasks.Queue
	requeue  intake.Requeuer
	resolver intake.Resolver
	keep     time.Duration
	host     string // this machine's, for the account's log
}

func newSweeper(a *account, cfg config.Account, g ground) *sweep.Sweeper {
	h := house{account: a.name, book: g.book, keep: g.cfg.Message.Keep}
	h.host, _ = os.Hostname()
	h.queue = tasks.NewQueue(g.redis, tasks.Durably(store.Replicated(g.redis, g.cfg.Redis.WaitReplicas)))
	h.requeue = intake.Requeuer{Contents: h.book, Queue: h.queue, Opener: intake.NewOpener(h.book, "worker"), Now: time.Now, Keep: h.keep}
	h.resolver = intake.Resolver{
		Lookup: intake.Lookup{Accounts: registry.New(g.redis), Book: h.book, Waiting: h.queue},
		Doubts: h.book, Requeue: h.requeue, By: "rule",
	}
	return sweep.New(sweep.Options{
		Account: a.name, Book: h.book, Tidier: h, Queue: taken{h.queue, a}, Lanes: a, Requeue: h,
		Keep: h.keep, After: cfg.InDoubt.After, Then: sweep.Then(cfg.InDoubt.Then), Now: g.now, Log: g.log,
	})
}

// taken is what the sweeper asks of the account's queues.
type taken struct {
	*tasks.Queue
	account *account
}

// Forsaken returns the running tasks of workers that gave no sign of life, of
// all lanes that may send.
func (t taken) Forsaken(ctx context.Context, _ string, silent time.Duration, most int64) (map[message.Lane][]string, error) {
	var lanes []message.Lane
	for _, kind := range t.account.cfg.Type.Kinds() {
		lanes = append(lanes, t.account.lanesOf(kind)...)
	}
	return t.Queue.Forsaken(ctx, lanes, silent, most)
}

// Handle hands a message to the dispatcher of its kind.
func (a *account) Handle(ctx context.Context, job message.Job) message.Verdict {
	return a.dispatchers[job.Message.Kind].Handle(ctx, job)
}

// Claim is the account's right to a piece of housekeeping.
func (h house) Claim(ctx context.Context, what string, d time.Duration) (bool, error) {
	return h.book.Claim(ctx, h.account, what, d)
}

// UnderWay joins the book's records under way, and the reservations that are
// old enough, with what the queues hold.
func (h house) UnderWay(ctx context.Context) iter.Seq2[[]sweep.Standing, error] {
	return func(yield func([]sweep.Standing, error) bool) {
		for ids, err := range h.book.UnderWay(ctx, h.account) {
			var page []sweep.Standing
			if err == nil {
				page, err = h.standings(ctx, ids)
			}
			if !yield(page, err) || err != nil {
				return
			}
		}
		for ids, err := range h.book.Reserved(ctx, h.account) {
			var page []sweep.Standing
			if err == nil {
				page, err = h.reserved(ctx, ids)
			}
			if !yield(page, err) || err != nil {
				return
			}
		}
	}
}

// reserved are the standings of reservations; those whose tasks are there are
// left alone for a while.
func (h house) reserved(ctx context.Context, ids []string) ([]sweep.Standing, error) {
	page, err := h.standings(ctx, ids)
	var there []string
	for _, standing := range page {
		if standing.Live || standing.Archived {
			there = append(there, standing.Record.ID)
		}
	}
	if err != nil || len(there) == 0 {
		return page, err
	}
	return page, h.book.LookAgain(ctx, h.account, there)
}

func (h house) standings(ctx context.Context, ids []string) ([]sweep.Standing, error) {
	records, err := h.book.Records(ctx, h.account, ids)
	if err != nil {
		return nil, err
	}
	byLane := map[message.Lane][]*message.Record{}
	for _, record := range records {
		if record != nil && !record.State.Final() {
			byLane[record.Lane()] = append(byLane[record.Lane()], record)
		}
	}
	var page []sweep.Standing
	for lane, records := range byLane {
		of := make([]string, len(records))
		for i, record := range records {
			of[i] = record.ID
		}
		presences, err := h.queue.Presences(ctx, lane, of)
		if err != nil {
			return nil, err
		}
		for i, presence := range presences {
			page = append(page, sweep.Standing{Record: records[i], Live: presence == tasks.Live, Archived: presence == tasks.Archived})
		}
	}
	return page, h.kept(ctx, page)
}

// kept notes of messages without a task whether their content is kept.
func (h house) kept(ctx context.Context, page []sweep.Standing) error {
	for i, standing := range page {
		if standing.Live {
			continue
		}
		_, err := h.book.Payload(ctx, h.account, standing.Record.ID)
		if fault.Is(err, fault.Unavailable) {
			return err
		}
		page[i].Kept = err == nil
	}
	return nil
}

// Settle carries out what the sweeper decided.
func (h house) Settle(ctx context.Context, record *message.Record, do sweep.Action) error {
	switch do {
	case sweep.Revive:
		_, err := h.queue.Revive(ctx, record.Lane(), record.ID)
		return err
	case sweep.PutBack:
		return h.putBack(ctx, record)
	}
	_, err := h.book.Abandon(ctx, h.account, record.ID, h.keep)
	return err
}

// putBack puts a message into its queue from its kept content. Where that is
// gone meanwhile, the next look finds its task, or neither.
// One whose batch was cancelled meanwhile ends with it.
func (h house) putBack(ctx context.Context, record *message.Record) error {
	_, err := h.requeue.Requeue(ctx, h.account, record.ID)
	if record.Batch != "" && fault.Is(err, fault.Conflict) {
		_, err = h.book.Abandon(ctx, h.account, record.ID, h.keep)
	}
	return err
}

// Doubts returns messages that have been in doubt for longer than after.
func (h house) Doubts(ctx context.Context, after time.Duration, most int64) ([]string, error) {
	return h.book.DoubtsBefore(ctx, h.account, after, most)
}

// End ends a doubt as the account's rule says. What cannot be sent again, since
// its content is gone or its time is over, stays a doubt.
func (h house) End(ctx context.Context, id string, then sweep.Then) (bool, error) {
	_, err := h.resolver.Resolve(ctx, h.account, id, ledger.Resolution(then))
	switch fault.ClassOf(err) {
	case fault.NotFound, fault.Invalid, fault.Conflict:
		return false, nil
	}
	return err == nil, err
}

// Ended tells the account's log what its rule did. What cannot be noted was done
// all the same.
func (h house) Ended(ctx context.Context, n int, then sweep.Then) {
	info := ledger.ParkInfo{By: "rule", Words: fmt.Sprintf("%d doubts", n), Host: h.host}
	_ = h.book.Note(context.WithoutCancel(ctx), h.account, "resolve", "*", string(then), info)
}
