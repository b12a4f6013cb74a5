package ledger

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// expectMore is how long a batch is not done after a word of whoever brings it
// that more comes.
const expectMore = time.Minute

// OpenFor is how long more is expected of a batch after OpenBatch: whoever puts
// messages into one opens it that often.
const OpenFor = 3 * time.Second

// BatchOptions are what whoever brings a batch says of it.
type BatchOptions struct {
	Rate        float64 // its own rate, messages a second; 0: the account's alone
	IgnoreQuiet bool    // it goes in quiet hours, too
	By          string  // who brings it, a word
	// Loading: it is brought as a whole; NoteBatch tells how far it is, within
	// a minute each time, and until then it is not done.
	Loading bool
}

// OpenBatch makes a batch known before a message of that kind is put into its
// queue; doing so again changes nothing, but that a batch which was done goes
// on. Rate and quiet hours are those of the last who is Loading. It answers the
// batch's state: a cancelled one takes nothing more.
func (l *Ledger) OpenBatch(ctx context.Context, account, name string, kind message.Kind, o BatchOptions) (BatchState, error) {
	rate, more := "", OpenFor.Milliseconds()
	if o.Rate > 0 {
		rate = strconv.FormatFloat(o.Rate, 'g', -1, 64)
	}
	if o.Loading {
		more = expectMore.Milliseconds()
	}
	answer, err := l.runAlone(ctx, "ledger.batch", batchOpenScript, []string{keys.Batch(account, name), keys.Batches(account)},
		name, string(kind), clip(o.By), flag(o.Loading), rate, flag(o.IgnoreQuiet), more)
	if err != nil {
		return "", err
	}
	r := reader{op: "ledger.batch", values: answer}
	state := BatchState(r.text())
	return state, r.err
}

// TurnBatch pauses, resumes or cancels a batch and answers whether that
// changed it, and its state now. A cancelled one stays so. Class NotFound:
// there is no such batch.
func (l *Ledger) TurnBatch(ctx context.Context, account, name string, to BatchState) (changed bool, now BatchState, err error) {
	answer, err := l.runAlone(ctx, "ledger.batch", batchTurnScript, []string{keys.Batch(account, name)}, string(to))
	if err != nil {
		return false, "", err
	}
	r := reader{op: "ledger.batch", values: answer}
	changed, now = r.number() == 1, BatchState(r.text())
	if r.err == nil && now == "" {
		return false, "", noBatch(account, name)
	}
	return changed, now, r.err
}

// NoteBatch tells how many rows of a batch were read and refused so far, and
// whether these are all. Class NotFound: there is no such batch.
func (l *Ledger) NoteBatch(ctx context.Context, account, name string, rows, refused int, whole bool) error {
	state, err := batchNoteScript.Run(ctx, l.redis, []string{keys.Batch(account, name)}, rows, refused, flag(whole), expectMore.Milliseconds()).Text()
	if err != nil {
		return unavailable("ledger.batch", err)
	}
	if state == "" {
		return noBatch(account, name)
	}
	return nil
}

// StandBatch writes down whether anything of a batch waits: one that nothing
// waits of, and no more is expected of, is done and lives keep from then. It
// answers whether that is new.
func (l *Ledger) StandBatch(ctx context.Context, account, name string, waits bool, keep time.Duration) (bool, error) {
	n, err := batchStandScript.Run(ctx, l.redis, []string{keys.Batch(account, name)}, flag(waits), keep.Milliseconds()).Int()
	if err != nil {
		return false, unavailable("ledger.batch", err)
	}
	return n == 1, nil
}

// Batch returns one batch; class NotFound when nobody knows it.
func (l *Ledger) Batch(ctx context.Context, account, name string) (*Batch, error) {
	fields, err := l.redis.HGetAll(ctx, keys.Batch(account, name)).Result()
	if err != nil {
		return nil, unavailable("ledger.batch", err)
	}
	if fields["s"] == "" {
		return nil, noBatch(account, name)
	}
	return readBatch(account, name, fields), nil
}

// Batches returns an account's batches, the oldest first, and the names of
// those whose keep is over, which ForgetBatch takes off the list; two trips.
func (l *Ledger) Batches(ctx context.Context, account string) (known []*Batch, over []string, err error) {
	names, err := l.redis.ZRange(ctx, keys.Batches(account), 0, -1).Result()
	if err != nil {
		return nil, nil, unavailable("ledger.batches", err)
	}
	for some := range slices.Chunk(names, page) {
		pipe := l.redis.Pipeline()
		answers := make([]*redis.MapStringStringCmd, len(some))
		for i, name := range some {
			answers[i] = pipe.HGetAll(ctx, keys.Batch(account, name))
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return nil, nil, unavailable("ledger.batches", err)
		}
		for i, answer := range answers {
			if fields := answer.Val(); fields["s"] != "" {
				known = append(known, readBatch(account, some[i], fields))
			} else {
				over = append(over, some[i])
			}
		}
	}
	return known, over, nil
}

// BatchLanes returns where messages of an account's batches may wait.
func (l *Ledger) BatchLanes(ctx context.Context, account string) ([]message.Lane, error) {
	known, _, err := l.Batches(ctx, account)
	if err != nil {
		return nil, err
	}
	var lanes []message.Lane
	for _, b := range known {
		lanes = append(lanes, b.Lanes()...)
	}
	return lanes, nil
}

// ForgetBatch takes a batch whose keep is over off the list, unless somebody
// has opened it again.
func (l *Ledger) ForgetBatch(ctx context.Context, account, name string) error {
	places := []string{keys.Batch(account, name), keys.Batches(account), keys.BatchPace(account, name)}
	if err := batchForgetScript.Run(ctx, l.redis, places, name).Err(); err != nil {
		return unavailable("ledger.batch", err)
	}
	return nil
}

func noBatch(account, name string) error {
	return &fault.Error{Op: "ledger.batch", Class: fault.NotFound,
		Message: "account " + account + " has no batch " + name + ": none was ever brought, or it was done longer ago than message.keep; enqueue batch list " + account + " tells those that are there"}
}
