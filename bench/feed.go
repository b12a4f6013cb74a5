package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	wxdispatch "wxdispatch"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// feedOrder is what the producer of a soak is told.
type feedOrder struct {
	Redis    string        `json:"redis"`
	Accounts int           `json:"accounts"`
	Messages int           `json:"messages"`
	For      time.Duration `json:"for_ns"`
	Ahead    int           `json:"ahead"` // messages that may wait
	Keep     time.Duration `json:"keep_ns"`
}

// fed is how far it came.
type fed struct {
	Handed  int     `json:"handed"`
	Refused int     `json:"refused"`
	Why     string  `json:"why,omitempty"` // the first refusal
	Done    bool    `json:"done"`
	Took    float64 `json:"took_s,omitempty"` // once it is done
	Fault   string  `json:"fault,omitempty"`  // why it ended early
}

// feed is an app that hands a soak's messages over with the Go client, at an even
// rate, and stands back while too many wait.
type feed struct {
	order  feedOrder
	cast   []actor
	redis  redis.UniversalClient
	client *wxdispatch.Client
	end    context.CancelFunc
	work   sync.WaitGroup

	handed, refused atomic.Int64
	why             atomic.Pointer[string]
	took            atomic.Int64 // nanoseconds; 0: not done
	fault           atomic.Pointer[string]
}

func newFeed(text []byte, _ io.Writer) (part, error) {
	f := &feed{}
	if err := json.Unmarshal(text, &f.order); err != nil {
		return nil, err
	}
	f.cast = castOf(f.order.Accounts)
	f.redis = redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{f.order.Redis}})
	var err error
	if f.client, err = wxdispatch.New(wxdispatch.Redis(f.redis, wxdispatch.WithTimes(week, f.order.Keep))); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.end = cancel
	begun := time.Now()
	f.work.Go(func() {
		if err := f.run(ctx); err != nil && ctx.Err() == nil {
			words := err.Error()
			f.fault.Store(&words)
		}
		f.took.Store(int64(time.Since(begun)))
	})
	return f, nil
}

// lump is how many messages are handed over at once at most, and beat how often.
const (
	lump = 500
	beat = 50 * time.Millisecond
)

// run hands over what is due, lump by lump. What was held up by the backlog is
// made up for as fast as that allows.
func (f *feed) run(ctx context.Context) error {
	begun, next := time.Now(), 0
	for next < f.order.Messages {
		due := int(float64(f.order.Messages) * float64(time.Since(begun)) / float64(f.order.For))
		n := min(due, f.order.Messages, next+lump)
		roomy, err := f.roomy(ctx)
		if err != nil {
			return err
		}
		if n == next || !roomy {
			if err := rest(ctx, beat); err != nil {
				return err
			}
			continue
		}
		if err := f.hand(ctx, next, n); err != nil {
			return err
		}
		next = n
		if n == due { // nothing more is due yet: let a few come together
			if err := rest(ctx, beat); err != nil {
				return err
			}
		}
	}
	return nil
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// roomy tells whether few enough messages wait.
func (f *feed) roomy(ctx context.Context) (bool, error) {
	n, err := waiting(ctx, f.redis, f.cast)
	return n < f.order.Ahead, err
}

// waiting is how many messages of all accounts wait.
func waiting(ctx context.Context, client redis.UniversalClient, cast []actor) (total int, err error) {
	pipe := client.Pipeline()
	for _, a := range cast {
		pipe.LLen(ctx, "asynq:{"+a.queue()+"}:pending")
	}
	answers, err := pipe.Exec(ctx)
	for _, answer := range answers {
		total += int(answer.(*redis.IntCmd).Val())
	}
	return total, err
}

// hand hands the messages from first to below end over; their permits come first.
func (f *feed) hand(ctx context.Context, first, end int) error {
	list := make([]*wxdispatch.Message, 0, end-first)
	grants := map[string][]wxdispatch.Grant{}
	for i := first; i < end; i++ {
		a := f.cast[i%len(f.cast)]
		m, err := a.message(i)
		if err != nil {
			return err
		}
		list = append(list, m)
		if a.kind == message.WXOpen {
			grants[a.Name] = append(grants[a.Name], a.grant(i, time.Now(), f.formLeft()))
		}
	}
	for name, some := range grants {
		if err := f.grant(ctx, name, some); err != nil {
			return err
		}
	}
	for _, err := range f.client.SendAll(ctx, slices.Values(list)) {
		if err == nil {
			f.handed.Add(1)
			continue
		}
		if fault.Is(err, fault.Unavailable) {
			return err
		}
		f.refused.Add(1)
		words := err.Error()
		f.why.CompareAndSwap(nil, &words)
	}
	return nil
}

// formLeft is how long a form is good: as long as a record is kept, and long
// enough for its message to be sent.
func (f *feed) formLeft() time.Duration { return max(f.order.Keep, 30*time.Second) }

func (f *feed) grant(ctx context.Context, account string, grants []wxdispatch.Grant) error {
	results, err := f.client.AddPermits(ctx, account, grants)
	for _, r := range results {
		err = errors.Join(err, r.Err)
	}
	return err
}

func (f *feed) answer(question string) (any, error) {
	if question != "far" {
		return nil, fmt.Errorf("%q is no question that the producer answers", question)
	}
	took := time.Duration(f.took.Load())
	out := fed{Done: took > 0, Took: took.Seconds(), Handed: int(f.handed.Load()), Refused: int(f.refused.Load())}
	if words := f.why.Load(); words != nil {
		out.Why = *words
	}
	if words := f.fault.Load(); words != nil {
		out.Fault = *words
	}
	return out, nil
}

func (f *feed) stop() error {
	f.end()
	f.work.Wait()
	f.client.Close()
	return f.redis.Close()
}
